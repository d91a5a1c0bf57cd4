/**
 * Directories that were listed for completion: each once, until something changes.
 *
 * @module
 */
import type { RemoteEntry } from "../listing/entry.ts";

/** Directories that are kept. */
const MOST_DIRECTORIES = 100;

/** Milliseconds after which others may have changed a directory. */
const LIFETIME = 60_000;

interface Kept {
  readonly entries: readonly RemoteEntry[];
  readonly time: number;
}

/** Listings by path. */
export class ListingCache {
  readonly #kept = new Map<string, Kept>();

  /**
   * The entries of a directory.
   *
   * @param path The key: directory and path in it.
   * @param list Lists it where it is not kept.
   * @returns The entries.
   * @throws {Error} What `list` throws; nothing is kept then.
   */
  async get(
    path: string,
    list: () => Promise<readonly RemoteEntry[]>,
  ): Promise<readonly RemoteEntry[]> {
    const known = this.#kept.get(path);
    if (known !== undefined && performance.now() - known.time < LIFETIME) return known.entries;
    const entries = await list();
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_DIRECTORIES && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(path, { entries, time: performance.now() });
    return entries;
  }

  /** Something was changed on the server. */
  clear(): void {
    this.#kept.clear();
  }
}
