/**
 * Passwords that servers say back: some quote a command that they do not understand.
 *
 * @module
 */
import { SECRET_VERBS } from "../../shared/command_line.ts";
import type { Reply } from "../../shared/reply.ts";

/** What may stand next to a word; a short password inside of longer words is no echo of it. */
const [NOT_BEHIND_A_LETTER, NOT_BEFORE_A_LETTER] = ["(?<![\\p{L}\\p{N}])", "(?![\\p{L}\\p{N}])"];

/**
 * Hides the password that was sent last from what answers it, so that neither a trace nor an error
 * can tell it.
 *
 * @example Usage
 * ```ts
 * import { SecretEcho } from "./secret_echo.ts";
 * const echo = new SecretEcho();
 * echo.sent("PASS", "secret");
 * const { lines } = echo.hide({ code: 500, lines: ["'PASS secret': not understood"] });
 * if (lines[0] !== "'PASS ***': not understood") throw new Error("unexpected");
 * ```
 */
export class SecretEcho {
  #secret: RegExp | undefined;

  /**
   * Remembers a command: whatever comes from here on answers it.
   *
   * @param verb In upper case.
   * @param argument What may be a password.
   */
  sent(verb: string, argument: string | undefined): void {
    this.#secret = SECRET_VERBS.has(verb) && argument ? patternOf(argument) : undefined;
  }

  /**
   * Hides the secret of the last command.
   *
   * @param text What quotes an answer.
   * @returns The text, with `***` wherever the secret stood; servers may change its case.
   */
  mask(text: string): string {
    return this.#secret === undefined ? text : text.replace(this.#secret, "***");
  }

  /** The same in all lines of an answer. */
  readonly hide = (reply: Reply): Reply => {
    if (this.#secret === undefined) return reply;
    return { ...reply, lines: reply.lines.map((line) => this.mask(line)) };
  };
}

function patternOf(secret: string): RegExp {
  const quoted = secret.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(NOT_BEHIND_A_LETTER + quoted + NOT_BEFORE_A_LETTER, "giu");
}
