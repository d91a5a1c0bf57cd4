import { assertEquals, assertMatch } from "@std/assert";
import { MAX_WAITING } from "../../server/listing/waiting_directories.ts";
import type { Entry, Storage } from "../../server/storage/storage.ts";
import { openCharset } from "../../shared/charset.ts";
import { StorageError } from "../../shared/errors.ts";
import { nextTurn } from "../../shared/turn.ts";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** a (1 byte, newest), b (3 bytes, oldest), c (2 bytes), d/e/f, d/x.txt, .h */
async function tree(server: TestServer): Promise<void> {
  await Deno.mkdir(server.path("d/e"), { recursive: true });
  for (
    const [name, text, year] of [["a", "1", 2023], ["b", "333", 2021], ["c", "22", 2022]] as const
  ) {
    await Deno.writeTextFile(server.path(name), text);
    await Deno.utime(server.path(name), new Date(year, 1, 1), new Date(year, 1, 1));
  }
  for (const name of [".h", "d/e/f", "d/x.txt", "d/y.txt", "d/.z.txt"]) {
    await Deno.writeTextFile(server.path(name), "");
  }
  await Deno.utime(server.path("d"), new Date(2020, 1, 1), new Date(2020, 1, 1));
}

const NAMES: readonly (readonly [string, readonly string[]])[] = [
  ["NLST", ["a", "b", "c", "d"]],
  ["NLST -a", [".h", "a", "b", "c", "d"]],
  ["NLST -r", ["d", "c", "b", "a"]],
  ["NLST -t", ["a", "c", "b", "d"]],
  ["NLST -tr", ["d", "b", "c", "a"]],
  ["NLST -d", ["."]],
  ["NLST -d d", ["d"]],
  ["LIST -1 d", ["e", "x.txt", "y.txt"]],
  ["NLST d", ["d/e", "d/x.txt", "d/y.txt"]],
  ["NLST -R", [".:", "a", "b", "c", "d", "", "./d:", "e", "x.txt", "y.txt", "", "./d/e:", "f"]],
  ["NLST -R d", ["d:", "e", "x.txt", "y.txt", "", "d/e:", "f"]],
  ["NLST *", ["a", "b", "c", "d"]],
  ["NLST ?", ["a", "b", "c", "d"]],
  ["NLST [!ab]", ["c", "d"]],
  ["NLST */*.txt", ["d/x.txt", "d/y.txt"]],
  ["NLST -a */*.txt", ["d/.z.txt", "d/x.txt", "d/y.txt"]],
  ["NLST d/.*", ["d/.z.txt"]],
  ["NLST /d/x*", ["/d/x.txt"]],
  ["NLST */e/f", ["d/e/f"]],
  ["NLST ./d/[xy].txt", ["./d/x.txt", "./d/y.txt"]],
  ["NLST -t ?", ["a", "c", "b", "d"]],
  ["NLST -r *", ["d", "c", "b", "a"]],
  ["NLST -R *", ["a", "b", "c", "d", "", "d:", "e", "x.txt", "y.txt", "", "d/e:", "f"]],
  ["NLST -R */e", ["d/e", "", "d/e:", "f"]],
  ["NLST -Rd *", ["a", "b", "c", "d"]],
];

Deno.test("LIST and NLST: options and patterns", async () => {
  await using server = await TestServer.start();
  await tree(server);
  using client = await RawClient.login(server.address);
  for (const [command, names] of NAMES) {
    const lines = (await client.fetchText(command)).split("\r\n");
    assertEquals(lines, [...names, ""], command);
  }
});

Deno.test("LIST -S: largest first, in long lines", async () => {
  await using server = await TestServer.start();
  await tree(server);
  using client = await RawClient.login(server.address);
  const text = await client.fetchText("LIST -S [abc]");
  assertMatch(text, / b\r\n.* c\r\n.* a\r\n$/s);
  const whole = await client.fetchText("LIST -S");
  assertMatch(whole, /^-.* b\r\n-.* c\r\n-.* a\r\nd.* d\r\n$/);
  assertMatch(await client.fetchText("NLST -l a"), /^-rw.* a\r\n$/);
});

