/**
 * `--verify`: what was transferred is hashed on the way and compared with what the server hashes.
 *
 * @module
 */
import type { ByteSink } from "../../shared/connection.ts";
import { type Digest, type HashName, newDigest } from "../../shared/digest.ts";
import { FtpkitError } from "../../shared/errors.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "../session/session.ts";

/** What is here is not what the server has. */
export class HashMismatch extends FtpkitError {
  override readonly name = "HashMismatch";
}

/** How much of a file is read at a time to hash it, in bytes. */
const READ_SIZE = 1024 * 1024;

/** The hash of one file, computed while it is transferred. */
export class RunningHash {
  /** How it is computed. */
  readonly algorithm: HashName;
  #digest: Digest;

  /** Begins with nothing. */
  constructor(algorithm: HashName) {
    this.algorithm = algorithm;
    this.#digest = newDigest(algorithm);
  }

  /** Begins again. */
  restart(): void {
    this.#digest = newDigest(this.algorithm);
  }

  /** Takes the file's next bytes. */
  update(bytes: Uint8Array): void {
    this.#digest.update(bytes);
  }

  /** Takes what a source has, up to so many bytes: what was transferred earlier. */
  async take(source: ByteSource, length: number): Promise<void> {
    const buffer = new Uint8Array(Math.min(READ_SIZE, length));
    for (let left = length; left > 0;) {
      const read = await source.read(buffer.subarray(0, Math.min(left, buffer.length)));
      if (read === null) return;
      this.update(buffer.subarray(0, read));
      left -= read;
    }
  }

  /** Of what it has taken: lower-case hexadecimal digits. */
  hex(): string {
    return this.#digest.hex();
  }

  /** What is written to the sink passes through the hash. */
  sink(sink: ByteSink): ByteSink {
    return {
      write: async (bytes) => {
        const taken = await sink.write(bytes);
        this.update(bytes.subarray(0, taken));
        return taken;
      },
    };
  }

  /** What is read from the source passes through the hash. */
  source(source: ByteSource): ByteSource {
    return {
      read: async (buffer) => {
        const read = await source.read(buffer);
        if (read !== null) this.update(buffer.subarray(0, read));
        return read;
      },
    };
  }

  /**
   * Asks the server for its own, and compares.
   *
   * @param session Where.
   * @param file The remote file, and how many bytes passed through the hash.
   * @throws {HashMismatch} If they differ.
   * @throws {ReplyError} If the server does not tell.
   */
  async compare(
    session: Session,
    file: { readonly path: string; readonly size: number },
  ): Promise<void> {
    const mine = this.hex();
    const theirs = await session.hash.of(file);
    if (mine === theirs) return;
    const [here, there] = [mine, theirs].map((hash) => hash.slice(0, 16));
    throw new HashMismatch(
      `Cannot verify "${displayName(file.path)}": its ${this.algorithm} is ${here}… here ` +
        `and ${there}… on the server`,
    );
  }
}
