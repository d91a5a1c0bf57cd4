/**
 * `[[hooks]]` of the configuration file: what to run or to call when something has happened.
 *
 * @module
 */
import { resolve } from "node:path";
import { UsageError } from "../../shared/errors.ts";
import { Secret } from "../../shared/safe_text.ts";
import { HOOK_EVENTS, type HookEvent, type HookSpec } from "./config.ts";
import type { ConfigTable, ValueForm } from "./config_table.ts";
import { milliseconds, oneLine, wholeNumber, word } from "./config_value.ts";

const COMMON_KEYS = ["on", "exec", "webhook", "timeout"];
const WEBHOOK_KEYS = [...COMMON_KEYS, "secret", "retries"];

/** Milliseconds that a program may run, unless the hook says otherwise. */
const EXEC_TIMEOUT = 30_000;
/** Milliseconds for each try of a call, unless the hook says otherwise. */
const WEBHOOK_TIMEOUT = 10_000;
/** Tries of a call after the first, unless the hook says otherwise. */
const RETRIES = 3;
const MOST_RETRIES = 20;

/** The path of an address may be as secret as a key. */
const HIDDEN: ValueForm = { shown: () => "…" };

/** One text, or several in brackets, but not none. */
const LIST: ValueForm = { repeatable: true, needed: true };

/**
 * Reads all hooks.
 *
 * @param top The whole file.
 * @returns Those that are valid; the others are among the problems.
 */
export function readHooks(top: ConfigTable): readonly HookSpec[] {
  return top.tables("hooks").map(readHook).filter((hook) => hook !== undefined);
}

function readHook(table: ConfigTable): HookSpec | undefined {
  table.allow(table.has("exec") ? COMMON_KEYS : WEBHOOK_KEYS);
  const on = readEvents(table);
  if (table.has("exec") !== table.has("webhook")) {
    return table.has("exec") ? readExec(table, on) : readWebhook(table, on);
  }
  table.problem("A hook needs exec or webhook, one of the two");
  return undefined;
}

function readEvents(table: ConfigTable): readonly HookEvent[] {
  if (!table.has("on")) table.problem(`A hook needs on: ${HOOK_EVENTS.join(", ")}`);
  return table.values("on", word(HOOK_EVENTS), LIST);
}

function readExec(table: ConfigTable, on: readonly HookEvent[]): HookSpec | undefined {
  const [program, ...args] = table.values("exec", commandWord, LIST);
  const timeout = readTimeout(table) ?? EXEC_TIMEOUT;
  if (program?.text === "") table.problem("Invalid exec: the program's name is empty", "exec");
  if (program === undefined) return undefined;
  return { kind: "exec", on, command: [program.path, ...args.map(({ text }) => text)], timeout };
}

function readWebhook(table: ConfigTable, on: readonly HookEvent[]): HookSpec | undefined {
  const url = table.value("webhook", webAddress, HIDDEN);
  const secret = table.value("secret", oneLine, HIDDEN);
  const timeout = readTimeout(table) ?? WEBHOOK_TIMEOUT;
  const retries = table.value("retries", wholeNumber(0, MOST_RETRIES), { number: true }) ?? RETRIES;
  if (url === undefined) return undefined;
  return {
    kind: "webhook",
    on,
    url,
    secret: secret === undefined ? undefined : new Secret(secret),
    timeout,
    retries,
  };
}

function readTimeout(table: ConfigTable): number | undefined {
  return table.value("timeout", milliseconds, { number: true });
}

/** One word of a command: as it is, and as the path of a program. */
function commandWord(
  text: string,
  base: string,
): { readonly text: string; readonly path: string } {
  if (text.includes("\0")) throw new UsageError("must not have NUL in it");
  // Without a slash it is a name that the system looks for.
  return { text, path: /[/\\]/.test(text) ? resolve(base, text) : text };
}

function webAddress(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === "https:" || url?.protocol === "http:") return text;
  throw new UsageError("must be an address that begins with https:// or http://");
}
