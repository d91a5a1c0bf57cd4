/**
 * Notices that a file was changed or replaced.
 *
 * @module
 */

/** Milliseconds between two looks. */
const INTERVAL = 1000;

/**
 * Looks at a file every second: one `stat`, on every file system, also where a new file is renamed
 * over the old one.
 */
export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #timer: ReturnType<typeof setInterval>;
  #seen: string;

  /**
   * Starts watching.
   *
   * @param path The file; it may be missing.
   * @param onChange Called after each change.
   * @param interval Milliseconds between two looks; a second unless given.
   */
  constructor(path: string, onChange: () => void, interval: number = INTERVAL) {
    this.#path = path;
    this.#seen = this.#look();
    this.#timer = setInterval(() => {
      const seen = this.#look();
      if (seen === this.#seen) return;
      this.#seen = seen;
      onChange();
    }, interval);
  }

  #look(): string {
    try {
      const { dev, ino, size, mtime, ctime } = Deno.statSync(this.#path);
      return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
    } catch {
      return "missing";
    }
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
