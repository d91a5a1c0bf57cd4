/**
 * Keys as they come from a terminal, in the pieces that are to be handled one by one.
 *
 * @module
 */
import type { ByteSource } from "../../shared/pump.ts";
import { untilAborted } from "../../shared/process_io.ts";

const READ_SIZE = 4096;

/** Keys that are handled by themselves: Ctrl-@, C, D, G, H, I, J, M, R, Z and Backspace. */
const SINGLE = "\\x00\\x03\\x04\\x07-\\x0a\\x0d\\x12\\x1a\\x7f";
const PIECE = new RegExp(`[${SINGLE}]|[^${SINGLE}]+`, "g");

const NUL = "\0";
const CTRL_D = "\x04";

/**
 * Milliseconds behind a prompt in which NUL is Ctrl-D: a terminal that gathered lines when Ctrl-D was
 * typed, as it does while a command runs, hands it over as NUL once it gathers no longer (Linux). Who
 * types Ctrl-@ or Ctrl-Space in that moment leaves, too: nothing tells the one from the other.
 */
const TYPED_BEFORE = 250;

/** One terminal's keys. What was typed too early is kept for who asks next. */
export class Keyboard {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(READ_SIZE);
  #reading: Promise<number | null> | undefined;
  #pieces: string[] = [];
  #prompted = -Infinity;

  /** Reads nothing yet; `signal` ends every wait. */
  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** From now on keys come one by one; what was typed before was gathered by the terminal. */
  prompted(): void {
    this.#prompted = performance.now();
  }

  /**
   * The next key, or several that belong together.
   *
   * @param signal Ends this wait; what comes later is for the next one.
   * @returns The characters; null at the end of the input.
   * @throws {InterruptedError} If it is ended.
   */
  async next(signal: AbortSignal = this.#signal): Promise<string | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece === NUL && performance.now() - this.#prompted < TYPED_BEFORE) return CTRL_D;
      if (piece !== undefined) return piece;
      const either = AbortSignal.any([signal, this.#signal]);
      const count = await untilAborted(this.#reading ??= this.#source.read(this.#buffer), either);
      this.#reading = undefined;
      if (count === null) return null;
      const text = this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true });
      this.#pieces = text.match(PIECE) ?? [];
    }
  }
}
