import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MOST_SILENCE } from "../../../server/supervisor/heartbeat.ts";
import { ListeningSockets } from "../../../server/supervisor/listening_sockets.ts";
import { spawnWorker, type WorkerFactory } from "../../../server/supervisor/worker_handle.ts";
import { workerCount, WorkerPool } from "../../../server/supervisor/worker_pool.ts";
import { FtpkitError } from "../../../shared/errors.ts";
import { nextTurn } from "../../../shared/turn.ts";
import {
  DEAF_CLIENT,
  FAKE_ADDRESS,
  FakeWorker,
  HEALTHY,
  type Script,
} from "../../support/fake_worker.ts";
import {
  comeBack,
  connectMany,
  MortalWorkers,
  Supervised,
  testConfig,
} from "../../support/supervised.ts";
import { PassedTimers } from "../../support/passed_timers.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Ticks } from "../../support/ticks.ts";

/** A pool over fake threads; `next` decides how each one answers. */
function fakePool(next: (index: number) => Script = () => HEALTHY, cores = 4): {
  pool: WorkerPool;
  ports: FakeWorker[];
  spawned: () => Promise<void>;
  /** How often one hung that still listened. */
  hangs: () => number;
} {
  const ports: FakeWorker[] = [];
  let changed = Promise.withResolvers<void>();
  const spawn: WorkerFactory = () => {
    const port = new FakeWorker(next(ports.length));
    ports.push(port);
    changed.resolve();
    changed = Promise.withResolvers<void>();
    return port;
  };
  let hangs = 0;
  const pool = new WorkerPool({
    spawn,
    client: DEAF_CLIENT,
    onDeath: () => {},
    onHang: () => void hangs++,
    inTurn: (step) => step(),
    cores,
  });
  return { pool, ports, spawned: () => changed.promise, hangs: () => hangs };
}

