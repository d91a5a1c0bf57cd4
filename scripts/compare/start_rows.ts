/**
 * How long the program takes to start.
 *
 * @module
 */
import { join } from "@std/path";
import { type Lab, must, seconds } from "./lab.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

/** Starts in one run: a single one is too short to measure. */
const STARTS = 20;

/** With sources: a module that does nothing. With an executable: the same, compiled. */
async function bareCommand(lab: Lab): Promise<readonly [string, ...string[]]> {
  const folder = await lab.folder();
  const empty = join(folder, "empty.ts");
  await Deno.writeTextFile(empty, "export {};\n");
  const deno = Deno.execPath();
  if (lab.options.program === undefined) return [deno, "run", "--allow-all", "--quiet", empty];
  const compiled = join(folder, "empty");
  await must(deno, ["compile", "--quiet", "--allow-all", "--output", compiled, empty]);
  return [compiled];
}

async function starts(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const own = contestant === "ftpkit";
  const [program, ...args] = own ? [...lab.ftpkitCommand, "--version"] : await bareCommand(lab);
  return {
    async run() {
      const all = async (): Promise<void> => {
        for (let start = 0; start < STARTS; start++) await must(program ?? "", args);
      };
      return [await seconds(all) / STARTS * 1000];
    },
    async check() {
      const said = await must(program ?? "", args);
      if (own !== /^ftpkit \d/.test(said)) throw new Error(`${contestant} said "${said}"`);
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** The row of the start. */
export const START_ROWS: readonly Row[] = [
  {
    name: "start",
    measures: [{
      what: "start, --version against a program that does nothing",
      unit: "ms",
      goal: { of: "ratio", most: 1.5 },
    }],
    peers: ["deno"],
    enter: starts,
  },
];
