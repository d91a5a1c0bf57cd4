/**
 * Hashes that a server computes: by HASH (draft-bryan-ftpext-hash), or by the X commands that came
 * before it.
 *
 * @module
 */
import { type HashName, newDigest } from "../../shared/digest.ts";
import { FtpkitError, ProtocolError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/reply.ts";
import { type Control, refused, replyText } from "../connection/control.ts";
import { displayName } from "../remote_name.ts";

/** The algorithms, best first, each with its length in hexadecimal digits and its own commands. */
const ALGORITHMS: readonly {
  readonly name: HashName;
  readonly digits: number;
  readonly verbs: readonly string[];
}[] = [
  { name: "SHA-512", digits: 128, verbs: ["XSHA512"] },
  { name: "SHA-256", digits: 64, verbs: ["XSHA256"] },
  { name: "SHA-1", digits: 40, verbs: ["XSHA1", "XSHA"] },
  { name: "MD5", digits: 32, verbs: ["XMD5"] },
  { name: "CRC32", digits: 8, verbs: ["XCRC"] },
];

/** Bytes per millisecond that the slowest server hashes; it may be silent for so long. */
const SLOWEST = 10 * 1024;

/** How one server is asked. */
interface Method {
  readonly verb: string;
  readonly algorithm: HashName;
}

/** What a hash is asked of. */
export interface HashedFile {
  /** The remote path. */
  readonly path: string;
  /** Its size in bytes. */
  readonly size: number;
}

/** The hash commands of one session. */
export class RemoteHash {
  readonly #control: Control;
  readonly #features: ReadonlyMap<string, string>;
  #method: Method | undefined;

  /** Asks nothing yet; `features` are those of FEAT. */
  constructor(control: Control, features: ReadonlyMap<string, string>) {
    this.#control = control;
    this.#features = features;
  }

  /**
   * Picks the best algorithm that the server offers, and selects it there.
   *
   * @returns Its name; undefined where FEAT names no hash command that we know.
   */
  async offered(): Promise<HashName | undefined> {
    this.#method ??= await this.#pick();
    return this.#method?.algorithm;
  }

  /**
   * The same, where there must be one.
   *
   * @throws {FtpkitError} If there is none.
   */
  async algorithm(): Promise<HashName> {
    return (await this.#chosen()).algorithm;
  }

  /**
   * Asks for the hash of a whole file.
   *
   * @param file Which one; the larger, the longer the server may be silent.
   * @returns Lower-case hexadecimal digits.
   * @throws {FtpkitError} If the server offers none.
   * @throws {ReplyError} If it refuses.
   * @throws {ProtocolError} If its answer holds no hash.
   */
  async of(file: HashedFile): Promise<string> {
    const { verb, algorithm } = await this.#chosen();
    const action = `verify "${displayName(file.path)}"`;
    const argument = verb === "HASH" ? file.path : quotedName(file.path);
    const patience = 1000 * Math.ceil(file.size / SLOWEST / 1000);
    const reply = await this.#control.command(verb, argument, { patience });
    // ProFTPD's X commands refuse a file that is empty, by saying so.
    if (reply.code === 501 && file.size === 0) return newDigest(algorithm).hex();
    if (reply.code >= 300) throw refused(action, { verb, reply });
    const hash = verb === "HASH" ? hashOf(reply, algorithm) : olderHashOf(reply, algorithm);
    if (hash !== undefined) return hash;
    throw new ProtocolError(`Cannot ${action}: no ${algorithm} in "${replyText(reply)}"`);
  }

  async #chosen(): Promise<Method> {
    this.#method ??= await this.#pick();
    if (this.#method !== undefined) return this.#method;
    throw new FtpkitError("Cannot verify: the server has no command for a hash of a file");
  }

  async #pick(): Promise<Method | undefined> {
    for (const { name: algorithm, verbs } of ALGORITHMS) {
      if (await this.#selects(algorithm)) return { verb: "HASH", algorithm };
      const verb = verbs.find((name) => this.#features.has(name));
      if (verb !== undefined) return { verb, algorithm };
    }
    return undefined;
  }

  /** FEAT names the algorithms of HASH, a star at the selected one; some servers name none. */
  async #selects(algorithm: HashName): Promise<boolean> {
    const feature = this.#features.get("HASH");
    if (feature === undefined) return false;
    const offered = feature.split(/[;\s]+/).filter((name) => name !== "");
    const found = offered.find((name) => sameName(name.replace("*", ""), algorithm));
    if (found === undefined && offered.length > 0) return false;
    if (found?.endsWith("*")) return true;
    const reply = await this.#control.command("OPTS", `HASH ${found ?? algorithm}`);
    return reply.code < 300;
  }
}

function sameName(name: string, algorithm: HashName): boolean {
  return name.replace("-", "").toUpperCase() === algorithm.replace("-", "");
}

/** Where a range may follow, a name with spaces needs quotes. */
function quotedName(path: string): string {
  return /[\s"]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}

function digitsOf(algorithm: HashName): number {
  return ALGORITHMS.find(({ name }) => name === algorithm)?.digits ?? 0;
}

/**
 * Reads the answer to HASH: `213 SHA-256 0-49 6169… name`.
 *
 * @param reply The answer; where it has several lines, the last one counts.
 * @param algorithm What was selected.
 * @returns Lower-case hexadecimal digits; undefined where it is no such answer.
 */
export function hashOf(reply: Reply, algorithm: HashName): string | undefined {
  const words = (reply.lines.at(-1) ?? "").trim().split(/\s+/);
  const [name = "", range = "", hex = ""] = words;
  if (!sameName(name, algorithm) || !/^\d+-\d+$/.test(range)) return undefined;
  return hexOf(hex, digitsOf(algorithm));
}

/**
 * Reads the answer to an X command: the hash alone, with a word before it (`MD5 = …`), or beside the
 * file's name.
 *
 * @param reply The answer; where it has several lines, the last one counts.
 * @param algorithm What was asked for.
 * @returns Lower-case hexadecimal digits; undefined where there is none, or more than one.
 */
export function olderHashOf(reply: Reply, algorithm: HashName): string | undefined {
  const text = (reply.lines.at(-1) ?? "").trim();
  const digits = digitsOf(algorithm);
  // Some servers leave the zeros in front of a CRC away.
  if (algorithm === "CRC32" && /^(?:0x)?[\da-f]{1,8}$/i.test(text)) {
    return text.replace(/^0x/i, "").padStart(digits, "0").toLowerCase();
  }
  const words = text.replace(/"(?:[^"]|"")*"/g, " ").split(/[\s=:]+/);
  const found = words.map((word) => hexOf(word.replace(/^0x/i, ""), digits));
  const hashes = found.filter((hash) => hash !== undefined);
  return hashes.length === 1 ? hashes[0] : undefined;
}

function hexOf(text: string, digits: number): string | undefined {
  return text.length === digits && /^[\da-f]+$/i.test(text) ? text.toLowerCase() : undefined;
}
