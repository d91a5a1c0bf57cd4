/**
 * Anonymous uploaders over the wire: they leave files, and that is all.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Accounts } from "../../server/accounts/accounts.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** What must not work with a file that is there, whoever has left it. */
const REFUSED = [
  "RETR there",
  "STOR there",
  "APPE there",
  "DELE there",
  "RNFR there",
  "MKD new",
  "RMD sub",
  "SITE CHMOD 600 there",
  "MFMT 20200101000000 there",
];

Deno.test("anonymous upload: new files only, none read back, overwritten or moved", async () => {
  const accounts = new Accounts([], { anonymous: "upload" });
  await using server = await TestServer.start({
    authority: { login: (request) => accounts.check(request) },
  });
  await Deno.writeTextFile(server.path("there"), "old");
  await Deno.writeTextFile(server.path(".hidden"), "secret");
  await Deno.mkdir(server.path("sub"));
  using client = await RawClient.login(server.address, "anonymous", "me@");
  await client.store("STOR new", "content");
  for (const command of [...REFUSED, ...REFUSED.map((line) => line.replace("there", "new"))]) {
    await client.command("EPSV", 229);
    await client.send(`${command}\r\n`);
    const reply = await client.next();
    assertEquals(reply?.code, 550, `${command}: ${JSON.stringify(reply)}`);
  }
  assertEquals(await Deno.readTextFile(server.path("there")), "old");
  assertEquals(await Deno.readTextFile(server.path("new")), "content");
  for (const listing of ["NLST", "NLST -a", "LIST -a", "MLSD"]) {
    const text = await client.fetchText(listing);
    assertEquals([text.includes("new"), text.includes(".hidden")], [true, false], listing);
  }
});
