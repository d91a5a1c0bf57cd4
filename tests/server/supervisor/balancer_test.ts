import { assert, assertEquals } from "@std/assert";
import { Balancer } from "../../../server/supervisor/balancer.ts";
import { MOST_SILENCE } from "../../../server/supervisor/heartbeat.ts";
import { spreadProgram } from "../../../server/supervisor/spread_program.ts";
import { connectMany, MortalWorkers, Supervised, testConfig } from "../../support/supervised.ts";
import { RawClient } from "../../support/raw_client.ts";
import { Ticks } from "../../support/ticks.ts";

/** What a program chooses from, found among those of up to five sockets. */
function choiceOf(program: Uint8Array): readonly number[] | undefined {
  for (let set = 0; set < 32; set++) {
    const indices = [0, 1, 2, 3, 4].filter((index) => set & 1 << index);
    if (spreadProgram(indices).join() === program.join()) return indices;
  }
  return undefined;
}

const NOBODY = { late: false };

/** A balancer over so many workers, each named by its number, with the loads that are set. */
function balance(workers: number, listening: () => number = () => workers) {
  const loads = new Map<object, number>();
  const steered: (readonly number[] | undefined)[] = [];
  const all = Array.from({ length: workers }, (_, number) => ({ number, late: false }));
  const balancer = new Balancer({
    load: (worker) => loads.get(worker) ?? 0,
    sockets: {
      able: true,
      on: () => new Map(Array.from({ length: listening() }, (_, index) => [BigInt(index), index])),
      steer: (_descriptor, program) => steered.push(choiceOf(program)),
    },
  });
  for (const worker of all) balancer.opened(worker);
  balancer.use([21]);
  const load = (...counts: number[]): void => {
    for (const [index, worker] of all.entries()) loads.set(worker, counts[index] ?? 0);
    balancer.review();
  };
  return { balancer, all, load, steered };
}

Deno.test("Balancer: new connections go to the workers with the fewest sessions", () => {
  const { load, steered } = balance(4);
  load(1, 0, 0, 0);
  load(1, 1, 0, 1);
  load(1, 1, 1, 1);
  assertEquals(steered, [[0, 1, 2, 3], [1, 2, 3], [2], [0, 1, 2, 3]]);
});

Deno.test("Balancer: the system is told only what is new", () => {
  const { load, steered } = balance(2);
  load(1, 1);
  load(2, 2);
  assertEquals(steered, [[0, 1]]);
});

Deno.test("Balancer: among many sessions small differences do not send all that come at once to one worker", () => {
  const { load, steered } = balance(3);
  load(100, 99, 60);
  load(100, 99, 95);
  load(100, 99, 88);
  assertEquals(steered, [[0, 1, 2], [2], [0, 1, 2], [1, 2]]);
});

Deno.test("Balancer.closed: the last socket takes the place of the one that is gone, as in the kernel", async () => {
  let listening = 4;
  const { balancer, all, load, steered } = balance(4, () => listening);
  load(0, 1, 1, 1);
  const [first = NOBODY] = all;
  listening = 3;
  balancer.leaving(first);
  await balancer.closed(first);
  load(0, 1, 1, 0);
  assertEquals(steered, [[0, 1, 2, 3], [0], [1, 2, 3], [0, 1, 2], [0]]);
  await balancer.closed(first);
  load(0, 0, 1, 1);
  assertEquals(steered.at(-1), [1]);
});

Deno.test("Balancer.closed: as long as the sockets are there the order stays, and who closes them gets nothing", async () => {
  const looks = [4, 4, 4, 4, 4, 4, 3];
  const { balancer, all, steered } = balance(4, () => looks.length > 1 ? looks.shift() ?? 0 : 3);
  const [, second = NOBODY] = all;
  balancer.leaving(second);
  await balancer.closed(second);
  assertEquals(looks, [3]);
  assertEquals(steered, [[0, 1, 2, 3], [0, 2, 3], [0, 1, 2]]);
});

