/**
 * Users with rights of their own over the wire: what is theirs by one way is so by every way.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Account } from "../../server/accounts/accounts.ts";
import { type Permission, RIGHTS } from "../../server/accounts/permissions.ts";
import { partialName } from "../../server/storage/hidden_name.ts";
import { RawClient, readAll } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";
import { testAccount } from "../support/account.ts";

function serverFor(account: Partial<Account>): Promise<TestServer> {
  const whole = testAccount({ user: "dora", ...account });
  const login = () => Promise.resolve({ kind: "accepted" as const, account: whole });
  return TestServer.start({ authority: { login } });
}

Deno.test("RNTO: no directory that holds one with other permissions gets another name", async () => {
  const overrides = [{ path: "/a/b/closed", permissions: ["list"] as const }];
  await using server = await serverFor({ overrides });
  await Deno.mkdir(server.path("a/b/closed"), { recursive: true });
  await Deno.writeTextFile(server.path("a/b/closed/secret"), "secret");
  await Deno.mkdir(server.path("mine/b/closed"), { recursive: true });
  using client = await RawClient.login(server.address);
  for (const [from, to] of [["a", "z"], ["a/b", "z"], ["a/b/closed", "z"], ["mine/b", "a/b"]]) {
    await client.command(`RNFR ${from}`, 350);
    await client.command(`RNTO ${to}`, 550);
  }
  await client.command("RNFR mine/b/closed", 350);
  await client.command("RNTO a/open", 250);
  assertEquals(await Deno.readTextFile(server.path("a/b/closed/secret")), "secret");
});

Deno.test("COMB: a part that is the target by another way is refused, and nothing is lost", async () => {
  await using server = await serverFor({});
  await Deno.mkdir(server.path("d"));
  await Deno.symlink("d", server.path("same"));
  await Deno.writeTextFile(server.path("d/t"), "one");
  await Deno.writeTextFile(server.path("d/p"), "two");
  using client = await RawClient.login(server.address);
  await client.command("COMB d/t same/t", 501);
  await client.command("COMB d/t d/p same/p", 501);
  assertEquals(await Deno.readTextFile(server.path("d/t")), "one");
  await client.command("COMB same/t d/p", 250);
  assertEquals(await Deno.readTextFile(server.path("d/t")), "onetwo");
});

Deno.test("COMB: what fails leaves nothing to go on with", async () => {
  await using server = await serverFor({});
  await Deno.writeTextFile(server.path("p"), "one");
  using client = await RawClient.login(server.address);
  await Deno.mkdir(server.path("d"));
  for (const part of ["missing", "d"]) {
    await client.command(`COMB new p ${part}`, 550);
    await client.command("SIZE new", 550);
  }
  const names = await Array.fromAsync(Deno.readDir(server.root), ({ name }) => name);
  assertEquals(names.sort(), ["d", "p"]);
});

/** Single rights, and commands for which one of them is enough, each with its reply. */
const ENOUGH: readonly (readonly [Permission, readonly (readonly [string, number])[]])[] = [
  ["write", [
    ["STOR there", 425],
    ["STOR new", 425],
    ["APPE there", 425],
    ["STOU", 425],
    ["SITE UMASK 077", 200],
    ["AVBL there", 550],
    ["SIZE there", 213],
  ]],
  ["read", [["SIZE there", 213], ["MDTM there", 213], ["MLST there", 250], ["MLST", 250]]],
  ["upload", [["SIZE cut", 213], ["HASH cut", 213], ["XMD5 cut", 250], ["HASH there", 550], [
    "SIZE there",
    550,
  ], ["MLST there", 550]]],
];

for (const [permission, commands] of ENOUGH) {
  Deno.test(`rights: ${permission} alone is enough for what it says`, async () => {
    await using server = await serverFor({ permissions: [permission] });
    await Deno.writeTextFile(server.path("there"), "old");
    await Deno.writeTextFile(server.path(partialName("dora", "cut")), "half");
    using client = await RawClient.login(server.address);
    for (const [command, code] of commands) await client.command(command, code);
  });
}

