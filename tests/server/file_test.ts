import { assertEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("directories: make, enter, leave, remove, with the X-forms", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  assertEquals((await client.command('MKD a "b"', 257)).lines, ['"/a ""b""" created']);
  await client.command('CWD a "b"', 250);
  assertEquals((await client.command("XPWD", 257)).lines, ['"/a ""b""" is the current directory']);
  await client.command("XMKD inner", 257);
  await client.command("CDUP", 250);
  await client.command('RMD a "b"', 550);
  await client.command('XRMD a "b"/inner', 250);
  await client.command('RMD a "b"', 250);
  await client.command("XCUP", 250);
  await client.command("CWD none", 550);
  await client.command("MKD /", 550);
});

Deno.test("files: rename and delete, RNTO only right after RNFR", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "x");
  using client = await RawClient.login(server.address);
  await client.command("RNTO g", 503);
  await client.command("RNFR f", 350);
  await client.command("NOOP", 200);
  await client.command("RNTO g", 503);
  await client.command("RNFR f", 350);
  await client.command("RNTO g", 250);
  assertEquals(await Deno.readTextFile(server.path("g")), "x");
  await client.command("RNFR f", 550);
  await client.command("DELE f", 550);
  await client.command("DELE g", 250);
  await client.command("CWD g", 550);
});

Deno.test("the root cannot be removed or renamed", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const root of ["/", "..", ".", "../../"]) {
    await client.command(`RMD ${root}`, 550);
    await client.command(`RNFR ${root}`, 550);
    await client.command(`DELE ${root}`, 550);
  }
});

/** Every command that takes a path, each with a path that leads outside through a link. */
const THROUGH_LINK: readonly (readonly [string, number])[] = [
  ["CWD out", 550],
  ["CWD out/sub", 550],
  ["MLST out", 550],
  ["MLST out/secret", 550],
  ["STAT out", 550],
  ["SIZE out/secret", 550],
  ["MDTM out/secret", 550],
  ["DELE out/secret", 550],
  ["DELE file-out", 550],
  ["RNFR out/secret", 550],
  ["MKD out/new", 550],
  ["RMD out/sub", 550],
  ["RETR out/secret", 550],
  ["RETR file-out", 550],
  ["STOR out/new", 550],
  ["STOR file-out", 550],
  ["APPE file-out", 550],
  ["LIST out", 550],
  ["NLST out", 550],
  ["MLSD out", 550],
];

Deno.test("the jail: no link and no .. leads outside, for any command", async () => {
  await using server = await TestServer.start();
  const outside = await Deno.makeTempDir();
  await Deno.writeTextFile(`${outside}/secret`, "secret");
  await Deno.mkdir(`${outside}/sub`);
  await Deno.symlink(outside, server.path("out"));
  await Deno.symlink(`${outside}/secret`, server.path("file-out"));
  await Deno.writeTextFile(server.path("own"), "own");
  using client = await RawClient.login(server.address);
  for (const [command, code] of THROUGH_LINK) {
    await client.command("EPSV", 229);
    await client.command(command, code);
  }
  assertEquals(await client.fetchText("NLST"), "own\r\n");
  await client.command("RNFR own", 350);
  await client.command("RNTO out/stolen", 550);
  assertEquals(await client.fetchText("NLST ../../../.."), "../../../../own\r\n");
  await client.command(`CWD ../../../../..${outside}`, 550);
  assertEquals((await Array.fromAsync(Deno.readDir(outside), ({ name }) => name)).sort(), [
    "secret",
    "sub",
  ]);
  assertEquals(await Deno.readTextFile(`${outside}/secret`), "secret");
  await Deno.remove(outside, { recursive: true });
});

Deno.test("a link inside the shared directory works as what it leads to", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d"));
  await Deno.writeTextFile(server.path("d/f"), "x");
  await Deno.symlink("d", server.path("link"));
  await Deno.symlink("d/f", server.path("file-link"));
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("RETR link/f"), "x");
  await client.store("STOR file-link", "new");
  assertEquals(await Deno.readTextFile(server.path("d/f")), "new");
  assertEquals((await Deno.lstat(server.path("file-link"))).isSymlink, true);
});
