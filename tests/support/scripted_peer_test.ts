import { assertEquals, assertRejects } from "@std/assert";
import { dial, playEpsv, playLogin, ScriptedServer } from "./scripted_peer.ts";

Deno.test("ScriptedServer: plays a login, a transfer and a split reply", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playLogin(control);
    using listener = await playEpsv(control);
    using data = await listener.accept();
    await control.expect(/^RETR /);
    await data.send("content");
    data.close();
    await control.sendSplit("226 done\r\n");
  });
  using client = await dial({ hostname: "127.0.0.1", port: server.port });
  await client.expect("220 scripted");
  await client.sendLines("USER a", "PASS b");
  await client.expect(/^331/);
  await client.expect(/^230/);
  await client.sendLines("EPSV");
  const port = Number(/\|\|\|(\d+)\|/.exec(await client.expect(/^229/))?.[1]);
  using data = await dial({ hostname: "127.0.0.1", port });
  await client.sendLines("RETR file");
  assertEquals(new TextDecoder().decode(await data.rest()), "content");
  await client.expect("226 done");
  assertEquals(await client.line(), undefined);
});

Deno.test("ScriptedServer: a line that is not the expected one is its failure", async () => {
  const server = new ScriptedServer((control) => control.expect("NOOP").then(() => {}));
  using client = await dial({ hostname: "127.0.0.1", port: server.port });
  await client.sendLines("QUIT");
  await assertRejects(() => server.done, Error, "NOOP");
  await assertRejects(async () => await server[Symbol.asyncDispose](), Error, "NOOP");
});

Deno.test("ScriptedServer: a script that nobody came for is a failure", async () => {
  const server = new ScriptedServer(() => Promise.resolve());
  await assertRejects(async () => await server[Symbol.asyncDispose]());
});