Deno.test("MLST: perm of a directory says what works in it", async () => {
  const overrides = [{ path: "/drop", permissions: ["write"] as const }];
  await using server = await serverFor({ permissions: ["list"], overrides });
  await Deno.mkdir(server.path("drop"));
  using client = await RawClient.login(server.address);
  await client.command("OPTS MLST Perm;", 200);
  assertEquals((await client.command("MLST drop", 250)).lines[1], " Perm=ce; /drop");
  assertEquals((await client.command("MLST /", 250)).lines[1], " Perm=el; /");
});

Deno.test("LIST: what may not be listed is 550 before 150, below it 451 behind all the rest", async () => {
  const overrides = [{ path: "/closed", permissions: ["read"] as const }];
  await using server = await serverFor({ overrides });
  await Deno.mkdir(server.path("closed"));
  await Deno.mkdir(server.path("open/sub"), { recursive: true });
  await Deno.writeTextFile(server.path("open/f"), "f");
  using client = await RawClient.login(server.address);
  for (const command of ["LIST closed", "NLST closed", "MLSD closed", "LIST -R closed"]) {
    await client.command("EPSV", 229);
    await client.command(command, 550);
  }
  using data = await client.openData();
  await client.command("NLST -R", 150);
  const text = new TextDecoder().decode(await readAll(data));
  assertEquals(text.split("\r\n\r\n").map((part) => part.trimEnd()), [
    ".:\r\nclosed\r\nopen",
    "./closed:",
    "./open:\r\nf\r\nsub",
    "./open/sub:",
  ]);
  await client.expect(451);
  assertEquals(await client.fetchText("NLST -R open/"), "open/:\r\nf\r\nsub\r\n\r\nopen/sub:\r\n");
});

Deno.test("rights: a link gives no other permissions than where it leads", async () => {
  const overrides = [{ path: "/closed", permissions: ["list"] as const }, {
    path: "/full",
    permissions: RIGHTS.write,
  }];
  await using server = await serverFor({ overrides });
  for (const name of ["closed/in", "full", "d"]) {
    await Deno.mkdir(server.path(name), { recursive: true });
  }
  await Deno.writeTextFile(server.path("closed/f"), "secret");
  await Deno.symlink("closed", server.path("way"));
  await Deno.symlink("../closed/f", server.path("full/link"));
  await Deno.symlink("closed", server.path("away"));
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("NLST way"), "way/f\r\nway/in\r\n");
  const transfers = ["RETR way/f", "STOR way/f", "STOR way/n", "APPE way/f", "RETR full/link"];
  const changes = ["DELE way/f", "RMD way/in", "MKD way/n", "HASH way/f", "SITE CHMOD 600 way/f"];
  for (const command of [...transfers, "STOR full/link", ...changes]) {
    await client.command("EPSV", 229);
    await client.command(command, 550);
  }
  for (const [from, to] of [["way/f", "d/f"], ["d", "way/d"]]) {
    await client.command(`RNFR ${from}`, 350);
    await client.command(`RNTO ${to}`, 550);
  }
  await client.command("RNFR away", 350);
  await client.command("RNTO away2", 250);
  await client.command("DELE full/link", 250);
  await client.command("RMD way", 250);
  assertEquals(await Deno.readTextFile(server.path("closed/f")), "secret");
});

Deno.test("RNTO: a link never takes the place of the file it leads to", async () => {
  await using server = await serverFor({});
  await Deno.writeTextFile(server.path("f"), "kept");
  await Deno.symlink("f", server.path("link"));
  using client = await RawClient.login(server.address);
  await client.command("RNFR link", 350);
  await client.command("RNTO f", 550);
  assertEquals(await Deno.readTextFile(server.path("f")), "kept");
});
