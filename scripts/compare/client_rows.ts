/**
 * ftpkit as a client, beside other clients of one and the same server.
 *
 * @module
 */
import { join } from "@std/path";
import { hashFile, makeFile } from "../../tests/support/files.ts";
import { type Lab, type LabServer, makeFiles, must, seconds } from "./lab.ts";
import { curl, urlOf } from "./large_file_rows.ts";
import type { Contestant, Entrant, Row } from "./row.ts";
import { SlowLink } from "./slow_link.ts";

const SMALL = 4096;
const PARALLEL = "8";
const SEGMENTS = "4";

/** What is fetched over the slow link is so many times smaller than a large file. */
const SLOWER = 16;

/** 100 Mbit/s and 40 ms. */
const SLOW = { rate: 12_500_000, roundTrip: 40 };

const HOST = "127.0.0.1";

/** The address of a file with the login in it. */
function fullUrl({ port, login }: LabServer, name: string, host = HOST): string {
  return `ftp://${login}@${host}:${port}/${name}`;
}

function ftpkit(lab: Lab, args: readonly string[]): Promise<string> {
  const [program, ...before] = lab.ftpkitCommand;
  return must(program, [...before, ...args, "--quiet"]);
}

function lftp({ port, login }: LabServer, command: string, host = HOST): Promise<string> {
  const user = login.replace(":", ",");
  return must("lftp", ["-e", `${command}; quit`, "-u", user, "-p", String(port), host]);
}

async function clear(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {}); // not there yet
}

async function download(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server("vsftpd", { inMemory: true });
  const file = join(server.root, "large");
  const copy = join(await lab.folder("memory"), "copy");
  await makeFile(file, lab.options.large);
  const fetch = (): Promise<string> =>
    contestant === "ftpkit"
      ? ftpkit(lab, ["get", fullUrl(server, "large"), copy])
      : curl(server, ["--output", copy, urlOf(server, "large")]);
  return fetched({ fetch, file, copy }, lab);
}

/** One file over four connections, each of which the link makes slow. */
async function segments(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server("vsftpd", { inMemory: true });
  const link = new SlowLink(server.port, SLOW);
  lab.own(link);
  const file = join(server.root, "large");
  const copy = join(await lab.folder("memory"), "copy");
  await makeFile(file, Math.ceil(lab.options.large / SLOWER));
  const { address } = SlowLink;
  const fetch = (): Promise<string> =>
    contestant === "ftpkit"
      ? ftpkit(lab, ["get", "--segments", SEGMENTS, fullUrl(server, "large", address), copy])
      : lftp(server, `pget -n ${SEGMENTS} large -o ${copy}`, address);
  return fetched({ fetch, file, copy }, lab);
}

/** Fetches a file anew in each run. */
function fetched(
  way: { readonly fetch: () => Promise<string>; readonly file: string; readonly copy: string },
  lab: Lab,
): Entrant {
  const { fetch, file, copy } = way;
  return {
    async run() {
      await clear(copy);
      return [await seconds(fetch)];
    },
    async check() {
      await fetch();
      if (await hashFile(copy) !== await hashFile(file)) throw new Error("the copy differs");
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** A tree of small files, fetched and sent with eight sessions. */
async function trees(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const server = await lab.server("vsftpd", { inMemory: true });
  const folder = await lab.folder("memory");
  const { small: count } = lab.options;
  for (const root of [server.root, folder]) {
    await Deno.mkdir(join(root, "tree"));
    await makeFiles(join(root, "tree"), { count, size: SMALL });
  }
  const uploads = join(server.root, "up");
  await Deno.mkdir(uploads);
  await Deno.chown(uploads, 1, 1); // whom vsftpd's sessions run as
  const [source, copy] = [join(folder, "tree"), join(folder, "copy")];
  const own = contestant === "ftpkit";
  const get = (): Promise<string> =>
    own
      ? ftpkit(lab, ["get", "-r", "--parallel", PARALLEL, fullUrl(server, "tree"), copy])
      : lftp(server, `mirror -P${PARALLEL} tree ${copy}`);
  const put = (): Promise<string> =>
    own
      ? ftpkit(lab, ["put", "-r", "--parallel", PARALLEL, source, fullUrl(server, "up/tree")])
      : lftp(server, `mirror -R -P${PARALLEL} ${source} up/tree`);
  const run = async (): Promise<readonly number[]> => {
    await clear(copy);
    await clear(join(uploads, "tree"));
    return [await seconds(get), await seconds(put)];
  };
  return {
    run,
    async check() {
      await run();
      for (const [one, other] of [["tree", copy], [join("up", "tree"), source]] as const) {
        await mustBeSame(join(server.root, one), { other, count });
      }
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

async function mustBeSame(
  folder: string,
  { other, count }: { readonly other: string; readonly count: number },
): Promise<void> {
  for (let number = 0; number < count; number++) {
    const name = `file-${number}`;
    if (await hashFile(join(folder, name)) !== await hashFile(join(other, name))) {
      throw new Error(`${name} has arrived with other bytes`);
    }
  }
}

/** The rows of the client. */
export const CLIENT_ROWS: readonly Row[] = [
  {
    name: "client-download",
    measures: [{
      what: "client: download from vsftpd, in memory",
      unit: "s",
      goal: { of: "ratio", most: 0.55 },
    }],
    peers: ["curl"],
    needs: { programs: ["vsftpd"], root: true },
    enter: download,
  },
  {
    name: "client-trees",
    measures: [
      {
        what: "client: get -r of small files, 8 sessions",
        unit: "s",
        goal: { of: "ratio", most: 0.6 },
      },
      { what: "client: put -r of the same", unit: "s", goal: { of: "ratio", most: 0.6 } },
    ],
    peers: ["lftp"],
    needs: { programs: ["vsftpd"], root: true },
    enter: trees,
  },
  {
    name: "client-segments",
    measures: [{
      what: "client: a file over 4 connections, each of 100 Mbit/s and 40 ms",
      unit: "s",
      goal: { of: "ratio", most: 1 },
    }],
    peers: ["lftp"],
    needs: { programs: ["vsftpd"], root: true },
    enter: segments,
  },
];
