/**
 * A server whose clock is set back, or forward and back again, while it runs.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { LoginMemory } from "../../server/accounts/login_memory.ts";
import { hashPassword, verifyPassword } from "../../server/accounts/password.ts";
import type { SessionConfig } from "../../server/configuration/config.ts";
import { LoginGuard } from "../../server/admission/login_guard.ts";
import { openLocalStorage } from "../../server/storage/local.ts";
import { nextTurn } from "../../shared/turn.ts";
import { RawClient } from "../support/raw_client.ts";
import { MortalWorkers, Supervised } from "../support/supervised.ts";
import { TestServer } from "../support/test_server.ts";
import { HOUR, WallClock } from "../support/wall_clock.ts";

const YEAR = 365 * 24 * HOUR;

/** A limit of a session, whether it is for one that is logged in, and what it says. */
const LIMITS: readonly (readonly [keyof SessionConfig, boolean, string])[] = [
  ["loginTimeout", false, "No login within 0.3 s"],
  ["idleTimeout", true, "No command for 0.3 s"],
  ["sessionTimeout", true, "No session lasts over 0.3 s"],
];

for (const [limit, loggedIn, reason] of LIMITS) {
  Deno.test(`${limit}: counts on when the clock is set back`, async () => {
    await using server = await TestServer.start({ config: { [limit]: 300 } });
    using client = await RawClient.connect(server.address);
    await client.expect(220);
    if (loggedIn) {
      await client.command("USER alice", 331);
      await client.command("PASS secret", 230);
    }
    using _clock = new WallClock(-YEAR);
    assertEquals((await client.expect(421)).lines, [reason]);
  });
}

Deno.test("timeouts: a clock set forward ends no session and no transfer", async () => {
  await using server = await TestServer.start();
  using guest = await RawClient.connect(server.address);
  await guest.expect(220);
  using client = await RawClient.login(server.address);
  const data = await client.openData();
  await client.command("STOR f", 150);
  await data.write(new Uint8Array(10));
  using _clock = new WallClock(YEAR);
  await data.write(new Uint8Array(10));
  data.close();
  assertEquals((await client.expect(226)).lines, ["Transfer complete, 20 bytes"]);
  await client.command("NOOP", 200);
  await guest.command("NOOP", 200);
});

Deno.test("stallTimeout: an upload in which nothing arrives is 426 though the clock is set back", async () => {
  await using server = await TestServer.start({ config: { stallTimeout: 100 } });
  using client = await RawClient.login(server.address);
  using _data = await client.openData();
  await client.command("STOR f", 150);
  using _clock = new WallClock(-YEAR);
  await client.expect(426);
});

Deno.test("partials: a clock set back takes none away, at a start neither", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await cutUpload(client, "abc");
  {
    using _clock = new WallClock(-YEAR);
    const storage = await openLocalStorage(server.root);
    assertEquals(await storage.removeStaleTemporaries(), 0);
    assertEquals((await client.command("SIZE f", 213)).lines, ["3"]);
    await client.command("REST 3", 350);
    await client.store("STOR f", "def");
    assertEquals(await Deno.readTextFile(server.path("f")), "abcdef");
    await client.command("DELE f", 250);
    await cutUpload(client, "ghi");
  }
  assertEquals((await client.command("SIZE f", 213)).lines, ["3"]);
});

/** Uploads to `f` and aborts when all of it has arrived. */
async function cutUpload(client: RawClient, content: string): Promise<void> {
  using data = await client.openData();
  await client.command("STOR f", 150);
  await data.write(new TextEncoder().encode(content));
  for (;;) {
    const { lines } = await client.command("STAT", 211);
    if (lines.some((line) => line.includes(`: ${content.length} bytes`))) break;
  }
  await client.command("ABOR", 426);
  await client.expect(226);
}

Deno.test("LIST: what seems to come from the future is shown with its year", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "");
  using client = await RawClient.login(server.address);
  const { lines: [time = ""] } = await client.command("MDTM f", 213);
  using _clock = new WallClock(-YEAR);
  assertMatch(await client.fetchText("LIST"), new RegExp(` ${time.slice(0, 4)} f\r\n$`));
  assertEquals((await client.command("MDTM f", 213)).lines, [time]);
});

Deno.test("LoginMemory: what was right is remembered, what is wrong is not, whatever the date", async () => {
  let compared = 0;
  const memory = new LoginMemory((hash, password) => {
    compared++;
    return verifyPassword(hash, password);
  });
  const hash = await hashPassword("secret", { ln: 10, r: 8, p: 1 });
  const claim = {
    name: "alice",
    credential: { kind: "hash" as const, hash },
    address: "192.0.2.1",
  };
  assert(await memory.verify(claim, "secret"));
  for (const offset of [-YEAR, YEAR]) {
    using _clock = new WallClock(offset);
    assert(await memory.verify(claim, "secret"));
    assertEquals(compared, 1);
  }
  using _clock = new WallClock(-YEAR);
  assertEquals(await memory.verify(claim, "wrong"), false);
});

Deno.test("LoginGuard: a ban is neither lifted nor prolonged by the date", async () => {
  for (const offset of [-YEAR, YEAR]) {
    const guard = new LoginGuard({ after: 1, time: 50 });
    guard.failed("192.0.2.1", "alice");
    using _clock = new WallClock(offset);
    assertMatch(guard.refusal("192.0.2.1") ?? "", /try again in 1 s$/);
    while (guard.refusal("192.0.2.1") !== undefined) await nextTurn();
  }
});

Deno.test("sessions of a worker that dies: none has lasted less than nothing", async () => {
  const workers = new MortalWorkers();
  await using server = await Supervised.start({
    config: { logFormat: "json" },
    spawn: workers.spawn,
  });
  using client = await RawClient.connect(server.address);
  await client.expect(220);
  using _clock = new WallClock(-YEAR);
  workers.kill(0);
  const { milliseconds } = JSON.parse(await server.log.find(/"event":"closed"/));
  assert(milliseconds >= 0 && milliseconds < HOUR, `${milliseconds} ms`);
});
