import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { SessionEvent } from "../../../server/events/event.ts";
import { Observers } from "../../../server/events/observers.ts";
import { FtpkitError } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";
import { freePort } from "../../support/free_port.ts";
import { testConfig } from "../../support/supervised.ts";

function observers(lines: string[] = []): Observers {
  return new Observers({
    onLine: (line) => lines.push(line),
    source: (metrics) => ({
      draining: () => false,
      render: () => metrics.render({ sessions: 0, refusals: new Map(), bans: 0, workers: WORKERS }),
    }),
  });
}

const WORKERS = { alive: 1, wanted: 1, retiring: 0, deaths: 0, replacements: 0 };
const DELETED: SessionEvent = {
  session: 1,
  address: "192.0.2.1",
  user: "alice",
  anonymous: false,
  at: 0,
  kind: "delete",
  path: "/a",
};

function said(command: string, at: number): SessionEvent {
  return { ...DELETED, at, kind: "received", command };
}

async function textOf(path: string): Promise<string> {
  return await Deno.readTextFile(path);
}

Deno.test("Observers: the log of a running session stays in one file when everything is reopened", async () => {
  await using folder = await tempFolder();
  const config = testConfig("/srv", { config: { sessionLogs: folder.path } });
  {
    await using all = observers();
    await all.open(config);
    all.observe(said("NOOP", 0));
    await all.reopen(config);
    all.observe(said("QUIT", 5000));
  }
  const [file, ...others] = await Array.fromAsync(Deno.readDir(folder.path));
  assertEquals(others, []);
  const text = await textOf(`${folder.path}/${file?.name}`);
  assertEquals(text, "00:00:00.000 > NOOP\n00:00:05.000 > QUIT\n");
});

Deno.test("Observers: a directory of session logs that was moved away is made again", async () => {
  await using folder = await tempFolder();
  const sessionLogs = `${folder.path}/sessions`;
  const config = testConfig("/srv", { config: { sessionLogs } });
  {
    await using all = observers();
    await all.open(config);
    await Deno.rename(sessionLogs, `${sessionLogs}.1`);
    await all.reopen(config);
    all.observe(said("NOOP", 0));
  }
  assertEquals((await Array.fromAsync(Deno.readDir(sessionLogs))).length, 1);
});

Deno.test("Observers: what cannot be opened again stays, the others begin anew", async () => {
  await using folder = await tempFolder();
  const lines: string[] = [];
  const transferLog = `${folder.path}/x`;
  const config = testConfig("/srv", { config: { transferLog } });
  {
    await using all = observers(lines);
    await all.open(config);
    all.observe(DELETED);
    await Deno.rename(transferLog, `${transferLog}.1`);
    const logFile = `${folder.path}/missing/log`;
    await all.reopen({ ...config, logFile });
    all.observe({ ...DELETED, path: "/b" });
  }
  assertMatch(await textOf(`${transferLog}.1`), / \/a b _ d r alice [^\n]*\n$/);
  assertMatch(await textOf(transferLog), / \/b b _ d r alice [^\n]*\n$/);
  const texts = lines.map((line) => line.replace(/^\S+ /, ""));
  assertEquals(texts, [
    'info session 1 DELE "/a", by "alice" from 192.0.2.1',
    `error not opened again: Cannot open the log "${folder.path}/missing/log": no such directory`,
    'info session 1 DELE "/b", by "alice" from 192.0.2.1',
  ]);
});

Deno.test("Observers: metrics that cannot move stay where they are", async () => {
  const lines: string[] = [];
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const metrics = { hostname: "127.0.0.1", port: freePort("127.0.0.1") };
  const config = testConfig("/srv", { config: { metrics } });
  await using all = observers(lines);
  await all.open(config);
  await all.reopen({ ...config, metrics: { ...metrics, port: taken.addr.port } });
  assertMatch(lines.at(-1) ?? "", /error not opened again: Cannot serve metrics on/);
  const response = await fetch(`http://127.0.0.1:${metrics.port}/metrics`, { method: "HEAD" });
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
});

Deno.test("Observers: at the start, what cannot be opened is thrown", async () => {
  await using all = observers();
  const config = testConfig("/srv", { config: { transferLog: "/no/such/x" } });
  await assertRejects(() => all.open(config), FtpkitError, "Cannot open the transfer log");
});
