/**
 * Cuts the bytes of a control connection into lines, whatever way they arrive.
 *
 * Lines end with CRLF; a bare LF is taken as well. Telnet commands are stripped (RFC 959 section 4.1
 * uses RFC 854's framing), also what is left of them when an urgent byte was lost on the way; options
 * are refused (RFC 1123 section 4.1.2.12).
 *
 * @module
 */
import { type Charset, UTF8 } from "./charset.ts";

/** What one line turned out to be; `raw` are its bytes, where another encoding may read them otherwise. */
export type Line =
  | { readonly kind: "text"; readonly text: string; readonly raw?: Uint8Array }
  | { readonly kind: "too-long" }
  | { readonly kind: "undecodable"; readonly raw: Uint8Array };

/** Longest line in bytes, without its end. */
export const MAX_LINE_BYTES = 8192;

const LF = 0x0a;
const CR = 0x0d;
const IAC = 0xff;
const ASCII_END = 0x80;
const WILL = 0xfb;
const WONT = 0xfc;
const DO = 0xfd;
const DONT = 0xfe;
/** From here on, a byte after IAC is a command with an option byte behind it: WILL, WONT, DO, DONT. */
const FIRST_OPTION_COMMAND = WILL;
/** UTF-8 never starts a verb with these; data mark and interrupt do when their IAC was lost. */
const FIRST_STRAY = 0xf0;

/** What most readers hold nearly always: thousands share it. */
const NOTHING = new Uint8Array();

/** Incremental line framing with bounded memory. */
export class LineReader {
  /** Encoding of the lines; may be changed between two of them. */
  charset: Charset = UTF8;
  readonly #limit: number;
  #held: Uint8Array = NOTHING;
  #discarding = false;
  #skipLf = false;
  /** Of the lines so far; undefined: none. */
  #refusals: number[] | undefined;

  /** Makes a reader; `maxLineBytes` replaces {@linkcode MAX_LINE_BYTES}. */
  constructor(options: { readonly maxLineBytes?: number } = {}) {
    this.#limit = options.maxLineBytes ?? MAX_LINE_BYTES;
  }

