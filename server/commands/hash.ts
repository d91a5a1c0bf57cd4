/**
 * Hashes of files: HASH with OPTS HASH (draft-bryan-ftpext-hash), and the X commands that came
 * before it.
 *
 * @module
 */
import { HASH_NAMES, type HashName } from "../../shared/digest.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandSpec, CommandTable } from "../session/command.ts";
import { type Need, STORING } from "../accounts/permissions.ts";
import { hashFile } from "./file_hash.ts";
import { quotedWords } from "./quoted_words.ts";
import type { Session } from "../session/session.ts";

/** Who may not read may hash what there is of an own cut upload, and nothing else. */
const HASHING = ["read", ...STORING] as const satisfies Need;

/** The range is that of RANG, both ends included, or begins where REST said. */
async function hash(context: CommandContext, argument: string): Promise<Reply> {
  const { session } = context;
  const { hashName: algorithm, range } = session;
  const start = range?.start ?? session.restart;
  session.restart = 0;
  session.range = undefined;
  const path = session.resolve(argument);
  const end = range === undefined ? undefined : range.end + 1;
  const found = await hashFile(context, { verb: "HASH", path, algorithm, start, end });
  const last = Math.max(start, found.end - 1);
  return reply("fileStatus", `${algorithm} ${start}-${last} ${found.hex} ${argument}`);
}

/**
 * OPTS HASH: chooses the algorithm.
 *
 * @param session Whose.
 * @param argument What stands behind `OPTS HASH`; empty: which one it is.
 * @returns The reply.
 */
export function hashOptions(session: Session, argument: string): Reply {
  const wanted = argument.trim().toUpperCase();
  const chosen = wanted === "" ? session.hashName : HASH_NAMES.find((name) => name === wanted);
  if (chosen === undefined) return reply("badArgument", `HASH knows ${HASH_NAMES.join(", ")}`);
  session.hashName = chosen;
  return reply("done", chosen);
}

/** `XMD5 "a name" 0 100`: the end is not included; without quotes only a last pair is a range. */
function olderHash(verb: string, algorithm: HashName): CommandSpec {
  return {
    argument: "required",
    access: "user",
    permission: HASHING,
    during: "idle",
    abortable: true,
    feature: verb,
    help: `${verb} <file> | "<file>" [<start> [<end>]]`,
    rfc: "draft-twine-ftpmd5, as servers have it",
    run: async (context, argument) => {
      const asked = parseOlder(argument);
      if (asked === undefined) return reply("badArgument", `${verb} "<file>" <start> <end>`);
      const path = context.session.resolve(asked.name);
      const { hex } = await hashFile(context, { verb, path, algorithm, ...asked });
      return reply("fileActionDone", hex);
    },
  };
}

interface OlderArgument {
  readonly name: string;
  readonly start: number;
  readonly end: number | undefined;
}

function parseOlder(argument: string): OlderArgument | undefined {
  const words = argument.startsWith('"') ? quotedWords(argument) : plainWords(argument);
  const [name, first = "0", second, ...more] = words ?? [];
  const start = parseOffset(first);
  const end = second === undefined ? undefined : parseOffset(second);
  if (name === undefined || start === undefined || more.length > 0) return undefined;
  if (second !== undefined && (end === undefined || end < start)) return undefined;
  return { name, start, end };
}

function parseOffset(text: string): number | undefined {
  const offset = Number(text);
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(offset) ? offset : undefined;
}

function plainWords(argument: string): string[] {
  const [, name = argument, start, end] = argument.match(/^(.+) (\d{1,16}) (\d{1,16})$/s) ?? [];
  return start === undefined || end === undefined ? [name] : [name, start, end];
}

/** Every algorithm, a star at the one that is chosen. */
function hashFeature(session: Session): string {
  const names = HASH_NAMES.map((name) => `${name}${name === session.hashName ? "*" : ""}`);
  return `HASH ${names.join(";")}`;
}

/** The commands of this theme. */
export const HASH_COMMANDS: CommandTable = {
  HASH: {
    argument: "required",
    access: "user",
    permission: HASHING,
    during: "idle",
    abortable: true,
    feature: hashFeature,
    help: "HASH <file> (the part that RANG or REST said)",
    rfc: "draft-bryan-ftpext-hash",
    run: hash,
  },
  XCRC: olderHash("XCRC", "CRC32"),
  XMD5: olderHash("XMD5", "MD5"),
  XSHA: olderHash("XSHA", "SHA-1"),
  XSHA1: olderHash("XSHA1", "SHA-1"),
  XSHA256: olderHash("XSHA256", "SHA-256"),
  XSHA512: olderHash("XSHA512", "SHA-512"),
};
