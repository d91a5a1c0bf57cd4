/**
 * Listings of a large directory.
 *
 * @module
 */
import { join } from "@std/path";
import { type Lab, load } from "./lab.ts";
import { growthDuring } from "./memory.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

async function listing(
  lab: Lab,
  contestant: Contestant,
  verb: "LIST" | "MLSD",
): Promise<Entrant> {
  const server = await lab.server(contestant);
  const { entries } = lab.options;
  const folder = join(server.root, "many");
  await Deno.mkdir(folder);
  for (let number = 0; number < entries; number++) {
    await Deno.writeTextFile(join(folder, `a file with a name ${number}.txt`), "");
  }
  const command = contestant === "ftpkit" ? verb : "LIST";
  const list = (save: readonly string[] = []): Promise<number> =>
    load([server.port, server.login, command, "--names", "many", ...save]);
  return {
    async run() {
      let took = 0;
      const more = await growthDuring(server.pid, async () => {
        took = await list();
      });
      return [took, more / 1024];
    },
    async check() {
      const copy = await lab.folder();
      await list(["--save", copy]);
      const lines = (await Deno.readTextFile(join(copy, "many"))).trimEnd().split("\r\n");
      const found = new Set(lines.map((line) => / a file with a name (\d+)\.txt$/.exec(line)?.[1]));
      if (lines.length !== entries || found.size !== entries) {
        throw new Error(`${command} has ${lines.length} lines for ${entries} files`);
      }
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** The rows of listings. */
export const LISTING_ROWS: readonly Row[] = (["LIST", "MLSD"] as const).map((verb): Row => ({
  name: verb.toLowerCase(),
  measures: [
    {
      what: `${verb} of a large directory${verb === "MLSD" ? ", against LIST" : ""}`,
      unit: "s",
      goal: { of: "ratio", most: 1.2 },
    },
    { what: "memory while it runs", unit: "MiB", goal: { of: "value", most: 20 } },
  ],
  peers: ["vsftpd"],
  needs: { programs: ["python3"] },
  enter: (lab, contestant) => listing(lab, contestant, verb),
}));
