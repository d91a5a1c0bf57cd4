/**
 * What a job prints: kept until somebody looks.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";

/** Where texts go. */
export type Output = Pick<CommandIo, "out" | "err">;

/** Characters that are kept: the last ones. */
const MOST_KEPT = 64 * 1024;

/** Keeps what is printed, or passes it on. */
export class JobOutput implements Output {
  #kept: { readonly stream: keyof Output; readonly text: string }[] = [];
  #length = 0;
  #shownOn: Output | undefined;

  /** Whether it is passed on. */
  get isShown(): boolean {
    return this.#shownOn !== undefined;
  }

  /** Implements {@linkcode CommandIo.out}. */
  async out(text: string): Promise<void> {
    if (this.#shownOn === undefined) this.#keep("out", text);
    else await this.#shownOn.out(text);
  }

  /** Implements {@linkcode CommandIo.err}. */
  err(text: string): void {
    if (this.#shownOn === undefined) this.#keep("err", text);
    else this.#shownOn.err(text);
  }

  /** Passes on what was kept, each text to its stream. */
  async flush(output: Output): Promise<void> {
    for (let piece = this.#kept.shift(); piece !== undefined; piece = this.#kept.shift()) {
      this.#length -= piece.text.length;
      await output[piece.stream](piece.text);
    }
  }

  /** Passes on what was kept, and all that comes until it is disposed. */
  async show(output: Output): Promise<Disposable> {
    await this.flush(output);
    this.#shownOn = output;
    return { [Symbol.dispose]: () => this.#shownOn = undefined };
  }

  #keep(stream: keyof Output, text: string): void {
    this.#kept.push({ stream, text });
    this.#length += text.length;
    while (this.#length > MOST_KEPT) this.#length -= this.#kept.shift()?.text.length ?? 0;
  }
}
