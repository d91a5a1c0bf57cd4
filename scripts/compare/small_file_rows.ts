/**
 * Many small files, by one session and by eight.
 *
 * @module
 */
import { join } from "@std/path";
import { hashFile } from "../../tests/support/files.ts";
import { type Lab, load, makeFiles } from "./lab.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

const SIZE = 4096;

async function smallFiles(lab: Lab, contestant: Contestant, sessions: number): Promise<Entrant> {
  const count = lab.options.small;
  const server = await lab.server(contestant, { inMemory: true });
  const folder = await lab.folder("memory");
  await makeFiles(folder, { count, size: SIZE });
  await makeFiles(server.root, { count, size: SIZE, name: "down" });
  const processes = Math.min(sessions, 2);
  const common = [server.port, server.login, "--sessions", sessions, "--processes", processes];
  const transfer = (command: string, name: string, save: string | undefined): Promise<number> =>
    load([
      ...common,
      ...(save === undefined ? [] : ["--save", save]),
      command,
      "--names",
      `${name}-{}`,
      "--count",
      count,
    ]);
  const clear = async (name: string): Promise<void> => {
    for (let number = 0; number < count; number++) {
      await Deno.remove(join(server.root, `${name}-${number}`)).catch(() => {}); // not there yet
    }
  };
  return {
    async run() {
      await clear("file");
      const up = await transfer("STOR", "file", folder);
      return [await transfer("RETR", "down", undefined), up];
    },
    async check() {
      const copies = await lab.folder("memory");
      await transfer("STOR", "file", folder);
      await mustBeSame({ folder, other: server.root, name: "file", count });
      await transfer("RETR", "down", copies);
      await mustBeSame({ folder: copies, other: server.root, name: "down", count });
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

async function mustBeSame(
  where: {
    readonly folder: string;
    readonly other: string;
    readonly name: string;
    readonly count: number;
  },
): Promise<void> {
  const { folder, other, name, count } = where;
  for (let number = 0; number < count; number++) {
    const file = `${name}-${number}`;
    if (await hashFile(join(folder, file)) !== await hashFile(join(other, file))) {
      throw new Error(`${file} has arrived with other bytes`);
    }
  }
}

/** The rows of small files. */
export const SMALL_FILE_ROWS: readonly Row[] = [1, 8].map((sessions): Row => {
  const what = `files of 4 KiB, ${sessions === 1 ? "one session" : `${sessions} sessions`}`;
  const goal = { of: "ratio", most: sessions === 1 ? 0.45 : 0.7 } as const;
  return {
    name: sessions === 1 ? "small" : `small-${sessions}`,
    measures: [
      { what: `${what}, download`, unit: "s", goal },
      { what: `${what}, upload in memory`, unit: "s", goal },
    ],
    peers: ["vsftpd"],
    needs: { programs: ["python3"], root: true },
    enter: (lab, contestant) => smallFiles(lab, contestant, sessions),
  };
});
