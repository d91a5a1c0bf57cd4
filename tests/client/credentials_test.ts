/**
 * Who logs in, and from where the password comes.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run as list } from "../../client/ls_command.ts";
import { clientOptions } from "../../client/client_options.ts";
import { Credentials } from "../../client/credentials.ts";
import { parseLocation, type RemoteLocation } from "../../client/location.ts";
import { AuthError, LocalFileError, UsageError } from "../../shared/errors.ts";
import { tempFolder } from "../support/files.ts";
import { ScriptedServer } from "../support/scripted_peer.ts";
import { parsedOptions } from "./client_arguments.ts";
import { exchange, type TestIo, testIo, type TestIoOptions } from "./dialogue.ts";

interface Way {
  readonly args?: readonly string[];
  readonly io?: TestIoOptions;
}

function credentialsOf(args: readonly string[], io: TestIo): Credentials {
  return new Credentials(clientOptions(parsedOptions(args)), io);
}

function remote(place: string): RemoteLocation {
  const location = parseLocation(place);
  if (location.kind !== "remote") throw new Error("a test's own mistake");
  return location;
}

async function loginOf(place: string, way: Way = {}): Promise<string> {
  const credentials = credentialsOf(way.args ?? ["--no-netrc"], testIo(way.io));
  const { user, password } = await credentials.login(remote(place));
  return `${user} ${(await password()).reveal()}`;
}

Deno.test("Credentials: anonymous where nothing is said, without FTPKIT_PASSWORD", async () => {
  assertEquals(await loginOf("host:"), "anonymous anonymous@");
  const io = { env: { FTPKIT_PASSWORD: "secret" } };
  assertEquals(await loginOf("host:", { io }), "anonymous anonymous@");
});

Deno.test("Credentials: -u comes before the place, the place before FTPKIT_USER", async () => {
  const io = { env: { FTPKIT_USER: "env", FTPKIT_PASSWORD: "p" } };
  assertEquals(await loginOf("host:", { io }), "env p");
  assertEquals(await loginOf("place@host:", { io }), "place p");
  assertEquals(await loginOf("place@host:", { io, args: ["-u", "opt", "--no-netrc"] }), "opt p");
});

Deno.test("Credentials: the password of the place comes before FTPKIT_PASSWORD", async () => {
  const io = { env: { FTPKIT_PASSWORD: "p" } };
  assertEquals(await loginOf("ftp://u:own@host/", { io }), "u own");
  assertEquals(await loginOf("ftp://u:@host/", { io }), "u ");
});

Deno.test("Credentials: --password-file gives its first line, - that of standard input", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "password");
  await Deno.writeTextFile(file, "first line\r\nsecond\n");
  const args = ["--no-netrc", "--password-file"];
  assertEquals(await loginOf("u@host:", { args: [...args, file] }), "u first line");
  assertEquals(await loginOf("ftp://u:own@host/", { args: [...args, file] }), "u first line");
  const io = { stdin: "typed\nmore" };
  assertEquals(await loginOf("u@host:", { args: [...args, "-"], io }), "u typed");
  const missing = ["--no-netrc", "--password-file", join(folder.path, "none")];
  await assertRejects(() => loginOf("u@host:", { args: missing }), LocalFileError);
});

Deno.test("Credentials: netrc knows users and passwords", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, ".netrc");
  await Deno.writeTextFile(
    file,
    "machine host login n password np\nmachine host login m password mp",
  );
  const args = ["--netrc", file];
  assertEquals(await loginOf("host:", { args }), "n np");
  assertEquals(await loginOf("m@host:", { args }), "m mp");
  const io = { env: { HOME: folder.path } };
  assertEquals(await loginOf("host:", { args: [], io }), "n np");
  assertEquals(await loginOf("host:", { io }), "anonymous anonymous@");
});

Deno.test("Credentials: only a netrc that was named has to be there", async () => {
  assertEquals(await loginOf("host:", { args: [] }), "anonymous anonymous@");
  const io = { env: { HOME: "/nonexistent" } };
  assertEquals(await loginOf("host:", { args: [], io }), "anonymous anonymous@");
  const failed = await assertRejects(
    () => loginOf("host:", { args: ["--netrc", "/nonexistent"] }),
    LocalFileError,
  );
  assertStringIncludes(failed.message, 'Cannot read the logins in "/nonexistent": ');
});

Deno.test("Credentials: asks on a terminal; without one, the login is refused", async () => {
  assertEquals(await loginOf("u@host:", { io: { secret: "typed" } }), "u typed");
  const failed = await assertRejects(() => loginOf("u@host:"), AuthError);
  assertStringIncludes(failed.message, "Cannot log in as u@host: a password is needed");
});

Deno.test("Credentials: CR, LF and NUL never reach the wire", async () => {
  await assertRejects(() => loginOf("host:", { args: ["--no-netrc", "-u", "a\nb"] }), UsageError);
  const io = { env: { FTPKIT_PASSWORD: "p\rDELE x" } };
  await assertRejects(() => loginOf("u@host:", { io }), UsageError);
});

Deno.test("Credentials: several sessions at once ask once", async () => {
  let questions = 0;
  const answer = Promise.withResolvers<string>();
  const askSecret = (): Promise<string> => {
    questions++;
    return answer.promise;
  };
  const credentials = credentialsOf(["--no-netrc"], { ...testIo(), askSecret });
  const logins = ["u@host:a", "u@host:b"].map((place) => credentials.login(remote(place)));
  const passwords = (await Promise.all(logins)).map((login) => login.password());
  answer.resolve("typed");
  assertEquals((await Promise.all(passwords)).map((secret) => secret.reveal()), ["typed", "typed"]);
  assertEquals(questions, 1);
});

Deno.test("Credentials: the account is netrc's, for its login alone", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, ".netrc");
  await Deno.writeTextFile(file, "machine host login n password p account a", { mode: 0o600 });
  const accountOf = async (place: string): Promise<string | undefined> => {
    const credentials = credentialsOf(["--netrc", file], testIo());
    return (await credentials.login(remote(place))).account?.reveal();
  };
  assertEquals(await accountOf("host:"), "a");
  assertEquals(await accountOf("other@host:"), undefined);
});

/** What is said when two sessions take their password from a netrc of such rights. */
async function warningsOf(mode: number, ...args: readonly string[]): Promise<string> {
  await using folder = await tempFolder();
  const path = join(folder.path, "net\x1brc");
  await Deno.writeTextFile(path, "machine host login n password p");
  await Deno.chmod(path, mode);
  const io = testIo();
  const credentials = credentialsOf(["--netrc", path, ...args], io);
  for (const place of ["host:", "other:", "host:"]) {
    await (await credentials.login(remote(place))).password();
  }
  return io.stderrText.replace(folder.path, "");
}

