import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { CommandPace } from "../../server/control/command_pace.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("CommandPace: a second's worth at once, then the steady rate, and credit comes back", async () => {
  let time = 0;
  const slept: number[] = [];
  const pace = new CommandPace(4, {
    now: () => time,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
  });
  const { signal } = new AbortController();
  for (let index = 0; index < 6; index++) await pace.wait(signal);
  assertEquals(slept, [250, 250]);
  time += 60_000;
  for (let index = 0; index < 5; index++) await pace.wait(signal);
  assertEquals(slept, [250, 250, 250]);
});

Deno.test("maxCommands: what comes too fast is slowed, and every command is answered", async () => {
  await using server = await TestServer.start({ config: { maxCommands: 10 } });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  const started = performance.now();
  await client.send("NOOP\r\n".repeat(15));
  for (let index = 0; index < 15; index++) await client.expect(200);
  const took = performance.now() - started;
  assert(took >= 450, `15 commands at 10 a second took only ${took} ms`);
});

Deno.test("maxCommands: a client that goes while it is slowed leaves nothing behind", async () => {
  await using server = await TestServer.start({ config: { maxCommands: 1 } });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  await client.send("NOOP\r\n".repeat(100));
  await client.expect(200);
});

Deno.test("maxTransfers: 450 with the limit before a data connection is used, and room again at the end", async () => {
  let running = 0;
  await using server = await TestServer.start({
    config: { maxTransfers: 1 },
    authority: {
      startTransfer: () =>
        Promise.resolve(
          running++ === 0
            ? { kind: "granted" }
            : { kind: "limited", reason: "Too many transfers: max-transfers is 1" },
        ),
      transferEnded: () => running = 0,
    },
  });
  await Deno.writeTextFile(server.path("a"), "content");
  using one = await RawClient.login(server.address);
  using two = await RawClient.login(server.address);
  const data = await one.openData();
  await one.command("STOR new", 150);
  const refused = await two.command("RETR a", 450);
  assertEquals(refused.lines, ["Too many transfers: max-transfers is 1"]);
  data.close();
  await one.expect(226);
  assertEquals(new TextDecoder().decode(await two.fetch("RETR a")), "content");
});

Deno.test("sessionTimeout: 421 when the time is over", async () => {
  await using server = await TestServer.start({ config: { sessionTimeout: 50 } });
  using client = await RawClient.login(server.address);
  const reply = await client.expect(421);
  assertEquals(reply.lines, ["No session lasts over 0.05 s"]);
  assertEquals(await client.next(), null);
});

Deno.test("sessionTimeout: a running transfer may finish first", async () => {
  await using server = await TestServer.start({ config: { sessionTimeout: 100 } });
  using client = await RawClient.login(server.address);
  const data = await client.openData();
  await client.command("STOR new", 150);
  await data.write(new Uint8Array(10));
  await delay(200);
  await data.write(new Uint8Array(10));
  data.close();
  await client.expect(226);
  await client.expect(421);
  assertEquals((await Deno.stat(server.path("new"))).size, 20);
});

Deno.test("idleTimeout: rests while a transfer runs, and starts anew at its end", async () => {
  await using server = await TestServer.start({ config: { idleTimeout: 100 } });
  using client = await RawClient.login(server.address);
  const data = await client.openData();
  await client.command("STOR new", 150);
  await delay(250);
  data.close();
  await client.expect(226);
  await client.command("NOOP", 200);
  const reply = await client.expect(421);
  assertEquals(reply.lines, ["No command for 0.1 s"]);
});

Deno.test("SITE IDLE: a shorter time counts from that command on", async () => {
  await using server = await TestServer.start({ config: { sessionTimeout: 10_000 } });
  using client = await RawClient.login(server.address);
  await client.command("SITE IDLE 1", 200);
  const reply = await client.expect(421);
  assertEquals(reply.lines, ["No command for 1 s"]);
});

Deno.test("SITE IDLE: of several sessions each has its own time, whoever came first", async () => {
  await using server = await TestServer.start({ config: { loginTimeout: 1500 } });
  using first = await RawClient.login(server.address);
  using guest = await RawClient.connect(server.address);
  using last = await RawClient.login(server.address);
  await guest.expect(220);
  await last.command("SITE IDLE 1", 200);
  assertEquals((await last.expect(421)).lines, ["No command for 1 s"]);
  await guest.command("NOOP", 200);
  assertEquals((await guest.expect(421)).lines, ["No login within 1.5 s"]);
  await first.command("NOOP", 200);
});

Deno.test("loginTimeout: counts anew after REIN", async () => {
  await using server = await TestServer.start({ config: { loginTimeout: 150 } });
  using client = await RawClient.login(server.address);
  await delay(200);
  await client.command("REIN", 220);
  await client.command("USER alice", 331);
  await client.command("PASS secret", 230);
  await client.command("REIN", 220);
  const reply = await client.expect(421);
  assertEquals(reply.lines, ["No login within 0.15 s"]);
});
