/**
 * How much is in each home that has a quota. The supervisor keeps it for all workers together.
 *
 * What is there is counted once, by a walk, and then kept up by what sessions take and give back;
 * after some quiet minutes it is counted again, so that changes by other programs come in.
 *
 * @module
 */
import { joinPath } from "../../shared/ftp_path.ts";
import { nextTurn, Slice } from "../../shared/turn.ts";
import type { Quota } from "../accounts/accounts.ts";
import { isHiddenName } from "./hidden_name.ts";

/** Some of a home's space. */
export interface QuotaAmount {
  /** The home: a virtual path of the shared directory. */
  readonly home: string;
  /** Bytes. */
  readonly bytes: number;
  /** Files. */
  readonly files: number;
}

/** Space that a session wants. */
export interface QuotaRequest extends QuotaAmount {
  /** How much the user may keep. */
  readonly quota: Quota;
  /** Bytes of a file that will be replaced: until then both are there. */
  readonly credit: number;
}

interface Usage {
  bytes: number;
  files: number;
}

interface Home {
  /** Settled once it is counted. */
  readonly usage: Promise<Usage>;
  /** When it was last asked for, in milliseconds. */
  touched: number;
}

/** Milliseconds of quiet after which a home is counted again. */
const STALE = 10 * 60_000;

/** Counts homes. */
export class QuotaLedger {
  readonly #homes = new Map<string, Home>();
  readonly #now: () => number;

  /** Makes it; `now` in milliseconds, only going forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Takes space.
   *
   * @param root Real path of the shared directory.
   * @param request How much, of what.
   * @returns False, and nothing is taken, where the quota would be passed or has been reached.
   */
  async take(root: string, request: QuotaRequest): Promise<boolean> {
    const { home, bytes, files, quota, credit } = request;
    const usage = await this.#usage(root, home);
    const mostBytes = (quota.bytes ?? Infinity) + credit;
    if (usage.bytes + bytes > mostBytes || usage.bytes >= mostBytes) return false;
    // A file that is replaced is none more, however many there are.
    if (files > 0 && usage.files + files > (quota.files ?? Infinity)) return false;
    usage.bytes += bytes;
    usage.files += files;
    return true;
  }

  /**
   * Gives space back that was taken, or that a file had which is gone. What is negative is taken,
   * whatever the quota: it is there already.
   */
  async give({ home, bytes, files }: QuotaAmount): Promise<void> {
    const usage = await this.#homes.get(home)?.usage;
    if (usage === undefined) return;
    usage.bytes = Math.max(0, usage.bytes - bytes);
    usage.files = Math.max(0, usage.files - files);
  }

  /**
   * What is left of a quota.
   *
   * @param root Real path of the shared directory.
   * @param home The home.
   * @param quota The quota.
   * @returns Bytes, Infinity where they are not limited.
   */
  async left(root: string, home: string, quota: Quota): Promise<number> {
    if (quota.bytes === undefined) return Infinity;
    return Math.max(0, quota.bytes - (await this.#usage(root, home)).bytes);
  }

  /** Of those who ask at once, all get the same one. */
  #usage(root: string, home: string): Promise<Usage> {
    const now = this.#now();
    const known = this.#homes.get(home);
    if (known !== undefined && now - known.touched <= STALE) {
      known.touched = now;
      return known.usage;
    }
    const usage = count(`${root}${home}`);
    this.#homes.set(home, { usage, touched: now });
    return usage;
  }
}

/** Links are not followed; what cannot be read counts as nothing. */
async function count(directory: string): Promise<Usage> {
  const usage = { bytes: 0, files: 0 };
  const waiting = [directory];
  const slice = new Slice();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of entriesOf(path)) {
      if (slice.over) await nextTurn();
      const child = joinPath(path, entry.name);
      if (entry.isDirectory) waiting.push(child);
      if (!entry.isFile) continue;
      usage.bytes += sizeOf(child);
      if (!isHiddenName(entry.name)) usage.files++;
    }
  }
  return usage;
}

function entriesOf(directory: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(directory)];
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0; // gone meanwhile
  }
}
