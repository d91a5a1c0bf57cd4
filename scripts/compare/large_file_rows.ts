/**
 * Large files: one, and four at once.
 *
 * @module
 */
import { join } from "@std/path";
import { hashFile, makeFile } from "../../tests/support/files.ts";
import { type Lab, type LabServer, load, must, seconds, warmMemory } from "./lab.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

/** Transfers that run at once where there are several. */
const AT_ONCE = 4;

/** The address of a file. */
export function urlOf({ port }: LabServer, name: string): string {
  return `ftp://127.0.0.1:${port}/${name}`;
}

/** Runs curl once. */
export function curl({ login, secure }: LabServer, args: readonly string[]): Promise<string> {
  const tls = secure ? ["--ssl-reqd", "--insecure"] : [];
  return must("curl", ["--silent", "--show-error", "--user", login, ...tls, ...args]);
}

async function mustBeSame(one: string, other: string): Promise<void> {
  const [left, right] = await Promise.all([hashFile(one), hashFile(other)]);
  if (left !== right) throw new Error(`${one} and ${other} are not the same`);
}

/** A server with a large file to download: over TLS half as large. */
async function downloads(
  lab: Lab,
  contestant: Contestant,
  { secure = false, run }: {
    readonly secure?: boolean;
    run(server: LabServer): Promise<readonly number[]>;
  },
): Promise<Entrant> {
  const server = await lab.server(contestant, { inMemory: true, secure });
  const file = join(server.root, "large");
  await makeFile(file, secure ? lab.options.large / 2 : lab.options.large);
  const copy = join(await lab.folder(), "copy");
  return {
    run: () => run(server),
    async check() {
      await curl(server, ["--output", copy, urlOf(server, "large")]);
      await mustBeSame(file, copy);
      await Deno.remove(copy);
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

function fetchWithCurl(server: LabServer): Promise<string> {
  return curl(server, ["--output", "/dev/null", urlOf(server, "large")]);
}

function fetchMany(server: LabServer): Promise<unknown> {
  return Promise.all(Array.from({ length: AT_ONCE }, () => fetchWithCurl(server)));
}

/** Does something while a session of its own says NOOP; its 99th percentile in milliseconds. */
async function noopDuring(
  lab: Lab,
  { port, login }: LabServer,
  work: () => Promise<unknown>,
): Promise<number> {
  const noops = lab.python("noops.py", [port, login]);
  await noops.hear();
  await work();
  await noops.end();
  const [, slow] = (await noops.hear()).split(" ");
  return Number(slow);
}

async function dropCaches(): Promise<void> {
  await must("sync", []);
  await Deno.writeTextFile("/proc/sys/vm/drop_caches", "1");
}

/** Four files on the disk that are not in the page cache. */
async function coldDownloads(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server(contestant);
  const names = Array.from({ length: AT_ONCE }, (_, number) => `cold-${number}`);
  for (const name of names) await makeFile(join(server.root, name), lab.options.large / AT_ONCE);
  const fetch = (name: string): Promise<string> =>
    curl(server, ["--output", "/dev/null", urlOf(server, name)]);
  return {
    async run() {
      await dropCaches();
      return [await noopDuring(lab, server, () => Promise.all(names.map(fetch)))];
    },
    check: () => Promise.resolve(), // the same bytes as in the rows above
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** A server that takes large files. */
async function uploads(
  lab: Lab,
  contestant: Contestant,
  { count, inMemory, secure = false }: {
    readonly count: number;
    readonly inMemory: boolean;
    readonly secure?: boolean;
  },
): Promise<Entrant> {
  const server = await lab.server(contestant, { inMemory, secure });
  const file = join(await lab.folder("memory"), "large");
  const size = lab.options.large / (secure ? 2 : count);
  await makeFile(file, size);
  const names = Array.from({ length: count }, (_, number) => `up-${number}`);
  const store = (name: string): Promise<string> =>
    curl(server, ["--upload-file", file, urlOf(server, name)]);
  const makeReady = async (): Promise<void> => {
    for (const name of names) await Deno.remove(join(server.root, name)).catch(() => {}); // not yet
    if (inMemory) await warmMemory(server.root, size * count);
    else await must("sync", []);
  };
  return {
    async run() {
      await makeReady();
      return [await seconds(() => Promise.all(names.map(store)))];
    },
    async check() {
      await Promise.all(names.map(store));
      for (const name of names) await mustBeSame(file, join(server.root, name));
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** The rows of large files. */
export const LARGE_FILE_ROWS: readonly Row[] = [
  {
    name: "download",
    measures: [{
      what: "download, one stream, curl to /dev/null",
      unit: "s",
      goal: { of: "ratio", most: 0.6 },
    }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"] },
    enter: (lab, contestant) =>
      downloads(lab, contestant, {
        run: async (server) => [await seconds(() => fetchWithCurl(server))],
      }),
  },
  {
    name: "sink",
    measures: [{
      what: "download, one stream, a plain socket",
      unit: "s",
      goal: { of: "ratio", most: 1 },
    }],
    peers: ["vsftpd"],
    needs: { programs: ["curl", "python3"] },
    enter: (lab, contestant) =>
      downloads(lab, contestant, {
        run: async ({ port, login }) => [await load([port, login, "RETR", "--names", "large"])],
      }),
  },
  {
    name: "upload",
    measures: [{
      what: "upload, one stream, in memory",
      unit: "s",
      goal: { of: "ratio", most: 0.9 },
    }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"], root: true },
    enter: (lab, contestant) => uploads(lab, contestant, { count: 1, inMemory: true }),
  },
  {
    name: "upload-disk",
    measures: [{ what: "upload, one stream, to the disk; vsftpd flushes nothing", unit: "s" }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"] },
    enter: (lab, contestant) => uploads(lab, contestant, { count: 1, inMemory: false }),
  },
  {
    name: "downloads",
    measures: [
      { what: "4 downloads at once", unit: "s", goal: { of: "ratio", most: 0.8 } },
      { what: "NOOP meanwhile, 99 %", unit: "ms", goal: { of: "value", most: 3 } },
    ],
    peers: ["vsftpd"],
    needs: { programs: ["curl", "python3"] },
    enter: (lab, contestant) =>
      downloads(lab, contestant, {
        async run(server) {
          let took = 0;
          const noop = await noopDuring(lab, server, async () => {
            took = await seconds(() => fetchMany(server));
          });
          return [took, noop];
        },
      }),
  },
  {
    name: "downloads-cold",
    measures: [
      {
        what: "NOOP while 4 files come from a cold disk, 99 %",
        unit: "ms",
        goal: { of: "value", most: 3 },
      },
    ],
    peers: ["vsftpd"],
    needs: { programs: ["curl", "python3"], root: true },
    enter: coldDownloads,
  },
  {
    name: "uploads",
    measures: [{ what: "4 uploads at once, in memory", unit: "s", goal: { of: "ratio", most: 1 } }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"], root: true },
    enter: (lab, contestant) => uploads(lab, contestant, { count: AT_ONCE, inMemory: true }),
  },
  {
    name: "tls-download",
    measures: [{ what: "TLS download, one stream", unit: "s", goal: { of: "ratio", most: 0.7 } }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"] },
    enter: (lab, contestant) =>
      downloads(lab, contestant, {
        secure: true,
        run: async (server) => [await seconds(() => fetchWithCurl(server))],
      }),
  },
  {
    name: "tls-upload",
    measures: [{
      what: "TLS upload, one stream, in memory",
      unit: "s",
      goal: { of: "ratio", most: 0.5 },
    }],
    peers: ["vsftpd"],
    needs: { programs: ["curl"], root: true },
    enter: (lab, contestant) =>
      uploads(lab, contestant, { count: 1, inMemory: true, secure: true }),
  },
];
