/**
 * `deno task compare`: ftpkit beside the programs of others, all in one run on this machine.
 *
 * The contestants of a row take turns, so that whatever else the machine does hits all of them: only
 * the ratios mean anything elsewhere. Every server runs as it does in the tests, on loopback.
 *
 * @module
 */
import { FtpkitError, reasonOf, UsageError } from "../shared/errors.ts";
import {
  type CommandUsage,
  helpText,
  type ParsedOptions,
  parseOptions,
} from "../shared/options.ts";
import { parseSize } from "../shared/size.ts";
import { findPeer, peerVersion } from "../tests/support/peers.ts";
import { closeLabs, type LabOptions } from "./compare/lab.ts";
import { CLIENT_ROWS } from "./compare/client_rows.ts";
import { LARGE_FILE_ROWS } from "./compare/large_file_rows.ts";
import { LISTING_ROWS } from "./compare/listing_rows.ts";
import { type Outcome, race, type RaceOptions } from "./compare/race.ts";
import { asJson, HEAD, tableLines } from "./compare/report.ts";
import type { Row } from "./compare/row.ts";
import { SESSION_ROWS } from "./compare/session_rows.ts";
import { SMALL_FILE_ROWS } from "./compare/small_file_rows.ts";
import { START_ROWS } from "./compare/start_rows.ts";

const ROWS: readonly Row[] = [
  ...LARGE_FILE_ROWS,
  ...SMALL_FILE_ROWS,
  ...SESSION_ROWS,
  ...LISTING_ROWS,
  ...CLIENT_ROWS,
  ...START_ROWS,
];

const USAGE: CommandUsage = {
  name: "compare",
  synopsis: "[ROW...] [options]",
  summary: "Measures ftpkit beside the programs of others, in one run.",
  examples: [
    "deno task compare",
    "deno task compare download small --large 500M --runs 7",
    "deno task compare clients --json result.json --serve=--workers=2",
  ],
  options: {
    large: { value: "SIZE", help: "bytes of a large file (2G)" },
    small: { value: "N", help: "how many small files (2000)" },
    idle: { value: "N", help: "how many idle sessions (10000)" },
    entries: { value: "N", help: "entries in a large directory (100000)" },
    runs: { value: "N", help: "counted runs of each contestant in each row (5)" },
    json: { value: "FILE", help: "write the numbers there, too" },
    program: { value: "FILE", help: "an ftpkit that was compiled, in place of the sources" },
    serve: { value: "ARG", repeatable: true, help: "one more argument for ftpkit serve" },
    list: { help: "say which rows there are" },
  },
  operands: { min: 0, max: Infinity, missing: "ROW" },
};

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** Behind the table, on standard error, so that the table can go into a file. */
function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

function labOptions(options: ParsedOptions): LabOptions {
  const many = (name: string, usual: number): number =>
    options.integer(name, { min: 1, max: 10_000_000, default: usual });
  return {
    large: options.parsed("large", parseSize) ?? 2 * 1024 ** 3,
    small: many("small", 2000),
    idle: many("idle", 10_000),
    entries: many("entries", 100_000),
    program: options.text("program"),
    serve: options.all("serve"),
  };
}

function pick(names: readonly string[]): readonly Row[] {
  const unknown = names.find((name) => !ROWS.some((row) => row.name === name));
  if (unknown !== undefined) throw new UsageError(`There is no row "${unknown}": see --list`);
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
}

async function versions(): Promise<string> {
  const names = ["vsftpd", "pure-ftpd", "curl", "lftp"] as const;
  const peers = names.map(findPeer).filter((peer) => peer !== undefined);
  const said = await Promise.all(
    peers.map(async (peer) => `${peer.name} ${await peerVersion(peer)}`),
  );
  const cores = `${navigator.hardwareConcurrency} cores`;
  return [...said, `Deno ${Deno.version.deno}`, cores].join(", ");
}

/** What breaks in one row is not the end of the others. */
async function measured(row: Row, options: RaceOptions): Promise<Outcome> {
  try {
    return await race(row, options);
  } catch (error) {
    return { row, skipped: reasonOf(error), runs: new Map() };
  }
}

async function compare(options: ParsedOptions): Promise<void> {
  const lab = labOptions(options);
  const runs = options.integer("runs", { min: 1, max: 1000, default: 5 });
  const outcomes: Outcome[] = [];
  print(`Median (least to most) of ${runs} runs; ${await versions()}.\n\n${HEAD}`);
  for (const row of pick(options.operands)) {
    const outcome = await measured(row, { runs, lab, tell });
    outcomes.push(outcome);
    print(tableLines(outcome));
  }
  const json = options.text("json");
  if (json === undefined) return;
  await Deno.writeTextFile(json, `${JSON.stringify(outcomes.map(asJson), undefined, 2)}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(USAGE, args);
    if (options === null) print(helpText(USAGE));
    else if (options.has("list")) print(ROWS.map(({ name }) => name).join("\n"));
    else await compare(options);
    return 0;
  } catch (error) {
    if (!(error instanceof FtpkitError)) throw error;
    tell(error.message);
    return 2;
  }
}

/** Mounted file systems and servers would stay. */
async function interrupted(): Promise<never> {
  await closeLabs();
  Deno.exit(130);
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted);
  Deno.exit(await main(Deno.args));
}
