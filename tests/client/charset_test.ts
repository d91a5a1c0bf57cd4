/**
 * Names that are not UTF-8 on the wire: kept as they are, and with `--charset` translated.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openCharset } from "../../shared/charset.ts";
import { FtpkitError, UsageError } from "../../shared/errors.ts";
import { exitCodeOf } from "../../shared/exit_code.ts";
import { tempFolder } from "../support/files.ts";
import { type ScriptedConnection, ScriptedServer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { exchange, playDownload, playQuit, playStart, runAgainst, runCommand } from "./dialogue.ts";

/** Plays one command whose argument is in some encoding. */
async function exchangeBytes(
  control: ScriptedConnection,
  command: Uint8Array,
  answer: string | Uint8Array,
): Promise<void> {
  const line = Uint8Array.of(...command, 13, 10);
  assertEquals([...await control.bytes(line.length)], [...line]);
  await control.send(typeof answer === "string" ? `${answer}\r\n` : answer);
}

const encodedIn = (label: string) => {
  const charset = openCharset(label);
  return (text: string): Uint8Array => charset.encode(text);
};

Deno.test("Session: a home in Latin-1 bytes is found again without --charset", async () => {
  const latin1 = encodedIn("latin1");
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["UTF8"]);
    await exchangeBytes(control, latin1("PWD"), latin1('257 "/caf\xe9 \xff" is here\r\n'));
    await exchange(control, "CWD sub", "250 ok");
    await exchange(control, "TYPE A", "200 text");
    await playDownload(control, { commands: ["LIST"] });
    await exchangeBytes(control, latin1("CWD /caf\xe9 \xff"), "250 back");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["ls", "-vv", "127.0.0.1:sub"]);
  assertEquals(code, 0);
  assertMatch(stderr, /^< 257 "\/café ÿ" is here$/m);
});

Deno.test("--charset: a home with letters that look like Telnet commands is found again", async () => {
  const cyrillic = encodedIn("cp1251");
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchangeBytes(control, cyrillic("PWD"), cyrillic('257 "/яя ящик" here\r\n'));
    await exchangeBytes(control, cyrillic("CWD письма"), "250 ok");
    await exchange(control, "TYPE A", "200 text");
    await playDownload(control, {
      commands: ["LIST"],
      content: cyrillic("-rw-r--r-- 1 я я 3 Jan  1 2024 Отчёт.txt\r\n"),
    });
    await exchangeBytes(control, cyrillic("CWD /яя ящик"), "250 back");
    await playQuit(control);
  });
  const args = ["ls", "--charset", "cp1251", "127.0.0.1:письма"];
  assertEquals(await runAgainst(server, args), { code: 0, stdout: "Отчёт.txt\n", stderr: "" });
});

Deno.test("--charset: get asks in it, and reads the bytes of a URL in it", async () => {
  const japanese = encodedIn("shift_jis");
  await using folder = await tempFolder();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE I", "200 binary");
    await exchangeBytes(control, japanese("SIZE 写真ソ"), "213 3");
    await exchangeBytes(control, japanese("MDTM 写真ソ"), "213 20240102030405");
    await exchange(control, "EPSV", "502 no");
    await exchange(control, "PASV", "502 no");
    await playQuit(control);
  });
  const place = `ftp://127.0.0.1:${server.port}/%8e%ca%90%5e%83%5c`;
  const { code, stderr } = await runAgainst(server, [
    "get",
    "-vv",
    "--charset",
    "shift_jis",
    place,
    folder.path,
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /^> SIZE 写真ソ$/m);
});

Deno.test("--charset: OPTS UTF8 ON is not sent, though the server offers it", async () => {
  await using server = new ScriptedServer(async (control) => {
    await control.sendLines("220 hello");
    await exchange(control, "USER anonymous", "230 in");
    await exchange(control, "FEAT", "211-Features", " UTF8", "211 End");
    await exchange(control, "TYPE A", "421 enough");
  });
  await assertRejects(
    () => runAgainst(server, ["ls", "--charset", "latin1", "127.0.0.1:"]),
    FtpkitError,
    "421 enough",
  );
  await server.done;
});

for (
  const [label, name] of [
    ["latin1", "Grüße.txt"],
    ["cp1251", "Отчёт яя.txt"],
    ["gbk", "报告.txt"],
    [
      "shift_jis",
      "写真ソ.txt",
    ],
  ] as const
) {
  Deno.test(`--charset ${label}: put, ls and get of ${name} with a server that speaks it`, async () => {
    await using server = await TestServer.start({ config: { charset: label } });
    await using folder = await tempFolder();
    const here = join(folder.path, name);
    await Deno.writeTextFile(here, "content");
    const place = `ftp://alice:secret@127.0.0.1:${server.address.port}/`;
    const run = async (command: string, ...args: readonly string[]): Promise<string> => {
      const common = ["--no-netrc", "--retries", "0", "--charset", label];
      const { code, stdout, stderr } = await runCommand([command, ...common, ...args]);
      assertEquals([code, stderr], [0, ""]);
      return stdout;
    };
    await run("put", here, place);
    assertEquals(await Deno.readTextFile(server.path(name)), "content");
    assertEquals(await run("ls", "-1", place), `${name}\n`);
    await Deno.remove(here);
    await run("get", `${place}${encodeURIComponent(name)}`, folder.path);
    assertEquals(await Deno.readTextFile(here), "content");
  });
}

