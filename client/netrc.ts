/**
 * The file of stored logins that ftp programs share, `~/.netrc`.
 *
 * @module
 */
import { Secret } from "../shared/safe_text.ts";

/** One stored login. */
export interface NetrcEntry {
  /** The host it is for; undefined: `default`, for every host that has no entry of its own. */
  readonly host: string | undefined;
  readonly login: string | undefined;
  readonly password: Secret | undefined;
  /** For servers that ask for one besides (RFC 959 section 4.1.1, ACCT). */
  readonly account: Secret | undefined;
}

const NOTHING = { login: undefined, password: undefined, account: undefined } as const;

const WHITESPACE = /\s*/y;
const PLAIN_WORD = /\S+/y;
const QUOTED_WORD = /"((?:[^"\\]|\\.)*)"/ys;
const REST_OF_LINE = /[^\n]*/y;
/** A macro ends at an empty line or at the end of the file. */
const MACRO = /[^]*?(?:\n[ \t]*\r?(?=\n)|$)/y;

/** Takes words off a text, one after another. */
class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): string | undefined {
    this.skip(WHITESPACE);
    const quoted = this.#match(QUOTED_WORD)?.[1];
    if (quoted !== undefined) return quoted.replace(/\\(.)/gs, "$1");
    return this.#match(PLAIN_WORD)?.[0];
  }

  skip(pattern: RegExp): void {
    this.#match(pattern);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    this.#at += match?.[0].length ?? 0;
    return match;
  }
}

/**
 * Reads the file's text: `machine`, `default`, `login`, `password` and `account`; comments and
 * macros (`macdef`) are passed over, and so is any word that is none of these. A word may stand in
 * double quotes, with a backslash before a quote inside.
 *
 * @example Usage
 * ```ts
 * import { parseNetrc } from "./netrc.ts";
 * const [entry] = parseNetrc("machine ftp.example.org login alice password secret");
 * if (entry?.login !== "alice") throw new Error("unexpected");
 * ```
 *
 * @param text The whole file.
 * @returns The entries in the order of the file.
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const words = new Words(text);
  const entries: NetrcEntry[] = [];
  const set = (part: Partial<NetrcEntry>): void => {
    const last = entries.pop();
    if (last !== undefined) entries.push({ ...last, ...part });
  };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === "machine") {
      entries.push({ ...NOTHING, host: words.next() ?? "" });
    } else if (word === "default") {
      entries.push({ ...NOTHING, host: undefined });
    } else if (word === "login") set({ login: words.next() });
    else if (word === "password") set({ password: new Secret(words.next() ?? "") });
    else if (word === "account") set({ account: new Secret(words.next() ?? "") });
    else if (word === "macdef") words.skip(MACRO);
    else if (word.startsWith("#")) words.skip(REST_OF_LINE);
  }
  return entries;
}

/**
 * The login for a host.
 *
 * @param entries The file.
 * @param wanted The host, in any case, and the user, where it is known already.
 * @returns The first entry for this host that names no other user, else `default`'s, if any.
 */
export function findLogin(
  entries: readonly NetrcEntry[],
  wanted: { readonly host: string; readonly user: string | undefined },
): NetrcEntry | undefined {
  const host = wanted.host.toLowerCase();
  const fits = ({ login }: NetrcEntry): boolean =>
    wanted.user === undefined || login === undefined || login === wanted.user;
  return entries.find((entry) => entry.host?.toLowerCase() === host && fits(entry)) ??
    entries.find((entry) => entry.host === undefined && fits(entry));
}