  /** Whether what comes next may belong to a Telnet command at the start of a line. */
  get mayBeTelnet(): boolean {
    return (this.#held[0] ?? IAC) >= FIRST_STRAY;
  }

  /** What to send to a client that offered or asked for Telnet options, in lines so far: no to each. */
  takeRefusals(): Uint8Array {
    if (this.#refusals === undefined) return NOTHING;
    const refusals = Uint8Array.from(this.#refusals);
    this.#refusals = undefined;
    return refusals;
  }

  #refuse(command: number, option: number): void {
    if (command !== WILL && command !== DO) return;
    this.#refusals ??= [];
    this.#refusals.push(IAC, command === WILL ? DONT : WONT, option);
  }

  /** Bytes of a line that has not ended yet. What follows AUTH must be none (RFC 4217 section 15.1). */
  get held(): number {
    return this.#held.length;
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes What arrived; not kept beyond the call.
   * @returns The lines that are complete now.
   */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    const all = this.#held.length === 0 ? bytes : concat(this.#held, bytes);
    let start = 0;
    if (this.#skipLf && all.length > 0) {
      this.#skipLf = false;
      if (all[0] === LF) start = 1;
    }
    for (let end = all.indexOf(LF, start); end >= 0; end = all.indexOf(LF, start)) {
      if (this.#discarding) this.#discarding = false;
      else lines.push(this.#decode(withoutCr(all, start, end)));
      start = end + 1;
    }
    let rest = all.subarray(start);
    if (this.#discarding) rest = rest.subarray(rest.length);
    // A CR that may belong to the line's end does not count.
    if (rest.length > this.#limit + 1) {
      lines.push({ kind: "too-long" });
      this.#discarding = true;
      rest = rest.subarray(rest.length);
    }
    if (this.#isAbortWithoutLf(rest)) {
      lines.push(this.#decode(withoutCr(rest, 0, rest.length)));
      this.#skipLf = true;
      rest = rest.subarray(rest.length);
    }
    this.#held = rest.length === 0 ? NOTHING : rest.slice();
    return lines;
  }

  // Python's ftplib sends "ABOR\r\n" as urgent data; the LF is the urgent byte and gets lost.
  #isAbortWithoutLf(bytes: Uint8Array): boolean {
    if (bytes.at(-1) !== CR || bytes.length > 16) return false;
    const line = this.#decode(withoutCr(bytes, 0, bytes.length), () => {});
    return line.kind === "text" && line.text.toUpperCase() === "ABOR";
  }

  #decode(
    line: Uint8Array,
    onOption: OnOption = (command, option) => this.#refuse(command, option),
  ): Line {
    const bytes = stripped(line, { charset: this.charset, onOption });
    if (bytes.length > this.#limit) return { kind: "too-long" };
    return decoded(line, { bytes, charset: this.charset });
  }
}

/**
 * Reads a line once more, since a command before it has changed the encoding.
 *
 * @param raw The bytes that a {@linkcode Line} brought: there are none where the encoding does not
 * matter.
 * @param charset The encoding.
 * @returns The line.
 */
export function decodeLine(raw: Uint8Array, charset: Charset): Line {
  return decoded(raw, { bytes: stripped(raw, { charset, onOption: () => {} }), charset });
}

function decoded(
  raw: Uint8Array,
  { bytes, charset }: { readonly bytes: Uint8Array; readonly charset: Charset },
): Line {
  try {
    const text = charset.decode(bytes);
    return raw.some(isNoAscii) ? { kind: "text", text, raw: raw.slice() } : { kind: "text", text };
  } catch {
    return { kind: "undecodable", raw: raw.slice() };
  }
}

function isNoAscii(byte: number): boolean {
  return byte >= ASCII_END;
}

/** The bytes from `start` to `end`, without a CR at their end. */
function withoutCr(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.subarray(start, end > start && bytes[end - 1] === CR ? end - 1 : end);
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}

/** Told of each command that has an option behind it. */
type OnOption = (command: number, option: number) => void;

/** Removes what stands before the verb. */
function stripStray(bytes: Uint8Array, onOption: OnOption): Uint8Array {
  let start = 0;
  while ((bytes[start] ?? 0) >= FIRST_STRAY) {
    const command = bytes[start] === IAC ? bytes[start + 1] ?? 0 : 0;
    const withOption = command >= FIRST_OPTION_COMMAND && command < IAC;
    if (withOption) onOption(command, bytes[start + 2] ?? 0);
    start += withOption ? 3 : 1;
  }
  return start === 0 ? bytes : bytes.subarray(start);
}

/** Without Telnet commands. In other encodings 0xff may be a letter, which old clients send as it is. */
function stripped(
  line: Uint8Array,
  { charset, onOption }: { readonly charset: Charset; readonly onOption: OnOption },
): Uint8Array {
  return charset === UTF8 ? stripTelnet(line, onOption) : stripStray(line, onOption);
}

function stripTelnet(bytes: Uint8Array, onOption: OnOption): Uint8Array {
  const body = stripStray(bytes, onOption);
  return body.includes(IAC) ? withoutCommands(body, onOption) : body;
}

/** Removes IAC sequences; a doubled IAC stands for the byte itself (RFC 854). */
function withoutCommands(bytes: Uint8Array, onOption: OnOption): Uint8Array {
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== IAC) {
      kept[length++] = byte;
      continue;
    }
    const command = bytes[++at] ?? 0;
    if (command === IAC) kept[length++] = IAC;
    else if (command >= FIRST_OPTION_COMMAND) onOption(command, bytes[++at] ?? 0);
  }
  return kept.subarray(0, length);
}
