/**
 * A file that arrives in a form of its own: records, blocks or compressed strings.
 *
 * @module
 */
import { ByteBuffer } from "./byte_buffer.ts";
import { PIECE_SIZE } from "./byte_source.ts";
import { ProtocolError, TruncatedError } from "./errors.ts";
import { END_OF_FILE, END_OF_RECORD, type FrameDecoder } from "./frame.ts";
import type { ByteSource } from "./pump.ts";

/** How the file is taken. */
export interface FrameReceiverOptions {
  /** Understands the wire. */
  readonly decoder: FrameDecoder;
  /** Each record is a line of text: CRLF is put behind it. */
  readonly lines: boolean;
  /** The wire must end with the file: nothing may come behind it. */
  readonly last: boolean;
  /** Called when all bytes before a restart marker have been read; the next read waits for it. */
  readonly onMarker?: (text: string) => Promise<void>;
}

const CRLF: Uint8Array = Uint8Array.of(13, 10);
const NOTHING: Uint8Array = new Uint8Array();

/** The file in what arrives. It ends where the sender says so, whether or not the wire does. */
export class FrameReceiver implements ByteSource {
  readonly #wire: ByteSource;
  readonly #options: FrameReceiverOptions;
  readonly #input = new Uint8Array(PIECE_SIZE);
  readonly #out = new ByteBuffer();
  /** What has been read from the wire and not looked at yet. */
  #rest = NOTHING;
  #marker: string | undefined;
  #ended = false;

  /** Takes a file from a wire. */
  constructor(wire: ByteSource, options: FrameReceiverOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Whether bytes arrived behind the end of the file. */
  get surplus(): boolean {
    return this.#rest.length > 0;
  }

  /**
   * Reads from the file.
   *
   * @throws {ProtocolError} If what arrives means nothing.
   * @throws {TruncatedError} If it ends before the file does.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#out.length === 0) {
      await this.#tellMarker();
      if (this.#ended) return null;
      if (this.#rest.length === 0) await this.#fill();
      this.#decode();
      if (this.#ended && this.#options.last) await this.#requireEnd();
    }
    return this.#out.take(buffer);
  }

  async #tellMarker(): Promise<void> {
    const text = this.#marker;
    this.#marker = undefined;
    if (text !== undefined) await this.#options.onMarker?.(text);
  }

  async #fill(): Promise<void> {
    const count = await this.#wire.read(this.#input);
    if (count === null) throw new TruncatedError("The data ends before its end of file");
    this.#rest = this.#input.subarray(0, count);
  }

  #decode(): void {
    const read = this.#options.decoder.decode(this.#rest, this.#sink);
    this.#rest = this.#rest.subarray(read);
  }

  async #requireEnd(): Promise<void> {
    const behind = this.surplus || await this.#wire.read(this.#input) !== null;
    if (behind) throw new ProtocolError("Cannot take the data: more came behind its end");
  }

  readonly #sink = {
    data: (bytes: Uint8Array): void => this.#out.append(bytes),
    end: (ending: number): void => {
      if (this.#options.lines && (ending & END_OF_RECORD) !== 0) this.#out.append(CRLF);
      this.#ended ||= (ending & END_OF_FILE) !== 0;
    },
    marker: (text: string): void => {
      this.#marker = text;
    },
  };
}
