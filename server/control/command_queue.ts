/**
 * Commands that wait their turn, in the order in which they arrived.
 *
 * @module
 */
import type { Command } from "../../shared/command_line.ts";
import type { Charset } from "../../shared/charset.ts";
import type { Reply } from "../../shared/reply.ts";
import type { CommandSpec } from "../session/command.ts";

/** One line from the client, understood as far as that needs no state. */
export interface Pending {
  /** The command; undefined where the line was none. */
  readonly command: Command | undefined;
  /** Its entry in the table, where there is one. */
  readonly spec: CommandSpec | undefined;
  /** The answer to a line that is no command. */
  readonly refusal: Reply | undefined;
  /** The line, where it reads otherwise in another encoding than this. */
  readonly raw: Uint8Array | undefined;
  /** The encoding in which it was read. */
  readonly charset: Charset;
  /** Aborted by ABOR and with the session. */
  readonly abort: AbortController;
  /** What is to be done once its reply has gone out. */
  after?: () => Promise<void>;
}

/** Characters of commands that may wait; beyond it the control connection is not read. */
const LIMIT = 64 * 1024;

/** What a command counts at least, for the memory that it takes beside its text. */
const OVERHEAD = 64;

function sizeOf({ command }: Pending): number {
  return OVERHEAD + (command?.argument?.length ?? 0);
}

/** A bounded queue with one reader and one writer. */
export class CommandQueue {
  readonly #items: Pending[] = [];
  #size = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  /** Adds a command. */
  push(item: Pending): void {
    this.#items.push(item);
    this.#size += sizeOf(item);
    this.#notify();
  }

  /** No more commands will come; those that wait are still given out. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items.length = 0;
    this.#size = 0;
    this.#notify();
  }

  /** What is next, without taking it. */
  peek(): Pending | undefined {
    return this.#items[0];
  }

  /** Takes what is next. */
  shift(): Pending | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#size -= sizeOf(item);
    this.#notify();
    return item;
  }

  /** What ABOR stops: of what waits, and of what runs meanwhile. */
  abortable(running: Pending | undefined): readonly Pending[] {
    const all = running === undefined ? this.#items : [running, ...this.#items];
    return all.filter(isAbortable);
  }

  /** Whether reading should pause. */
  get full(): boolean {
    return this.#size >= LIMIT;
  }

  /** Whether nothing waits and nothing will come. */
  get finished(): boolean {
    return this.#ended && this.#items.length === 0;
  }

  /** Resolves at the next change. One waiter at a time for each end. */
  changed(): Promise<void> {
    const earlier = this.#wake;
    return new Promise((resolve) => {
      this.#wake = earlier === undefined ? resolve : () => {
        earlier();
        resolve();
      };
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/**
 * Whether a command is answered while a transfer runs.
 *
 * @param pending The command.
 * @returns Whether it is; else it waits its turn.
 */
export function mayInterrupt({ command, spec }: Pending): boolean {
  if (spec === undefined || command === undefined) return false;
  return spec.during === "transfer" || (spec.during === "bare" && command.argument === undefined);
}

/** What moves data, or may take long without. */
function isAbortable({ spec }: Pending): boolean {
  return spec?.transfers === true || spec?.abortable === true;
}