Deno.test("Balancer.closed: of two at a time nobody knows which was first, and the system decides", async () => {
  let listening = 4;
  const { balancer, all, load, steered } = balance(4, () => listening);
  const [first = NOBODY, second = NOBODY] = all;
  const both = [balancer.closed(first), balancer.closed(second)];
  listening = 2;
  await Promise.all(both);
  load(5, 5, 0, 0);
  assertEquals(steered.at(-1), []);
  assertEquals(balancer.review(), false);
});

Deno.test("Balancer.closed: where another one is gone too, unnoticed, the system decides", async () => {
  let listening = 4;
  const { balancer, all, steered } = balance(4, () => listening);
  listening = 2;
  await balancer.closed(all[0] ?? NOBODY);
  assertEquals([steered.at(-1), balancer.review()], [[], false]);
});

Deno.test("Balancer.opened: where another one is gone, unnoticed, the system decides", () => {
  let listening = 3;
  const { balancer, steered } = balance(3, () => listening);
  balancer.opened({ late: false });
  assertEquals([steered.at(-1), balancer.review()], [[], false]);
  listening = 4;
  assertEquals(balancer.review(), false);
});

Deno.test("Balancer: who does nothing gets nothing, as long as others are awake", () => {
  const { all, load, steered } = balance(3);
  const [first = NOBODY, second = NOBODY, third = NOBODY] = all;
  second.late = true;
  load(5, 0, 5);
  first.late = true;
  load(5, 0, 5);
  third.late = true;
  load(5, 0, 5);
  second.late = false;
  load(5, 9, 5);
  assertEquals(steered, [[0, 1, 2], [0, 2], [2], [1]]);
});

Deno.test("Balancer.leaving: who is about to close its ports gets nothing, though it has the fewest sessions", () => {
  const { balancer, all, load, steered } = balance(3);
  const [first = NOBODY, second = NOBODY, third = NOBODY] = all;
  balancer.leaving(first);
  load(0, 4, 4);
  assert(balancer.review());
  balancer.leaving(second);
  balancer.leaving(third);
  load(0, 4, 4);
  assertEquals(steered, [[0, 1, 2], [1, 2], [0]]);
});

Deno.test("Balancer: sockets that cannot be told apart are not looked for at each connection", () => {
  let looks = 0;
  const { balancer, load } = balance(3, () => {
    looks++;
    return 4;
  });
  for (let number = 0; number < 100; number++) load(number, 0, 0);
  assertEquals(balancer.review(), false);
  assertEquals(looks, 1);
  balancer.opened({ late: false });
  looks = 0;
  for (let number = 0; number < 100; number++) assert(balancer.review());
  assertEquals(looks, 1);
});

Deno.test("Balancer: where there are other sockets than are known the system decides", () => {
  const { load, steered } = balance(3, () => 4);
  load(1, 0, 0);
  assertEquals(steered, []);
});

Deno.test("Balancer.release: the system decides, whatever comes", () => {
  const { balancer, load, steered } = balance(2);
  balancer.release();
  load(5, 0);
  balancer.release();
  assertEquals(steered, [[0, 1], [], []]);
});

Deno.test("Balancer: one worker needs no balance", () => {
  const { load, steered } = balance(1);
  load(3);
  assertEquals(steered, []);
});

/** Counts the sessions of each worker that is started. */
class CountedWorkers implements Disposable {
  readonly counts: number[] = [];
  readonly #workers = new MortalWorkers();
  #serving = Promise.withResolvers<void>();

  readonly spawn = (): Worker => {
    const worker = this.#workers.spawn();
    const index = this.counts.push(0) - 1;
    worker.addEventListener("message", ({ data }) => {
      if (data.question?.kind === "admit") this.counts[index] = (this.counts[index] ?? 0) + 1;
      if (data.kind === "serving") this.#serving.resolve();
    });
    return worker;
  };

  /** Ends one, and waits for the one that takes its place. */
  async replace(index: number): Promise<void> {
    this.#serving = Promise.withResolvers<void>();
    this.kill(index);
    await this.#serving.promise;
  }