Deno.test("patterns: nothing that matches is 550 before any data connection is used", async () => {
  await using server = await TestServer.start();
  await tree(server);
  using client = await RawClient.login(server.address);
  for (const pattern of ["*.none", "x*/y", "*/../none*", "a/*"]) {
    await client.command("EPSV", 229);
    await client.command(`NLST ${pattern}`, 550);
  }
});

Deno.test("patterns: a name that exists wins, and braces mean themselves", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("[ab]"), "");
  await Deno.writeTextFile(server.path("a"), "");
  await Deno.writeTextFile(server.path("{a,b}"), "");
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("NLST [ab]"), "[ab]\r\n");
  assertEquals(
    await client.fetchText("NLST -l [ab]").then((text) => text.endsWith(" [ab]\r\n")),
    true,
  );
  assertEquals(await client.fetchText("NLST {a,b}"), "{a,b}\r\n");
});

Deno.test("LIST -R: links to directories are shown, not followed", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d"));
  await Deno.symlink("..", server.path("d/up"));
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("NLST -R"), ".:\r\nd\r\n\r\n./d:\r\nup\r\n");
});

function entry(name: string, type: "dir" | "file"): Entry {
  const facts = { size: 0, modified: 0, mode: 0o755, links: 1, owner: 0, group: 0 };
  return { name, type, device: 1, inode: 1, ...facts };
}

/** A storage that nobody has room for: its root, and what `list` gives. */
function imagined(list: Storage["list"]): Storage {
  const none = (): Promise<never> => Promise.reject(new StorageError("not-found", "No such file"));
  const stat = (path: string) => path === "/" ? Promise.resolve(entry("", "dir")) : none();
  return { stat, list } as Partial<Storage> as Storage;
}

/** A directory of many names, none of which is shown; tells when it is being read. */
function fruitless(onRead: () => void): Storage {
  return imagined(async function* () {
    for (let batch = 0; batch < 100_000; batch++) {
      onRead();
      yield [entry(".hidden", "file")];
      await nextTurn();
    }
  });
}

for (const command of ["LIST", "LIST -t", "LIST *.none", "NLST */*", "STAT *.none", "STAT ."]) {
  Deno.test(`${command}: ABOR ends a search that has found nothing yet`, async () => {
    const reading = Promise.withResolvers<void>();
    await using server = await TestServer.start({
      storage: () => fruitless(reading.resolve),
    });
    using client = await RawClient.login(server.address);
    using _data = await client.openData();
    await client.send(`${command}\r\n`);
    await reading.promise;
    await client.send("ABOR\r\n");
    const replies = [(await client.next())?.code, (await client.next())?.code];
    if (replies[0] === 150) replies.push((await client.next())?.code);
    assertEquals(replies.filter((code) => code !== 150), [426, 226]);
  });
}

/** A root with so many directories in it, all of them empty. */
function broad(directories: number): Storage {
  return imagined(async function* (path) {
    for (let at = 0; path === "/" && at < directories; at += 1000) {
      yield Array.from({ length: 1000 }, (_, index) => entry(`d${at + index}`, "dir"));
      await nextTurn();
    }
  });
}

Deno.test("LIST -R: goes through 150,000 directories of one directory", async () => {
  await using server = await TestServer.start({ storage: () => broad(150_000) });
  using client = await RawClient.login(server.address);
  const text = await client.fetchText("NLST -R");
  assertEquals(text.match(/^\.\/d\d+:\r$/gm)?.length, 150_000);
});

Deno.test("LIST -R: 451 where more directories would wait than memory is for", async () => {
  await using server = await TestServer.start({ storage: () => broad(MAX_WAITING + 1000) });
  using client = await RawClient.login(server.address);
  using data = await client.openData();
  await client.command("NLST -R", 150);
  await readAll(data).catch(() => {}); // it may be reset
  const { lines } = await client.expect(451);
  assertMatch(lines[0] ?? "", /^More than 200000 directories cannot wait/);
});

Deno.test("-R with a pattern: why the only directory that matches cannot be read", async () => {
  const denying = imagined(async function* (path) {
    if (path === "/") yield await Promise.resolve([entry("closed", "dir")]);
    else throw new StorageError("denied", `Cannot list "${path}": permission denied`);
  });
  await using server = await TestServer.start({ storage: () => denying });
  using client = await RawClient.login(server.address);
  const { lines } = await client.command("STAT -R clo*", 550);
  assertEquals(lines, ['Cannot list "/closed": permission denied']);
});

