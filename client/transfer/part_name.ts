/**
 * Where the unfinished copy of a file lies, and where the finished one goes.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** The longest name in bytes that file systems take. */
const LONGEST_NAME = 255;
const SUFFIX = ".part";

/** What the names end with that are not {@linkcode partName}'s usual ones. */
export const UNIQUE_PART = /~[\da-f]{16}\.part$/;

/**
 * The name beside a file for its unfinished copy.
 *
 * @param name The file's name, without a directory.
 * @param isTaken Another file has the usual one.
 * @returns `name.part`, or, where that is taken or too long for a file system, another name that is
 * the same each time.
 */
export async function partName(name: string, isTaken = false): Promise<string> {
  const bytes = new TextEncoder().encode(name);
  if (!isTaken && bytes.length + SUFFIX.length <= LONGEST_NAME) return name + SUFFIX;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const unique = `~${digest.slice(0, 8).toHex()}${SUFFIX}`;
  let short = name;
  while (new TextEncoder().encode(short + unique).length > LONGEST_NAME) {
    short = Array.from(short).slice(0, -1).join("");
  }
  return short + unique;
}

/** The two places of a download. */
export interface PartPlaces {
  /** The unfinished copy. */
  readonly part: string;
  /** The finished file. */
  readonly whole: string;
}

/** What is known of the place of a download. */
export interface PlaceFacts {
  /** Another file has the part's usual name. */
  readonly isTaken?: boolean;
  /** Nothing is there: that spares the look. */
  readonly isNew?: boolean;
}

/**
 * Where a file is written to. A link stays a link, to the new file; what is no regular file is never
 * replaced.
 *
 * @param target Where the file is to be.
 * @param facts What is known of the place.
 * @returns Where it really will be, and its part beside it.
 * @throws {Error} If something else is there.
 */
export async function partPlaces(target: string, facts: PlaceFacts = {}): Promise<PartPlaces> {
  const whole = facts.isNew ? target : finalPath(target);
  return { whole, part: join(dirname(whole), await partName(basename(whole), facts.isTaken)) };
}

/** At once: the way to another thread takes longer than the look. */
function finalPath(target: string): string {
  try {
    const there = Deno.statSync(target);
    if (there.isDirectory) throw new Error("it is a directory");
    if (!there.isFile) throw new Error("it is not a regular file");
    return Deno.realPathSync(target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return target;
    throw error;
  }
}
