/**
 * Contestants take turns, so that whatever else the machine does hits all of them; who is first in one
 * turn is last in the next, so that nobody always finds what another one has just left.
 *
 * @module
 */
import { findPeer } from "../../tests/support/peers.ts";
import { canMount, Lab, type LabOptions } from "./lab.ts";
import type { Contestant, Entrant, Row } from "./row.ts";

/** What came out of a row. */
export interface Outcome {
  readonly row: Row;
  /** Why it could not be measured. */
  readonly skipped?: string;
  /** By contestant, by measure: the number of each run. */
  readonly runs: ReadonlyMap<Contestant, readonly (readonly number[])[]>;
}

const ROOT_ONLY: ReadonlySet<string> = new Set(["vsftpd", "pure-ftpd"]);

/** Why a row cannot run on this machine. */
export function obstacle({ peers, needs = {} }: Row): string | undefined {
  const programs = [...peers, ...needs.programs ?? []].filter((name) => name !== "deno");
  const missing = programs.filter((name) => name !== "ftpkit" && findPeer(name) === undefined);
  if (missing.length > 0) return `not installed (scripts/peers.sh): ${missing.join(", ")}`;
  const rooted = peers.find((name) => ROOT_ONLY.has(name));
  if (rooted !== undefined && Deno.uid() !== 0) return `${rooted} needs root`;
  if (needs.root && !canMount()) return "needs root on Linux";
  return undefined;
}

/** How a race is run. */
export interface RaceOptions {
  /** Counted runs. */
  readonly runs: number;
  readonly lab: LabOptions;
  /** Told what is being done. */
  readonly tell: (text: string) => void;
}

/**
 * Measures a row: every contestant is readied, checked once, which also warms it up, and then run in
 * turn with the others.
 *
 * @param row The row.
 * @param options How.
 * @returns The numbers.
 */
export async function race(row: Row, options: RaceOptions): Promise<Outcome> {
  const skipped = obstacle(row);
  if (skipped !== undefined) return { row, skipped, runs: new Map() };
  await using stack = new AsyncDisposableStack();
  const entrants: [Contestant, Entrant][] = [];
  for (const contestant of [...row.peers, "ftpkit"] as const) {
    options.tell(`${row.name}: ${contestant} gets ready`);
    const lab = stack.use(new Lab(options.lab));
    const entrant = stack.use(await row.enter(lab, contestant));
    await entrant.check();
    entrants.push([contestant, entrant]);
  }
  const runs = new Map<Contestant, number[][]>(
    entrants.map(([name]) => [name, row.measures.map(() => [])]),
  );
  for (let turn = 1; turn <= options.runs; turn++) {
    for (const [name, entrant] of turn % 2 === 0 ? entrants.toReversed() : entrants) {
      options.tell(`${row.name}: run ${turn} of ${options.runs}, ${name}`);
      (await entrant.run()).forEach((value, index) => runs.get(name)?.[index]?.push(value));
    }
  }
  return { row, runs };
}
