import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { FromWorker } from "../../../server/admission/authority.ts";
import { Heartbeat, MOST_SILENCE } from "../../../server/supervisor/heartbeat.ts";
import { WorkerHandle } from "../../../server/supervisor/worker_handle.ts";
import { DEAF_CLIENT, FAKE_ADDRESS, FakeWorker, HEALTHY } from "../../support/fake_worker.ts";
import { connectMany, MortalWorkers, Supervised, testConfig } from "../../support/supervised.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Ticks } from "../../support/ticks.ts";

/** The first look asks; thirty more without an answer are 30 s of silence. */
const LOOKS = 31;

Deno.test("Heartbeat: a thread that answers is asked again and again", () => {
  using ticks = new Ticks();
  const heard: string[] = [];
  using heartbeat = new Heartbeat({
    ask: () => heard.push("ask"),
    onSilent: () => heard.push("silent"),
  });
  for (let look = 0; look < 20; look++) {
    ticks.pass();
    heartbeat.heard();
  }
  assertEquals(heard, Array.from({ length: 20 }, () => "ask"));
});

Deno.test("Heartbeat: a late answer counts, and what was missed before is forgotten", () => {
  using ticks = new Ticks();
  const heard: string[] = [];
  using heartbeat = new Heartbeat({
    ask: () => heard.push("ask"),
    onSilent: () => heard.push("silent"),
  });
  for (let turn = 0; turn < 3; turn++) {
    ticks.pass(LOOKS - 1);
    heartbeat.heard();
  }
  assertEquals(heard, ["ask", "ask", "ask"]);
});

Deno.test("Heartbeat: silence is told once, and ends the looking", () => {
  using ticks = new Ticks();
  const heard: string[] = [];
  using _heartbeat = new Heartbeat({
    ask: () => heard.push("ask"),
    onSilent: () => heard.push("silent"),
  });
  ticks.pass(LOOKS - 1);
  assertEquals(heard, ["ask"]);
  ticks.pass(LOOKS);
  assertEquals(heard, ["ask", "silent"]);
  assertEquals(ticks.running, 0);
  assertEquals(MOST_SILENCE, 30);
});

Deno.test("Heartbeat.late: from the first look without an answer until one comes", () => {
  using ticks = new Ticks();
  const told: boolean[] = [];
  using heartbeat = new Heartbeat({
    ask: () => {},
    onSilent: () => {},
    onLate: () => told.push(heartbeat.late),
  });
  ticks.pass();
  assertEquals(heartbeat.late, false);
  ticks.pass(3);
  heartbeat.heard();
  ticks.pass();
  heartbeat.heard();
  assertEquals(told, [true, false]);
});

Deno.test("WorkerHandle: a worker that hangs is ended, with the reason", async () => {
  using ticks = new Ticks();
  const port = new FakeWorker(HEALTHY);
  const worker = new WorkerHandle(DEAF_CLIENT, port);
  await worker.bind(testConfig("/srv").session, true);
  ticks.pass(LOOKS);
  assertEquals((await worker.gone)?.message, "Session worker gave no answer for 30 s");
  assertEquals(port.kinds, ["start", "ping"]);
  assert(port.terminated);
});

Deno.test("WorkerHandle: a worker that answers lives on, and once it has stopped nobody asks", async () => {
  using ticks = new Ticks();
  const pong: FromWorker = { kind: "pong" };
  const port = new FakeWorker({ ...HEALTHY, ping: pong });
  const worker = new WorkerHandle(DEAF_CLIENT, port);
  assertEquals(await worker.bind(testConfig("/srv").session, true), { at: FAKE_ADDRESS });
  for (let look = 0; look < 2 * LOOKS; look++) {
    ticks.pass();
    await Promise.resolve(); // the answer
  }
  assertEquals(port.kinds.filter((kind) => kind === "ping").length, 2 * LOOKS);
  worker.stop();
  assertEquals(await worker.gone, undefined);
  assertEquals(ticks.running, 0);
});

Deno.test("supervise: a worker that hangs is replaced, its sessions are told as ended, nobody new waits for it", async () => {
  using ticks = new Ticks();
  using workers = new MortalWorkers();
  await using server = await Supervised.start({ spawn: workers.spawn });
  using _lost = await RawClient.login(server.address);
  await server.log.find(/ login of /);
  workers.hang(0);
  await server.log.find(/ hangs from now on/);
  ticks.pass(LOOKS);
  await server.log.find(/ session 1 ended/);
  const error = await server.log.find(/ no answer /);
  assertStringIncludes(error, "Session worker gave no answer for 30 s; its sessions are lost");
  await server.log.find(/ gets no new sessions/);
  // The system spreads connections over all that listen: one of twenty would have met it.
  for (const client of await connectMany(server, 20)) client[Symbol.dispose]();
});

Deno.test({
  name: "supervise: nobody new waits for a worker that does nothing for some seconds",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using ticks = new Ticks();
    using workers = new MortalWorkers();
    await using server = await Supervised.start({ config: { workers: 3 }, spawn: workers.spawn });
    const [first, second] = workers.started.map((worker) => pong(worker));
    workers.hang(2);
    await server.log.find(/ hangs from now on/);
    ticks.pass();
    await Promise.all([first, second]);
    ticks.pass();
    for (const client of await connectMany(server, 20)) client[Symbol.dispose]();
    workers[Symbol.dispose]();
  },
});

/** Resolves when a worker has answered. */
function pong(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => {
      if (data.kind === "pong") resolve();
    });
  });
}
