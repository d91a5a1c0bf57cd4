/**
 * What can be set while the shell runs.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { nearest, parseInteger, parseSeconds } from "../../shared/options.ts";
import { formatRate, parseSize } from "../../shared/size.ts";
import type { ClientOptions, ProgressMode } from "../client_options.ts";
import { MOST_PARALLEL } from "../tree/tree_options.ts";

/** All settings of a shell. */
export interface Settings {
  readonly client: ClientOptions;
  /** Files are texts. */
  readonly ascii: boolean;
  /** Files keep their times. */
  readonly preserve: boolean;
  /** Files of a tree at a time; undefined: the usual number. */
  readonly parallel: number | undefined;
}

/** One of them. */
export interface Setting {
  /** The values it takes, for people. */
  readonly values: string;
  readonly help: string;
  show(settings: Settings): string;
  /**
   * The settings with another value.
   *
   * @throws {UsageError} If it takes no such value; the text is the reason alone.
   */
  set(settings: Settings, value: string): Settings;
}

const PROGRESS_MODES: readonly ProgressMode[] = ["auto", "bar", "line", "none"];

/** A setting among the options of the command line. */
function clientSetting<K extends keyof ClientOptions>(
  key: K,
  way: {
    readonly values: string;
    readonly help: string;
    readonly show: (value: ClientOptions[K]) => string;
    readonly parse: (text: string) => ClientOptions[K];
  },
): Setting {
  const { values, help, show, parse } = way;
  return {
    values,
    help,
    show: ({ client }) => show(client[key]),
    set: (settings, value) => ({
      ...settings,
      client: { ...settings.client, [key]: parse(value) },
    }),
  };
}

function parseSwitch(text: string): boolean {
  if (text === "on" || text === "off") return text === "on";
  throw new UsageError("must be on or off");
}

function showSwitch(value: boolean): string {
  return value ? "on" : "off";
}

function parseChoice<T extends string>(text: string, among: readonly T[]): T {
  const found = among.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`must be one of ${among.join(", ")}`);
}

function parseRate(text: string): number | undefined {
  const rate = text === "none" ? undefined : parseSize(text);
  if (rate === undefined || rate >= 1) return rate;
  throw new UsageError("less than one byte per second");
}

/** The settings by name. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  active: clientSetting("active", {
    values: "on|off",
    help: "the server connects to us",
    show: showSwitch,
    parse: parseSwitch,
  }),
  glob: clientSetting("glob", {
    values: "on|off",
    help: "*, ?, [...] and {a,b} in names",
    show: showSwitch,
    parse: parseSwitch,
  }),
  "limit-rate": clientSetting("rateLimit", {
    values: "RATE|none",
    help: "bytes per second",
    show: (rate) => rate === undefined ? "none" : formatRate(rate),
    parse: parseRate,
  }),
  parallel: {
    values: "N|auto",
    help: "files of a tree at once",
    show: ({ parallel }) => parallel === undefined ? "auto" : String(parallel),
    set: (settings, value) => ({
      ...settings,
      parallel: value === "auto" ? undefined : parseInteger(value, { min: 1, max: MOST_PARALLEL }),
    }),
  },
  preserve: {
    values: "on|off",
    help: "files keep their times",
    show: ({ preserve }) => showSwitch(preserve),
    set: (settings, value) => ({ ...settings, preserve: parseSwitch(value) }),
  },
  progress: clientSetting("progress", {
    values: PROGRESS_MODES.join("|"),
    help: "how far transfers are",
    show: (mode) => mode,
    parse: (text) => parseChoice(text, PROGRESS_MODES),
  }),
  retries: clientSetting("retries", {
    values: "N",
    help: "tries after a lost connection",
    show: String,
    parse: (text) => parseInteger(text, { min: 0, max: 1000 }),
  }),
  "retry-wait": clientSetting("retryWait", {
    values: "S",
    help: "seconds before the first of them",
    show: (milliseconds) => String(milliseconds / 1000),
    parse: (text) => parseSeconds(text) * 1000,
  }),
  type: {
    values: "binary|ascii",
    help: "ascii converts line ends",
    show: ({ ascii }) => ascii ? "ascii" : "binary",
    set: (settings, value) => ({
      ...settings,
      ascii: parseChoice(value, ["binary", "ascii"]) === "ascii",
    }),
  },
  verbose: clientSetting("verbosity", {
    values: "0|1|2",
    help: "2 shows the protocol",
    show: String,
    parse: (text) => parseInteger(text, { min: 0, max: 2 }),
  }),
};

/**
 * One setting.
 *
 * @param name Its name.
 * @returns The setting.
 * @throws {UsageError} If there is none of that name.
 */
export function findSetting(name: string): Setting {
  const found = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
  if (found !== undefined) return found;
  const near = nearest(name, Object.keys(SETTINGS));
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  throw new UsageError(`Unknown setting "${name}"${hint}`);
}
