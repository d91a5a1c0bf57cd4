/** Many sessions with one server, and many files over them. */

import { assertEquals, assertRejects } from "@std/assert";
import { openRun } from "../../../client/client_run.ts";
import type { Session } from "../../../client/session/session.ts";
import { type Lease, SessionPool } from "../../../client/session/session_pool.ts";
import { type FileJob, type Job, runJobs } from "../../../client/tree/queue.ts";
import { AuthError, FtpkitError } from "../../../shared/errors.ts";
import { TestServer } from "../../support/test_server.ts";
import { parsedOptions } from "../client_arguments.ts";
import { testIo } from "../dialogue.ts";

/** A session as far as the pool knows it. */
class FakeSession {
  open = true;
  close(): Promise<void> {
    this.open = false;
    return Promise.resolve();
  }
}

interface Fakes {
  readonly pool: SessionPool;
  readonly made: FakeSession[];
  readonly limits: number[];
}

/** A pool that opens `allowed` sessions and is refused any other. */
function fakePool(limit: number, allowed = limit): Fakes {
  const made: FakeSession[] = [];
  const limits: number[] = [];
  const pool = new SessionPool({
    limit,
    onFewer: (fewer) => limits.push(fewer),
    open() {
      const open = made.filter((session) => session.open).length;
      if (open >= allowed) return Promise.reject(new AuthError("too many"));
      const session = new FakeSession();
      made.push(session);
      return Promise.resolve(session as unknown as Session);
    },
  });
  return { pool, made, limits };
}

function giveBack(lease: Lease): void {
  lease[Symbol.dispose]();
}

Deno.test("SessionPool: a session that was given back is lent again", async () => {
  const { pool, made } = fakePool(4);
  giveBack(await pool.borrow());
  giveBack(await pool.borrow());
  assertEquals(made.length, 1);
  await pool[Symbol.asyncDispose]();
  assertEquals(made[0]?.open, false);
});

Deno.test("SessionPool: never more than its limit; who waits gets the next one", async () => {
  const { pool, made } = fakePool(2);
  const [first, second] = await Promise.all([pool.borrow(), pool.borrow()]);
  const third = pool.borrow();
  giveBack(first);
  const lease = await third;
  assertEquals([made.length, lease.session], [2, first.session]);
  giveBack(lease);
  giveBack(second);
});

Deno.test("SessionPool: one that was lost is replaced", async () => {
  const { pool, made } = fakePool(1);
  const lease = await pool.borrow();
  await lease.session.close();
  giveBack(lease);
  giveBack(await pool.borrow());
  assertEquals(made.length, 2);
});

Deno.test("SessionPool: goes on with fewer where the server lets no more in", async () => {
  const { pool, made, limits } = fakePool(8, 2);
  const finished = await Promise.all(Array.from({ length: 20 }, async () => {
    const lease = await pool.borrow();
    await Promise.resolve();
    giveBack(lease);
  }));
  assertEquals([finished.length, made.length, limits.at(-1)], [20, 2, 2]);
});

Deno.test("SessionPool: a login that is refused is refused once, and to all", async () => {
  let tries = 0;
  const pool = new SessionPool({
    limit: 8,
    onFewer: () => {},
    open() {
      tries++;
      return tries === 1
        ? Promise.reject(new AuthError("wrong password"))
        : Promise.resolve(new FakeSession() as unknown as Session);
    },
  });
  await assertRejects(() => pool.borrow(), AuthError, "wrong password");
  assertEquals(tries, 1);
});

interface Queued {
  readonly code: number;
  readonly lines: string[];
}

/** Runs jobs over so many sessions with a server. */
async function runFake(
  jobs: readonly Job[],
  parallel: number,
  onOver: () => void = () => {},
): Promise<Queued> {
  await using server = await TestServer.start();
  const port = String(server.address.port);
  const parsed = parsedOptions(["-P", port, "--no-netrc", "--retries", "0"]);
  const io = testIo();
  await using clientRun = openRun(parsed, { io, parallel });
  clientRun.report.expect(jobs.length);
  clientRun.report.progress.finish = onOver;
  const code = await runJobs(jobs, clientRun);
  return { code, lines: io.stdoutText.trimEnd().split("\n") };
}

function job(name: string, work: () => Promise<void>): FileJob {
  return {
    action: "get",
    source: `127.0.0.1:${name}`,
    target: name,
    server: { kind: "remote", scheme: "ftp", host: "127.0.0.1", path: name, ascii: false },
    task: {
      async attempt() {
        await work();
        return { status: "skipped", bytes: 0, reason: "a test" };
      },
    },
  };
}

Deno.test("runJobs: results are told in the order of the jobs, whichever is done first", async () => {
  const second = Promise.withResolvers<void>();
  const jobs = [
    job("a", () => second.promise),
    job("b", () => Promise.resolve(second.resolve())),
  ];
  const { code, lines } = await runFake(jobs, 2);
  assertEquals(code, 0);
  assertEquals(lines.map((line) => line.split(" ")[0]), ["127.0.0.1:a", "127.0.0.1:b"]);
});

Deno.test("runJobs: what is over counts as that, though its result waits for its turn", async () => {
  const events: string[] = [];
  const second = Promise.withResolvers<void>();
  const jobs = [
    job("a", async () => {
      await second.promise;
      await new Promise((resolve) => setTimeout(resolve));
      events.push("the first one ends");
    }),
    job("b", () => Promise.resolve(second.resolve())),
  ];
  await runFake(jobs, 2, () => events.push("one is over"));
  assertEquals(events, ["one is over", "the first one ends", "one is over"]);
});

Deno.test("runJobs: one that fails does not keep the others from being done", async () => {
  const failing = job("a", () => Promise.reject(new FtpkitError("Cannot do it")));
  const { code, lines } = await runFake([failing, job("b", () => Promise.resolve())], 1);
  assertEquals([code, lines], [8, ["127.0.0.1:b -> b  skipped: a test"]]);
});
