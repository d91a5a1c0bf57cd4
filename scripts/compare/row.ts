/**
 * What one row of the comparison is.
 *
 * @module
 */
import type { Lab } from "./lab.ts";

/** Whose work is measured: a server, or a client that works with vsftpd. */
export type Contestant = "vsftpd" | "pure-ftpd" | "curl" | "lftp" | "deno" | "ftpkit";

/** One number that a row gives; `goal` is for ftpkit's median. */
export interface Measure {
  /** What is measured. */
  readonly what: string;
  /** Of the number. */
  readonly unit: "s" | "ms" | "KiB" | "MiB";
  /** `ratio`: to the best peer's median; `value`: the number itself; less is better. */
  readonly goal?: { readonly of: "ratio" | "value"; readonly most: number };
}

/** A contestant that stands ready; disposing ends what it runs and removes its files. */
export interface Entrant extends AsyncDisposable {
  /** One run: a number for each of the row's measures. */
  run(): Promise<readonly number[]>;
  /** Makes sure, once, that the right bytes arrive. */
  check(): Promise<void>;
}

/** What a row cannot do without. */
export interface Needs {
  /** Programs beside the contestants. */
  readonly programs?: readonly ("python3" | "curl" | "vsftpd")[];
  /** Only root can do it. */
  readonly root?: boolean;
}

/** One row of the comparison. */
export interface Row {
  /** How it is picked on the command line. */
  readonly name: string;
  /** What it measures. */
  readonly measures: readonly Measure[];
  /** Whom ftpkit is measured against. */
  readonly peers: readonly Contestant[];
  /** What it needs beside them. */
  readonly needs?: Needs;
  /** Readies one contestant. */
  enter(lab: Lab, contestant: Contestant): Promise<Entrant>;
}
