/**
 * Who logs in, and from where the password comes.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { CLIENT_OPTIONS, clientOptions } from "../../client/client_options.ts";
import { Credentials } from "../../client/credentials.ts";
import { parseLocation } from "../../client/location.ts";
import { AuthError, LocalFileError, UsageError } from "../../shared/errors.ts";
import { parseOptions } from "../../shared/options.ts";
import { temporaryFolder, testIo, type TestIoOptions } from "./dialogue.ts";

async function loginOf(
  place: string,
  way: { readonly args?: readonly string[]; readonly io?: TestIoOptions } = {},
): Promise<string> {
  const parsed = parseOptions({
    name: "get",
    synopsis: "",
    summary: "",
    examples: [],
    options: CLIENT_OPTIONS,
    operands: { min: 0, max: 0, missing: "" },
  }, way.args ?? ["--no-netrc"]);
  const location = parseLocation(place);
  if (parsed === null || location.kind !== "remote") throw new Error("a test's own mistake");
  const credentials = new Credentials(clientOptions(parsed), testIo(way.io));
  const { user, password } = await credentials.login(location);
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
  await using folder = await temporaryFolder();
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
  await using folder = await temporaryFolder();
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
