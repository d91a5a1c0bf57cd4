/**
 * The order of commands and replies on one control connection: a command is sent at once, also while
 * others wait for their replies, and replies come in the order of the commands.
 *
 * @module
 */
import { concatBytes } from "../../shared/byte_buffer.ts";

/** Keeps commands and replies in order. */
export class CommandOrder {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #lines: Uint8Array[] = [];
  #waiting = 0;
  #replied = Promise.resolve();
  #written = Promise.resolve();
  /** Takes all that is sent until the line before is written. */
  #flushing: Promise<void> | undefined;

  /** Lines go out by `write`, one call at a time. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Whether some command still waits for its final reply. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Sends a line behind those before it; what is sent in one turn goes in one piece.
   *
   * @param line The line, with its end.
   * @throws {Error} What the write throws.
   */
  send(line: Uint8Array): Promise<void> {
    this.#lines.push(line);
    return this.#flushing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#written;
    this.#flushing = undefined;
    const lines = this.#lines.splice(0);
    const [first] = lines;
    const bytes = lines.length === 1 && first !== undefined ? first : concatBytes(lines);
    const written = this.#write(bytes);
    this.#written = written.catch(() => {}); // those whose lines they were hear of it
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

/**
 * Waits for all the answers to what was sent in one piece, also where one of them is a failure: a
 * reply that nobody has read would be taken for the next command's.
 *
 * @param answers Of commands that were sent in one turn, in their order.
 * @returns What they are.
 * @throws {Error} The last failure among them: where an answer never comes, each command before has
 * read what belongs to the next one.
 */
export async function together<T extends readonly unknown[] | []>(
  answers: T,
): Promise<{ -readonly [Place in keyof T]: Awaited<T[Place]> }> {
  const ends = await Promise.allSettled(answers);
  const failed = ends.findLast(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return await Promise.all(answers);
}