Deno.test("patterns: a disk that fails is no directory without matches", async () => {
  const failing = imagined(async function* () {
    yield await Promise.resolve([entry("one", "file")]);
    throw new StorageError("io", 'Cannot list "/": input/output error');
  });
  await using server = await TestServer.start({ storage: () => failing });
  using client = await RawClient.login(server.address);
  await client.command("STAT none*", 451);
  using data = await client.openData();
  await client.command("NLST o*", 150);
  assertEquals(new TextDecoder().decode(await readAll(data)), "one\r\n");
  await client.expect(451);
});

Deno.test("STAT: options and patterns on the control connection", async () => {
  await using server = await TestServer.start();
  await tree(server);
  using client = await RawClient.login(server.address);
  assertEquals((await client.command("STAT -1 d", 212)).lines, [
    "Status",
    " e",
    " x.txt",
    " y.txt",
    "End",
  ]);
  assertEquals((await client.command("STAT -1 *.none", 550)).lines.length, 1);
});

Deno.test("MLST: owner, group and every other fact that is known", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("a"), "1");
  using client = await RawClient.login(server.address);
  const [, line = ""] = (await client.command("MLST a", 250)).lines;
  assertMatch(line, /;UNIX\.mode=0\d+;UNIX\.owner=\d+;UNIX\.group=\d+; \/a$/);
});

const OLD = openCharset("cp1251");

Deno.test("charset: names of a client that cannot read UTF-8 go both ways", async () => {
  await using server = await TestServer.start({ config: { charset: "cp1251" } });
  using client = await RawClient.login(server.address);
  const answer = await sendOld(client, "MKD яр");
  assertEquals(answer?.code, 257);
  assertEquals((await Array.fromAsync(Deno.readDir(server.root))).map(({ name }) => name), ["яр"]);
  assertEquals(OLD.decode(await client.fetch("NLST")), "яр\r\n");
  await client.command("OPTS UTF8 ON", 200);
  assertEquals(await client.fetchText("NLST"), "яр\r\n");
  await client.command("CWD яр", 250);
  await client.command("OPTS UTF8 OFF", 200);
  assertEquals((await sendOld(client, "CWD /яр"))?.code, 250);
});

Deno.test("charset: OPTS UTF8 OFF means Latin-1 where nothing else is configured", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("ü写"), "");
  using client = await RawClient.login(server.address);
  await client.command("OPTS UTF8 OFF", 200);
  assertEquals(Array.from(await client.fetch("NLST")), [0xfc, 0x3f, 13, 10]);
  await client.command("OPTS UTF8 MAYBE", 501);
});

Deno.test("charset: in one segment each line and each reply is in the encoding of its moment", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  const segment = [
    ...utf8("MKD ä\r\nOPTS UTF8 OFF\r\n"),
    ...openCharset("latin1").encode("MKD ö\r\n"),
    ...utf8("OPTS UTF8 ON\r\nMKD ü\r\nREIN\r\n"),
  ];
  await client.send(Uint8Array.from(segment));
  const replies = [];
  for (let count = 0; count < 6; count++) replies.push(await client.next());
  assertEquals(replies.map((reply) => reply?.code), [257, 200, 257, 200, 257, 220]);
  assertEquals(
    replies.map((reply) => reply?.lines[0]).filter((line) => line?.includes("created")),
    [
      '"/ä" created',
      '"/ö" created',
      '"/ü" created',
    ],
  );
  const names = (await Array.fromAsync(Deno.readDir(server.root))).map(({ name }) => name);
  assertEquals(names.sort(), ["ä", "ö", "ü"]);
});

Deno.test("charset: a line that is not in the session's encoding is 501", async () => {
  await using server = await TestServer.start({ config: { charset: "gbk" } });
  using client = await RawClient.login(server.address);
  await client.send(Uint8Array.of(...new TextEncoder().encode("CWD "), 0x81, 0x20, 13, 10));
  await client.expect(501);
});

async function sendOld(client: RawClient, line: string): ReturnType<RawClient["next"]> {
  await client.send(OLD.encode(`${line}\r\n`));
  return await client.next();
}
