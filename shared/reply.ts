/**
 * Replies on the control connection, both ways (RFC 959 section 4.2).
 *
 * @module
 */

import { ProtocolError } from "./errors.ts";

/** One reply of a server. */
export interface Reply {
  /** The three digits, 100 to 599. */
  readonly code: number;
  /** The lines of text, at least one, without code, separator and line end. */
  readonly lines: readonly string[];
}

/** How a {@linkcode ReplyDecoder} reads, and how much it takes before it gives up. */
export interface ReplyOptions {
  /** Reads a line that is not ASCII; UTF-8 unless given, or Latin-1 where it is not valid. */
  readonly decode?: (line: Uint8Array) => string;
  /** Whether byte 255 may begin a Telnet command; true unless given. In some encodings it is a letter. */
  readonly telnet?: boolean;
  /** The longest line in bytes, without its LF; 16 KiB unless given. */
  readonly maxLineBytes?: number;
  /** The longest reply in bytes, over all its lines; 1 MiB unless given. */
  readonly maxBytes?: number;
}

interface OpenReply {
  /** The three digits as they came: a line that begins with them may end the reply. */
  readonly digits: string;
  readonly lines: string[];
  bytes: number;
}

const LF = 10;
const IAC = 255;
const FIRST_TELNET_COMMAND = 240;
const FIRST_TELNET_OPTION_COMMAND = 251;

const REPLY_START = /^[1-5]\d\d(?:[ -]|$)/;
const ANY_CODE_START = /^\d\d\d(?:[ -]|$)/;
const LINE_END = /[\r\n]/g;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Writes a reply as it goes over the wire (RFC 959 section 4.2).
 *
 * A CR or LF inside a line becomes a space, so that no text can forge a reply. An inner line that
 * begins like a reply gets a space in front, so that it cannot end this one. Other inner lines go
 * as they are: FEAT and MLST bring the leading space that their RFCs ask for.
 *
 * @example Usage
 * ```ts
 * import { encodeReply } from "./reply.ts";
 * const wire = encodeReply({ code: 211, lines: ["Features:", " MDTM", "End"] });
 * if (wire !== "211-Features:\r\n MDTM\r\n211 End\r\n") throw new Error("unexpected");
 * ```
 *
 * @param reply Code and lines; no line at all counts as one empty line.
 * @returns The text with all line ends.
 * @throws {RangeError} If the code is not 100 to 599.
 */
export function encodeReply(reply: Reply): string {
  const { code } = reply;
  if (!Number.isInteger(code) || code < 100 || code > 599) {
    throw new RangeError(`Cannot send the reply code "${code}": not 100 to 599`);
  }
  const [only = ""] = reply.lines;
  if (reply.lines.length < 2) return `${code} ${only.replace(LINE_END, " ")}\r\n`;
  const lines = reply.lines.map((line) => line.replace(LINE_END, " "));
  const last = lines.pop() ?? "";
  const first = lines.shift() ?? "";
  const inner = lines.map((line) => ANY_CODE_START.test(line) ? ` ${line}\r\n` : `${line}\r\n`);
  return `${code}-${first}\r\n${inner.join("")}${code} ${last}\r\n`;
}

/**
 * Reads replies from the bytes of a control connection, whatever way they are cut.
 *
 * - A line ends with CRLF; a bare LF is understood.
 * - A multi-line reply ends at the first line with its code and a space (RFC 959 section 4.2), or
 *   with its code alone. Inner lines may begin with other digits. Where an inner line repeats the
 *   code and a dash, as many servers do, both are taken off.
 * - Telnet commands are taken out (RFC 854). We never agree to an option, so none is longer than
 *   three bytes. A byte 255 that begins no command is the letter ÿ of a server that speaks Latin-1.
 * - A line is UTF-8 (RFC 2640 section 2.2), or Latin-1 where it is not valid UTF-8, unless the
 *   options say otherwise.
 *
 * @example Usage
 * ```ts
 * import { ReplyDecoder } from "./reply.ts";
 * const decoder = new ReplyDecoder();
 * const replies = decoder.push(new TextEncoder().encode("150 Opening\r\n226 Do"));
 * if (replies.length !== 1 || !decoder.pending) throw new Error("unexpected");
 * ```
 */
export class ReplyDecoder {
  readonly #maxLineBytes: number;
  readonly #maxBytes: number;
  readonly #decodeLine: (line: Uint8Array) => string;
  readonly #telnet: TelnetFilter | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #open: OpenReply | undefined;
  #fault: ProtocolError | undefined;

  /** Makes a decoder for one control connection. */
  constructor(options: ReplyOptions = {}) {
    this.#decodeLine = options.decode ?? decodeLine;
    this.#telnet = options.telnet === false ? undefined : new TelnetFilter();
    this.#maxLineBytes = options.maxLineBytes ?? 16 * 1024;
    this.#maxBytes = options.maxBytes ?? 1024 * 1024;
  }