/** Waits for what comes within a few turns. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

const config = (workers: number) => testConfig("/srv", { config: { workers } });

Deno.test("WorkerPool.start: the first worker finds the port, the others share it", async () => {
  const { pool, ports } = fakePool();
  assertEquals(await pool.start(config(3)), { at: FAKE_ADDRESS });
  const starts = ports.map(({ told: [start] }) => start?.kind === "start" ? start : undefined);
  assertEquals(starts.map((start) => start?.config.port), [0, 2121, 2121]);
  assertEquals(starts.map((start) => start?.exclusive), [true, false, false]);
  await pool.stop();
  assertEquals(ports.map(({ terminated }) => terminated), [true, true, true]);
});

Deno.test("WorkerPool.start: nobody is served before every port is bound and the step between is done", async () => {
  const { pool, ports } = fakePool();
  await pool.start(config(2), () => {
    assertEquals(ports.map(({ kinds }) => kinds), [["start"], ["start"]]);
  });
  assertEquals(ports.map(({ kinds }) => kinds), [["start", "serve"], ["start", "serve"]]);
  await pool.stop();
});

Deno.test("WorkerPool.start: a worker that cannot listen ends the others, and the text says where", async () => {
  const bad = { start: { kind: "cannot-listen", reason: "address already in use" } } as const;
  const { pool, ports } = fakePool((index) => index === 1 ? bad : HEALTHY);
  const error = await assertRejects(() => pool.start(config(2)), FtpkitError);
  assertEquals(error.message, "Cannot listen on 127.0.0.1:2121: address already in use");
  assertEquals(ports.map(({ terminated }) => terminated), [true, true]);
});

Deno.test("WorkerPool: a worker that dies is replaced on the same port, and counted", async () => {
  const { pool, ports, spawned } = fakePool();
  await pool.start(config(2));
  const another = spawned();
  ports[0]?.die("out of luck");
  await another;
  assert(ports[0]?.terminated);
  assertEquals(pool.health.deaths, 1);
  const [start] = ports[2]?.told ?? [];
  assert(start?.kind === "start");
  assertEquals([start.config.port, start.exclusive], [2121, false]);
  await pool.stop();
  assertEquals(pool.health.alive, 0);
});

Deno.test("WorkerPool: what a dead worker still says is not heard", async () => {
  const { pool, ports } = fakePool();
  await pool.start(config(1));
  ports[0]?.die("out of luck");
  ports[0]?.say({ kind: "ask", id: 1, question: { kind: "admit", address: "192.0.2.1" } });
  assertEquals(ports[0]?.kinds, ["start", "serve"]);
  await pool.stop();
});

Deno.test("WorkerPool: what a worker shares goes to all others that are alive, with the same rights", async () => {
  const { pool, ports } = fakePool((index) =>
    index < 3 ? { ...HEALTHY, retire: { kind: "retired" } } : HEALTHY
  );
  await pool.start(config(3));
  await pool.renew(config(2));
  const helping = (): number[] =>
    ports.flatMap(({ told }, index) => told.filter(({ kind }) => kind === "help").map(() => index));
  const names = { directory: "/srv", memory: new SharedArrayBuffer(8) };
  ports[0]?.say({ kind: "share", names });
  assertEquals(helping(), [1, 2]);
  ports[3]?.say({ kind: "share", names });
  assertEquals(helping(), [1, 2, 4]);
  const [help] = ports[4]?.told.filter(({ kind }) => kind === "help") ?? [];
  assertEquals(help, { kind: "help", names });
  ports[1]?.die("out of luck");
  ports[0]?.say({ kind: "share", names });
  assertEquals(helping(), [1, 2, 2, 4]);
  await pool.stop();
});

Deno.test("WorkerPool: a worker knows whether others help it, which takes two cores and one that stays free", async () => {
  const names = { directory: "/srv", memory: new SharedArrayBuffer(8) };
  for (const [workers, cores, helpers] of [[1, 8, 0], [2, 8, 1], [5, 4, 2], [3, 2, 0]] as const) {
    const { pool, ports } = fakePool(() => HEALTHY, cores);
    await pool.start(config(workers));
    const serve = ports[0]?.told.find(({ kind }) => kind === "serve");
    assertEquals(serve, { kind: "serve", helped: helpers > 0 });
    ports[0]?.say({ kind: "share", names });
    assertEquals(ports.filter(({ kinds }) => kinds.includes("help")).length, helpers);
    await pool.stop();
  }
});

Deno.test("WorkerPool: replacements have the newest settings", async () => {
  const { pool, ports, spawned } = fakePool();
  await pool.start(config(1));
  pool.configure({ ...config(1).session, welcome: "changed" });
  pool.tellAddress("192.0.2.9");
  const another = spawned();
  ports[0]?.die("out of luck");
  await another;
  const [start] = ports[1]?.told ?? [];
  assert(start?.kind === "start");
  assertEquals([start.config.welcome, start.config.publicAddress], ["changed", "192.0.2.9"]);
  assertEquals(start.config.port, 2121);
  await pool.stop();
});

Deno.test("WorkerPool: when every attempt fails and none is left it gives up, after ever longer pauses", async () => {
  const bad = { start: { kind: "cannot-listen", reason: "permission denied" } } as const;
  const { pool, ports } = fakePool((index) => index === 0 ? HEALTHY : bad);
  await pool.start(config(1));
  const pauses: number[] = [];
  {
    using timers = new PassedTimers();
    ports[0]?.die("out of luck");
    const error = await pool.lost;
    assertStringIncludes(error.message, "permission denied");
    pauses.push(...timers.milliseconds);
  }
  assertEquals(pauses.slice(0, 4), [50, 100, 200, 400]);
  assertEquals(pauses.length, 10);
  assert(pauses.every((pause) => pause <= 30_000));
  await pool.stop();
});

Deno.test("WorkerPool.renew: the new generation serves the same port, the one before retires", async () => {
  const { pool, ports } = fakePool();
  await pool.start(config(1));
  await pool.renew({ ...config(2), writable: false });
  assertEquals(ports.map(({ kinds }) => kinds.at(-1)), ["retire", "serve", "serve"]);
  assertEquals([pool.health.alive, pool.health.wanted], [2, 2]);
  await pool.stop();
});

Deno.test("WorkerPool.renew: where it cannot start, everything stays as it was", async () => {
  const bad = { start: { kind: "cannot-listen", reason: "permission denied" } } as const;
  const { pool, ports } = fakePool((index) => index === 0 ? HEALTHY : bad);
  await pool.start(config(1));
  await assertRejects(() => pool.renew(config(2)), FtpkitError, "permission denied");
  assertEquals(ports[0]?.kinds, ["start", "serve"]);
  assertEquals(ports.map(({ terminated }) => terminated), [false, true, true]);
  assertEquals([pool.health.alive, pool.health.wanted], [1, 1]);
  await pool.stop();
});

Deno.test("WorkerPool.leaveHanging: all that hang are left at once, and one without its ports needs nothing", async () => {
  using ticks = new Ticks();
  const retiring: Script = { ...HEALTHY, retire: { kind: "retired" } };
  const { pool, ports, hangs } = fakePool((index) => index < 6 ? retiring : HEALTHY);
  await pool.start(config(3));
  ticks.pass(MOST_SILENCE + 1);
  await until(() => hangs() === 3);
  using listeners = new ListeningSockets();
  await pool.leaveHanging(config(3), listeners);
  assertEquals([pool.hanging, ports.length], [0, 6]);
  await pool.renew(config(1));
  ticks.pass(MOST_SILENCE);
  ports[6]?.say({ kind: "pong" });
  ticks.pass();
  await until(() => pool.health.deaths === 6);
  assertEquals([hangs(), pool.hanging, pool.health.alive], [3, 0, 1]);
  await pool.stop();
});

Deno.test("workerCount: auto is one more than the cores, within reason", () => {
  assertEquals(workerCount(7, 4), 7);
  const spread = Deno.build.os === "linux";
  for (const [cores, workers] of [[1, 1], [2, 3], [4, 5], [64, 5]] as const) {
    assertEquals(workerCount("auto", cores), spread ? workers : 1);
  }
});

Deno.test("supervise: a worker that dies takes down its own sessions only, and gives back their places", async () => {
  using workers = new MortalWorkers();
  await using server = await Supervised.start({
    config: { workers: 2, maxSessions: 30 },
    spawn: workers.spawn,
  });
  const clients = await connectMany(server, 30);
  {
    using refused = await RawClient.connect(server.address);
    await refused.expect(421);
  }
  workers.kill(0);
  const alive: RawClient[] = [];
  for (const client of clients) {
    await client.send("NOOP\r\n").catch(() => {});
    const reply = await client.next();
    if (reply === null) client[Symbol.dispose]();
    else alive.push(client);
  }
  assert(alive.length > 0 && alive.length < 30, `${alive.length} of 30 live on`);
  const lost = 30 - alive.length;
  for (let index = 0; index < lost; index++) {
    alive.push(await comeBack(server));
  }
  assert(server.log.lines.some((line) => line.includes("as the test asked")));
  assertEquals(server.log.lines.filter((line) => /session \d+ ended/.test(line)).length, lost);
  for (const client of alive) client[Symbol.dispose]();
});

Deno.test("supervise: a worker that says what is no message does not end the server", async () => {
  const workers: Worker[] = [];
  const spawn: WorkerFactory = (rights) => {
    const worker = spawnWorker(rights) as Worker;
    workers.push(worker);
    return worker;
  };
  await using server = await Supervised.start({ config: { workers: 1 }, spawn });
  const questions = [undefined, { kind: "open-directory", path: 1 }, { kind: "login" }];
  const said = [...questions.map((question) => ({ kind: "ask", id: 0, question })), null];
  for (const data of said) workers[0]?.onmessage?.(new MessageEvent("message", { data }));
  let seen = 0;
  for (const _ of said) {
    const line = await server.log.find(/what a session worker said was not taken/, seen);
    seen = server.log.lines.indexOf(line, seen) + 1;
  }
  using client = await RawClient.login(server.address);
  await client.command("NOOP", 200);
});

Deno.test("supervise: the last worker's death does not end the server", async () => {
  using workers = new MortalWorkers();
  await using server = await Supervised.start({ spawn: workers.spawn });
  using before = await RawClient.login(server.address);
  workers.kill(0);
  assertEquals(await before.next(), null);
  using _after = await comeBack(server);
});

Deno.test("supervise: a stop does not wait for a replacement that does not come", async () => {
  using workers = new MortalWorkers();
  const another = Promise.withResolvers<void>();
  const spawn: WorkerFactory = () => {
    if (workers.started.length === 0) return workers.spawn();
    another.resolve();
    return new FakeWorker({});
  };
  await using server = await Supervised.start({ spawn });
  workers.kill(0);
  await another.promise;
  const started = performance.now();
  await server.stop();
  assert(performance.now() - started < 10_000);
});

Deno.test("supervise: three thousand connections that say nothing keep nobody waiting", async () => {
  const count = 3000;
  await using server = await Supervised.start({
    config: { workers: 2, maxSessions: count + 1, maxSessionsPerAddress: count + 1 },
  });
  await Deno.writeTextFile(`${server.root}/file`, "content");
  const silent: RawClient[] = [];
  while (silent.length < count) {
    const some = await Promise.all(
      Array.from({ length: 100 }, () => RawClient.connect(server.address)),
    );
    await Promise.all(some.map((client) => client.expect(220)));
    silent.push(...some);
  }
  const started = performance.now();
  using client = await RawClient.login(server.address);
  assertEquals(await client.fetchText("RETR file"), "content");
  assert(performance.now() - started < 1000);
  for (const one of silent) one[Symbol.dispose]();
});