  /** Resolves when one has said that it is alive. */
  answer(index: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#workers.started[index]?.addEventListener("message", ({ data }) => {
      if (data.kind === "pong") resolve();
    });
    return promise;
  }

  /** Ends one. */
  kill(index: number): void {
    this.#workers.kill(index);
  }

  /** Lets one do nothing any more. */
  hang(index: number): void {
    this.#workers.hang(index);
  }

  [Symbol.dispose](): void {
    this.#workers[Symbol.dispose]();
  }
}

Deno.test({
  name: "supervise: sessions are spread evenly over the workers, also over those of a reload",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using workers = new CountedWorkers();
    const config = { workers: 3 };
    await using server = await Supervised.start({ config, spawn: workers.spawn });
    using clients = new DisposableStack();
    const come = async (count: number): Promise<void> => {
      for (let number = 0; number < count; number++) {
        const client = clients.use(await RawClient.connect(server.address));
        await client.expect(220);
      }
    };
    await come(9);
    assertEquals(workers.counts, [3, 3, 3]);
    await server.reload(() => testConfig(server.root, { config: { ...config, writable: false } }));
    await come(6);
    assertEquals(workers.counts, [3, 3, 3, 2, 2, 2]);
  },
});

Deno.test({
  name: "supervise: sessions are spread evenly again once a worker that died is replaced",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using workers = new CountedWorkers();
    await using server = await Supervised.start({ config: { workers: 4 }, spawn: workers.spawn });
    let sessions = 0;
    for (
      const [doomed, living] of [[0, [1, 2, 3, 4]], [2, [1, 3, 4, 5]], [5, [1, 3, 4, 6]]] as const
    ) {
      await workers.replace(doomed);
      workers.counts.fill(0);
      const clients = await connectMany(server, 12);
      assertEquals(living.map((index) => workers.counts[index]), [3, 3, 3, 3]);
      for (const client of clients) client[Symbol.dispose]();
      for (const last = sessions + clients.length; sessions < last;) {
        await server.log.find(new RegExp(` session ${++sessions} ended`));
      }
    }
  },
});

Deno.test({
  name: "supervise: sessions are spread evenly again once one that hangs is left behind",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using ticks = new Ticks();
    using workers = new CountedWorkers();
    await using server = await Supervised.start({ config: { workers: 3 }, spawn: workers.spawn });
    workers.hang(1);
    await server.log.find(/ hangs from now on/);
    for (let look = 0; look <= MOST_SILENCE; look++) {
      const answers = [0, 2].map((index) => workers.answer(index));
      ticks.pass();
      await Promise.all(answers);
    }
    await server.log.find(/ gets no new sessions/);
    workers.counts.fill(0);
    for (const client of await connectMany(server, 9)) client[Symbol.dispose]();
    assertEquals(workers.counts, [0, 0, 0, 3, 3, 3]);
  },
});

Deno.test({
  name: "supervise: sessions are spread evenly over the workers of a reload just when one has died",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using workers = new CountedWorkers();
    const config = { workers: 3 };
    await using server = await Supervised.start({ config, spawn: workers.spawn });
    workers.kill(1);
    await server.log.find(/ sessions are lost/);
    await server.reload(() => testConfig(server.root, { config: { ...config, writable: false } }));
    for (const client of await connectMany(server, 9)) client[Symbol.dispose]();
    assertEquals(workers.counts.filter((count) => count > 0), [3, 3, 3]);
  },
});

/** Comes and goes until it is told to stop, and tells how often it was not greeted. */
async function comeAndGo(server: Supervised, signal: AbortSignal): Promise<number> {
  let refused = 0;
  while (!signal.aborted) {
    try {
      using client = await RawClient.connect(server.address);
      await client.expect(220);
    } catch {
      refused++;
    }
  }
  return refused;
}

Deno.test({
  name: "supervise: a reload that changes all workers turns no connection away",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await Supervised.start({ config: { workers: 4 } });
    const stopping = new AbortController();
    const clients = Array.from({ length: 8 }, () => comeAndGo(server, stopping.signal));
    for (const workers of [2, 5, 1, 4]) {
      await server.reload(() => testConfig(server.root, { config: { workers } }));
    }
    stopping.abort();
    assertEquals(await Promise.all(clients), clients.map(() => 0));
  },
});
