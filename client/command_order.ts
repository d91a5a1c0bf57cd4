/**
 * The order of commands and replies on one control connection: a command is sent at once, also while
 * others wait for their replies, and replies come in the order of the commands.
 *
 * @module
 */

/** Keeps commands and replies in order. */
export class CommandOrder {
  #waiting = 0;
  #replied = Promise.resolve();
  #written = Promise.resolve();

  /** Whether some command still waits for its final reply. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Writes a line when the lines before it are written.
   *
   * @param write Writes it.
   * @throws {Error} What it throws.
   */
  async write(write: () => Promise<void>): Promise<void> {
    const written = this.#written.then(write);
    this.#written = written.catch(() => {});
    await written;
  }

  /**
   * Sends a command, and reads its reply when those before it have theirs.
   *
   * @param send Sends it; begun at once.
   * @param read Reads everything up to its final reply.
   * @returns What `read` returns.
   * @throws {Error} What either throws.
   */
  async exchange<T>(send: () => Promise<void>, read: () => Promise<T>): Promise<T> {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const before = this.#replied;
    this.#replied = over;
    const sent = send();
    this.#waiting++;
    try {
      await sent;
      await before;
      return await read();
    } finally {
      this.#waiting--;
      // One that could not be sent must not let the next one read what belongs to one before.
      before.then(end);
    }
  }
}
