/**
 * What came out, as a table in markdown and as JSON.
 *
 * @module
 */
import type { Outcome } from "./race.ts";
import type { Contestant, Measure } from "./row.ts";

/** The head of the table. */
export const HEAD = "| work | peers | ftpkit | goal | result |\n| --- | --- | --- | --- | --- |";

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[half - 1 + sorted.length % 2], sorted[half]];
  return (low + high) / 2;
}

/** One measure of one row, ready to be shown. */
interface Result {
  readonly measure: Measure;
  readonly peers: readonly { readonly name: Contestant; readonly values: readonly number[] }[];
  readonly own: readonly number[];
  /** ftpkit's median to that of the best peer. */
  readonly ratio: number | undefined;
  readonly met: boolean | undefined;
}

function results({ row, runs }: Outcome): Result[] {
  return row.measures.map((measure, index) => {
    const valuesOf = (name: Contestant): readonly number[] => runs.get(name)?.[index] ?? [];
    const peers = row.peers.map((name) => ({ name, values: valuesOf(name) }));
    const own = valuesOf("ftpkit");
    const best = Math.min(...peers.map(({ values }) => median(values)));
    const ratio = Number.isFinite(best) ? median(own) / best : undefined;
    const reached = measure.goal?.of === "value" ? median(own) : ratio;
    const met = measure.goal && reached !== undefined ? reached <= measure.goal.most : undefined;
    return { measure, peers, own, ratio, met };
  });
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function cell(values: readonly number[], unit: string): string {
  const range = `${digits(Math.min(...values))} to ${digits(Math.max(...values))}`;
  return `${digits(median(values))} ${unit} (${range})`;
}

function goalText({ goal, unit }: Measure): string {
  if (goal === undefined) return "report";
  return goal.of === "ratio" ? `≤ ${goal.most}` : `≤ ${goal.most} ${unit}`;
}

function verdict({ measure, ratio, met }: Result): string {
  const shown = ratio === undefined ? "" : ratio.toFixed(2);
  if (met === undefined) return shown;
  return `${measure.goal?.of === "value" ? "" : `${shown} `}${met ? "met" : "**missed**"}`;
}

/**
 * The lines of a row in the table.
 *
 * @param outcome What came out.
 * @returns A line for each measure.
 */
export function tableLines(outcome: Outcome): string {
  const { row, skipped } = outcome;
  if (skipped !== undefined) {
    return row.measures.map((measure) =>
      `| ${measure.what} | ${row.peers.join(", ")} | | ${goalText(measure)} | not run: ${skipped} |`
    ).join("\n");
  }
  return results(outcome).map((result) => {
    const { measure, peers, own } = result;
    const shown = peers.map(({ name, values }) => `${name} ${cell(values, measure.unit)}`);
    const cells = [measure.what, shown.join("; "), cell(own, measure.unit), goalText(measure)];
    return `| ${[...cells, verdict(result)].join(" | ")} |`;
  }).join("\n");
}

/** Everything that came out of a row, for programs. */
export function asJson(outcome: Outcome): unknown {
  const { row, skipped } = outcome;
  if (skipped !== undefined) return { row: row.name, skipped };
  return {
    row: row.name,
    measures: results(outcome).map(({ measure, peers, own, ratio, met }) => ({
      ...measure,
      ftpkit: own,
      peers: Object.fromEntries(peers.map(({ name, values }) => [name, values])),
      ratio,
      met,
    })),
  };
}