Deno.test("Credentials: a netrc with passwords that is open to others is told once", async () => {
  const warning =
    'ftpkit: warning: "/net\\x1brc" with its passwords is open to others (chmod 600)\n';
  for (const mode of [0o644, 0o640, 0o622]) assertEquals(await warningsOf(mode), warning);
  assertEquals(await warningsOf(0o600), "");
  assertEquals(await warningsOf(0o644, "-q"), "");
});

Deno.test("Credentials: nothing is told of a netrc whose passwords are not used", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, ".netrc");
  await Deno.writeTextFile(file, "machine host login n password p");
  await Deno.chmod(file, 0o644);
  const io = testIo({ env: { FTPKIT_PASSWORD: "own" } });
  const { password } = await credentialsOf(["--netrc", file], io).login(remote("host:"));
  assertEquals([(await password()).reveal(), io.stderrText], ["own", ""]);
});

interface Source {
  readonly what: string;
  readonly place?: string;
  readonly io?: TestIoOptions;
  /** In a folder where `password` and `netrc` hold the secrets. */
  readonly args?: (folder: string) => readonly string[];
}

const SOURCES: readonly Source[] = [
  { what: "a URL", place: "ftp://u:hidden%20horse@127.0.0.1/" },
  { what: "FTPKIT_PASSWORD", io: { env: { FTPKIT_PASSWORD: "hidden horse" } } },
  { what: "--password-file", args: (folder) => ["--password-file", join(folder, "password")] },
  { what: "standard input", args: () => ["--password-file", "-"], io: { stdin: "hidden horse\n" } },
  { what: "netrc", args: (folder) => ["--netrc", join(folder, "netrc")] },
  { what: "the terminal", io: { secret: "hidden horse" } },
];

for (const { what, place = "u@127.0.0.1:", io = {}, args } of SOURCES) {
  Deno.test(`Credentials: a password of ${what} is sent, and told nowhere`, async () => {
    await using folder = await tempFolder();
    await Deno.writeTextFile(join(folder.path, "password"), "hidden horse\n");
    const netrc = join(folder.path, "netrc");
    await Deno.writeTextFile(
      netrc,
      'machine 127.0.0.1 login u password "hidden horse" account "hidden account"',
    );
    const hasAccount = what === "netrc";
    await using server = new ScriptedServer(async (control) => {
      await control.sendLines("220 hello");
      await exchange(control, "USER u", "331 password?");
      await exchange(control, "PASS hidden horse", hasAccount ? "332 account?" : "530 not you");
      if (hasAccount) await exchange(control, "ACCT hidden account", "530 not you");
    });
    const options = testIo(io);
    const own = args?.(folder.path) ?? [];
    const more = own.includes("--netrc") ? own : ["--no-netrc", ...own];
    let error: unknown;
    const text = await list([
      "--tls",
      "off",
      ...more,
      "-vv",
      "--json",
      "-P",
      String(server.port),
      place,
    ], options)
      .catch((thrown) => error = thrown);
    await server.done;
    assert(error instanceof AuthError, String(text));
    const told = [options.stdoutText, options.stderrText, Deno.inspect(error)].join("\n");
    assertStringIncludes(told, "> PASS ***\n");
    if (hasAccount) assertStringIncludes(told, "> ACCT ***\n");
    assert(!/hidden|horse/.test(told), told);
  });
}