const UNSENDABLE: readonly (readonly string[])[] = [
  ["get", "host:写真"],
  ["ls", "ftp://host/%E5%86%99"],
  ["put", "/dev/null", "host:写/"],
];

for (const [command = "", ...places] of UNSENDABLE) {
  Deno.test(`--charset: ${command} ${places.join(" ")} is refused before anything is sent`, async () => {
    const args = [command, "--no-netrc", "--charset", "latin1", ...places];
    const refused = await assertRejects(() => runCommand(args), UsageError);
    const place = places.at(-1);
    const words = `Cannot use "${place}": the encoding windows-1252 cannot express it`;
    assertEquals(refused.message, words);
  });
}

Deno.test("--charset: put refuses a local name that it cannot send, and sends the others", async () => {
  await using server = await TestServer.start({ config: { charset: "latin1" } });
  await using folder = await tempFolder();
  const [good, bad] = ["ä.txt", "写.txt"].map((name) => join(folder.path, name));
  for (const path of [good, bad]) await Deno.writeTextFile(path ?? "", "x");
  const place = `ftp://alice:secret@127.0.0.1:${server.address.port}/`;
  const args = ["--no-netrc", "--charset", "latin1", "-vv", good ?? "", bad ?? "", place];
  const { code, stderr } = await runCommand(["put", ...args]);
  assertEquals(code, 8);
  assertMatch(
    stderr,
    /Cannot send the name "写\.txt": the encoding windows-1252 cannot express it/,
  );
  assert(!/^> .*\.txt/m.test(stderr.replaceAll("ä.txt", "")), "a command with the name was sent");
  const stored = await Array.fromAsync(Deno.readDir(server.root), (entry) => entry.name);
  assertEquals(stored, ["ä.txt"]);
});

Deno.test("--charset: trees go both ways; of names that cannot be sent each is a failure", async () => {
  await using server = await TestServer.start({ config: { charset: "cp1251" } });
  await using folder = await tempFolder();
  const here = (path: string): string => join(folder.path, path);
  for (const directory of ["Папка/я", "Папка/写"]) {
    await Deno.mkdir(here(directory), { recursive: true });
  }
  for (const file of ["Папка/я/Отчёт.txt", "Папка/写/a.txt", "Папка/写.txt"]) {
    await Deno.writeTextFile(here(file), file);
  }
  const place = `ftp://alice:secret@127.0.0.1:${server.address.port}/`;
  const common = ["--no-netrc", "--retries", "0", "--charset", "cp1251", "-r"];
  const put = await runCommand(["put", ...common, here("Папка"), `${place}Копия`]);
  assertEquals(put.code, 8);
  assertEquals(put.stderr.match(/windows-1251 cannot express it/g)?.length, 2, put.stderr);
  assertEquals(await Deno.readTextFile(server.path("Копия/я/Отчёт.txt")), "Папка/я/Отчёт.txt");
  const get = await runCommand(["get", ...common, `${place}Копия`, here("Назад")]);
  assertEquals(get.code, 0, get.stderr);
  assertEquals(await Deno.readTextFile(here("Назад/я/Отчёт.txt")), "Папка/я/Отчёт.txt");
  const names = await Array.fromAsync(Deno.readDir(here("Назад")), (entry) => entry.name);
  assertEquals(names, ["я"]);
});

Deno.test("--charset: a password that cannot be sent is not told", async () => {
  await using server = new ScriptedServer(async (control) => {
    await control.sendLines("220 hello");
    await exchange(control, "USER u", "331 password?");
    assertEquals(await control.line(), undefined);
  });
  const args = ["ls", "--charset", "latin1", "u@127.0.0.1:"];
  const failed = await assertRejects(
    () => runAgainst(server, args, { env: { FTPKIT_PASSWORD: "hidden写" } }),
    FtpkitError,
  );
  assertEquals(
    failed.message,
    'Cannot send "PASS ***": the encoding windows-1252 cannot express it',
  );
  assert(!Deno.inspect(failed).includes("hidden"));
});

for (const label of ["klingon", "utf-16le", ""]) {
  Deno.test(`--charset "${label}" is a usage error`, async () => {
    const args = ["ls", "--charset", label, "host:"];
    const refused = await assertRejects(() => runCommand(args), UsageError);
    assertEquals(exitCodeOf(refused), 2);
    assertMatch(refused.message, /^Invalid --charset ".*": /);
  });
}
