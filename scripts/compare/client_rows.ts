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

const SMALL = 4096;
const PARALLEL = "8";

/** The address of a file with the login in it. */
function fullUrl({ port, login }: LabServer, name: string): string {
  return `ftp://${login}@127.0.0.1:${port}/${name}`;
}

function ftpkit(lab: Lab, args: readonly string[]): Promise<string> {
  const [program, ...before] = lab.ftpkitCommand;
  return must(program, [...before, ...args, "--quiet"]);
}

function lftp({ port, login }: LabServer, command: string): Promise<string> {
  const user = login.replace(":", ",");
  return must("lftp", ["-e", `${command}; quit`, "-u", user, "-p", String(port), "127.0.0.1"]);
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
];
