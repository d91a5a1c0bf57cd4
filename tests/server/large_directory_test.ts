import { assert, assertEquals } from "@std/assert";
import type { FromWorker, ToWorker } from "../../server/admission/authority.ts";
import {
  spawnWorker,
  type WorkerFactory,
  type WorkerPort,
} from "../../server/supervisor/worker_handle.ts";
import { SharedLookup, type SharedNames } from "../../server/storage/shared_names.ts";
import { RawClient } from "../support/raw_client.ts";
import { Supervised } from "../support/supervised.ts";

const MANY = 5000;

/** Enough files to be shared, links among them, and names that are not to be seen. */
function fill(root: string): void {
  Deno.mkdirSync(`${root}/many/d`, { recursive: true });
  for (let number = 0; number < MANY; number++) {
    const path = `${root}/many/a rather long name ${number}`;
    Deno.writeTextFileSync(path, "x".repeat(number % 9));
    // Another test may have changed the umask of the process.
    Deno.chmodSync(path, 0o644);
  }
  Deno.chmodSync(`${root}/many/d`, 0o755);
  Deno.symlinkSync("d", `${root}/many/link`);
  Deno.symlinkSync("/", `${root}/many/out`);
  Deno.writeTextFileSync(`${root}/many/secret`, "");
  const bad = new Deno.Command("sh", { args: ["-c", `touch "$(printf '${root}/many/bad\\377')"`] });
  assert(bad.outputSync().success);
}

/** Session workers; `hear` may keep what they say, `tell` what they are told. */
function tapped(options: {
  readonly hear?: (said: FromWorker) => boolean;
  readonly tell?: (told: ToWorker, worker: WorkerPort) => boolean;
}): WorkerFactory {
  const { hear = () => true, tell = () => true } = options;
  return (rights) => {
    const worker = spawnWorker(rights);
    const port: WorkerPort = {
      onmessage: null,
      onerror: null,
      postMessage: (message: ToWorker) => {
        if (tell(message, worker)) worker.postMessage(message);
      },
      terminate: () => worker.terminate(),
    };
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      if (hear(event.data)) port.onmessage?.call(worker as Worker, event);
    };
    worker.onerror = (event) => port.onerror?.call(worker as Worker, event);
    return port;
  };
}

const COMMANDS = ["LIST many", "MLSD many", "NLST many", "LIST -S many", "NLST many/*7"];

async function listings(server: Supervised): Promise<readonly string[]> {
  using client = await RawClient.login(server.address);
  const texts: string[] = [];
  for (const command of COMMANDS) texts.push(await client.fetchText(command));
  return texts;
}

async function served(workers: number, spawn?: WorkerFactory): Promise<Supervised> {
  const server = await Supervised.start({
    config: { workers },
    session: { deny: ["secret"] },
    ...(spawn === undefined ? {} : { spawn }),
  });
  fill(server.root);
  return server;
}

/** Without what differs between two directories. */
function comparable(text: string): string {
  return text.replace(/(Modify|Create|Unique)=[^;]*;|\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d /g, "");
}

function assertSame(actual: readonly string[], expected: readonly string[]): void {
  for (const [index, text] of actual.entries()) {
    const lines = comparable(expected[index] ?? "").split("\r\n");
    const different = comparable(text).split("\r\n").findIndex((line, at) => line !== lines[at]);
    assertEquals(different, -1, `${COMMANDS[index]}: ${text.split("\r\n")[different]}`);
  }
}

Deno.test("large directories: several workers list what one lists, by themselves too", async () => {
  let shared = 0;
  let read = 0;
  const hear = (said: FromWorker): boolean => {
    if (said.kind === "share") shared++;
    if (said.kind === "ask" && said.question.kind === "read-directory") read++;
    return true;
  };
  await using one = await served(1, tapped({ hear }));
  const alone = await listings(one);
  assertEquals([shared, alone.map((text) => text.split("\r\n").length - 1)], [
    0,
    [MANY + 2, MANY + 2, MANY + 2, MANY + 2, MANY / 10],
  ]);
  assertEquals(alone.some((text) => /secret|bad|out\r\n/.test(text)), false);
  assertEquals(read > 0, Deno.build.os === "linux");
  await using three = await served(3, tapped({ hear }));
  assertSame(await listings(three), alone);
  assertEquals(shared > 0, navigator.hardwareConcurrency > 2);
});

Deno.test("large directories: help that is lost, and a supervisor that cannot read, cost nothing but time", async () => {
  const lost = tapped({ tell: ({ kind }) => kind !== "help" });
  await using server = await served(2, lost);
  const expected = await listings(server);
  const unable = tapped({
    tell: (told, worker) => {
      if (told.kind !== "answer" || typeof told.answer !== "object") return true;
      if (!("memory" in told.answer)) return true;
      worker.postMessage({ ...told, answer: undefined });
      return false;
    },
  });
  await using other = await served(2, unable);
  assertSame(await listings(other), expected);
});

Deno.test("large directories: a reading that breaks off is an error, not a short listing", async () => {
  const questions = new Set<number>();
  const breaking = tapped({
    hear: (said) => {
      if (said.kind === "ask" && said.question.kind === "read-directory") questions.add(said.id);
      return true;
    },
    tell: (told, worker) => {
      if (told.kind !== "answer" || !questions.has(told.id)) return true;
      worker.postMessage({ ...told, answer: undefined });
      return false;
    },
  });
  await using server = await served(1, breaking);
  if (Deno.build.os !== "linux") return;
  using client = await RawClient.login(server.address);
  using _data = await client.openData();
  await client.command("LIST many", 150);
  await client.expect(451);
  await client.command("NOOP", 200);
});

Deno.test("large directories: a listing that nobody takes to its end leaves nothing to be looked up", async () => {
  const shared: SharedNames[] = [];
  const spawn = tapped({
    hear: (said) => {
      if (said.kind === "share") shared.push(said.names);
      return true;
    },
    tell: ({ kind }) => kind !== "help",
  });
  await using server = await served(3, spawn);
  using client = await RawClient.login(server.address);
  // What matches is looked for before anybody asks whether there is a data connection.
  await client.command("LIST many/a*", 425);
  assertEquals(shared.length > 0, navigator.hardwareConcurrency > 2);
  assertEquals(shared.map((names) => new SharedLookup(names).take()), shared.map(() => undefined));
});

Deno.test({
  name: "large directories: a listing that is aborted while it is read leaves no directory open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const closed = Promise.withResolvers<number>();
    const read = Promise.withResolvers<() => void>();
    const spawn = tapped({
      hear: (said) => {
        if (said.kind !== "ask") return true;
        if (said.question.kind === "close-directory") closed.resolve(said.question.reading);
        return true;
      },
      // A disk that takes its time.
      tell: (told, worker) => {
        if (told.kind !== "answer" || typeof told.answer !== "number") return true;
        read.resolve(() => worker.postMessage(told));
        return false;
      },
    });
    await using server = await served(1, spawn);
    using client = await RawClient.login(server.address);
    using _data = await client.openData();
    await client.command("LIST many", 150);
    const readOn = await read.promise;
    await client.command("ABOR", 426);
    await client.expect(226);
    readOn();
    assertEquals(await closed.promise, 1);
  },
});