  /** Whether a reply has begun and its end is still to come. */
  get pending(): boolean {
    return this.#open !== undefined || this.#heldBytes > 0;
  }

  /**
   * Takes the next bytes. They are copied where they are needed later, so the buffer may be reused.
   *
   * Replies that were whole before a fault in the same bytes are returned; the fault is then thrown
   * by the next call. After a fault every call throws.
   *
   * @param bytes What was read, of any length.
   * @returns The replies that are complete now, in order.
   * @throws {ProtocolError} If a reply does not begin with a code, or a limit is passed.
   */
  push(bytes: Uint8Array): Reply[] {
    if (this.#fault !== undefined) throw this.#fault;
    const replies: Reply[] = [];
    try {
      this.#read(this.#telnet?.filter(bytes) ?? bytes, replies);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fault = error;
      if (replies.length === 0) throw error;
    }
    return replies;
  }

  #read(bytes: Uint8Array, replies: Reply[]): void {
    const end = bytes.lastIndexOf(LF) + 1;
    if (end > 0) this.#readLines(this.#takeHeld(bytes.subarray(0, end)), replies);
    this.#hold(bytes.subarray(end));
  }

  /** Puts what was held in front of `bytes`. */
  #takeHeld(bytes: Uint8Array): Uint8Array {
    if (this.#heldBytes === 0) return bytes;
    const joined = new Uint8Array(this.#heldBytes + bytes.length);
    let offset = 0;
    for (const piece of this.#held) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    joined.set(bytes, offset);
    this.#held = [];
    this.#heldBytes = 0;
    return joined;
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#heldBytes += bytes.length;
    this.#checkLine(this.#heldBytes);
    this.#held.push(bytes.slice());
  }

  #readLines(bytes: Uint8Array, replies: Reply[]): void {
    // One decoder call for all lines is many times faster than one a line.
    const ascii = decodeAscii(bytes);
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(LF, start);
      this.#checkLine(end - start);
      const line = ascii?.slice(start, end) ?? this.#decodeLine(bytes.subarray(start, end));
      const reply = this.#addLine(line.endsWith("\r") ? line.slice(0, -1) : line, end - start + 1);
      if (reply !== undefined) replies.push(reply);
      start = end + 1;
    }
  }

  #checkLine(bytes: number): void {
    if (bytes <= this.#maxLineBytes) return;
    throw new ProtocolError(
      `Cannot read the reply: a line is longer than ${this.#maxLineBytes} bytes`,
    );
  }

  #addLine(line: string, bytes: number): Reply | undefined {
    const open = this.#open;
    if (open === undefined) return this.#beginReply(line, bytes);
    open.bytes += bytes;
    if (open.bytes > this.#maxBytes) {
      throw new ProtocolError(
        `Cannot read the reply ${open.digits}: it is longer than ${this.#maxBytes} bytes`,
      );
    }
    const separator = line.startsWith(open.digits) ? line.charAt(3) : undefined;
    if (separator === " " || separator === "") {
      this.#open = undefined;
      open.lines.push(line.slice(4));
      return { code: Number(open.digits), lines: open.lines };
    }
    open.lines.push(separator === "-" ? line.slice(4) : line);
    return undefined;
  }

  #beginReply(line: string, bytes: number): Reply | undefined {
    if (!REPLY_START.test(line)) {
      throw new ProtocolError(
        `Cannot read the reply ${JSON.stringify(line.slice(0, 80))}: no code in front`,
      );
    }
    const lines = [line.slice(4)];
    const digits = line.slice(0, 3);
    if (line.charAt(3) !== "-") return { code: Number(digits), lines };
    this.#open = { digits, lines, bytes };
    return undefined;
  }
}

/** Takes telnet commands out of a stream of bytes (RFC 854). */
class TelnetFilter {
  #state: "data" | "command" | "option" = "data";

  /** Returns the bytes without commands; the same array where there is none. */
  filter(bytes: Uint8Array): Uint8Array {
    if (this.#state === "data" && !bytes.includes(IAC)) return bytes;
    const kept = new Uint8Array(bytes.length + 1);
    let length = 0;
    for (const byte of bytes) {
      if (this.#state === "option") {
        this.#state = "data";
      } else if (this.#state === "command") {
        this.#state = "data";
        if (byte < FIRST_TELNET_COMMAND) kept[length++] = IAC;
        if (byte < FIRST_TELNET_COMMAND || byte === IAC) kept[length++] = byte;
        else if (byte >= FIRST_TELNET_OPTION_COMMAND) this.#state = "option";
      } else if (byte === IAC) {
        this.#state = "command";
      } else {
        kept[length++] = byte;
      }
    }
    return kept.subarray(0, length);
  }
}

/** The text of bytes that are all ASCII, so that offsets are the same in both; else undefined. */
function decodeAscii(bytes: Uint8Array): string | undefined {
  const text = decodeUtf8(bytes);
  return text?.length === bytes.length ? text : undefined;
}

function decodeLine(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
