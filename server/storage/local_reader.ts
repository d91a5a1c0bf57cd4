/**
 * A file of the local disk being read.
 *
 * @module
 */
import { requireFile, requireOffset } from "./file_rule.ts";
import type { Jail } from "./jail.ts";
import { O_RDONLY, type OpenFile } from "../system/open_file.ts";
import { attempt } from "./os_error.ts";
import { Pieces } from "./pieces.ts";
import type { StorageReader } from "./storage.ts";

/** What a reader is made of. */
interface ReaderParts {
  readonly file: OpenFile;
  readonly path: string;
  readonly size: number;
  readonly offset: number;
}

class LocalReader implements StorageReader {
  readonly size: number;
  readonly #file: OpenFile;
  readonly #path: string;
  #position: number;
  readonly #pieces = new Pieces();

  constructor(parts: ReaderParts) {
    this.size = parts.size;
    this.#file = parts.file;
    this.#path = parts.path;
    this.#position = parts.offset;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await attempt({ action: "read", path: this.#path }, () => this.#fill(buffer));
    this.#position += count;
    return count === 0 ? null : count;
  }

  #fill(buffer: Uint8Array): number | Promise<number> {
    return this.#pieces.take({
      now: (most) => this.#file.readNow(buffer.subarray(0, most), this.#position),
      later: () => this.#file.read(buffer, this.#position),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Opens a regular file for reading.
 *
 * @param jail Where.
 * @param path Virtual path, its names checked.
 * @param offset Where to start, in bytes.
 * @returns The reader.
 * @throws {Refusal} `not-found`, `is-a-directory`, `not-regular`, `bad-offset`.
 * @throws {Error} Whatever the system says.
 */
export function openReader(jail: Jail, path: string, offset: number): StorageReader {
  const { real, info } = jail.find(path);
  requireFile(info);
  return openReaderAt(jail, { real, path, offset });
}

/**
 * Opens a file for reading of which it is known that it is a regular one.
 *
 * @param jail Where.
 * @param place Its real path, the virtual one that it is called by, and where to start, in bytes.
 * @returns The reader.
 * @throws {Refusal} `not-found` where it is something else now, `bad-offset`.
 * @throws {Error} Whatever the system says.
 */
export function openReaderAt(
  jail: Jail,
  place: { readonly real: string; readonly path: string; readonly offset: number },
): StorageReader {
  const { real, path, offset } = place;
  const file = jail.open(real, { flags: O_RDONLY });
  try {
    const { size } = file.found;
    requireOffset(offset, size);
    return new LocalReader({ file, path, size, offset });
  } catch (error) {
    file.closeNow();
    throw error;
  }
}
