/**
 * A file of the local disk being written.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import { requireFile, requireOffset } from "./file_rule.ts";
import type { FilledPlace, Jail, Place } from "./jail.ts";
import { NewFile, type UploadTarget } from "./new_file.ts";
import { O_APPEND, O_WRONLY, type OpenFile } from "../system/open_file.ts";
import { type Attempt, attempt, Refusal } from "./os_error.ts";
import { Pieces } from "./pieces.ts";
import type { Amount, Arrived, StorageWriter, WriteOptions } from "./storage.ts";

/** How to open a file of the local disk. */
export interface LocalWriteOptions extends WriteOptions {
  /** Permission bits of a new file. */
  readonly rights: number;
}

/** What becomes of the bytes at the end. */
interface Upload {
  readonly file: OpenFile;
  /** How much more there is by it, once it has ended. */
  readonly growth: Amount;
  /** Told of a write at an offset before it, and then of how many bytes it took. */
  countWrite?(position: number): (taken: number) => void;
  /** Told of a new length before it is set. */
  countCut?(length: number): void;
  /** Another file goes by it. */
  readonly replaces: boolean;
  /** Keeps it, and true, unless aborted before; it has so many bytes, but where others write to it too. */
  commit(size: number, signal?: AbortSignal): Promise<boolean>;
  abort(arrived: Arrived): Promise<void>;
}

/** What a writer is made of. */
interface WriterParts {
  readonly upload: Upload;
  readonly offset: number;
  /** When old bytes behind the offset are dropped. */
  readonly cut: "first-byte" | "commit" | "never";
}

class LocalWriter implements StorageWriter {
  readonly offset: number;
  readonly #parts: WriterParts;
  readonly #attempt: Attempt;
  readonly #pieces = new Pieces();
  #position: number;
  #ended = false;

  constructor(path: string, parts: WriterParts) {
    this.offset = parts.offset;
    this.#parts = parts;
    this.#attempt = { action: "write", path };
    this.#position = parts.offset;
  }

  get growth(): Amount {
    return this.#parts.upload.growth;
  }

  get replaces(): boolean {
    return this.#parts.upload.replaces;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const taken = await attempt(this.#attempt, () => this.#putCounted(bytes));
    this.#position += taken;
    return taken;
  }

  async commit(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) {
      await this.abort();
      return false;
    }
    return await attempt(this.#attempt, async () => {
      if (this.#ended) throw new Error("The upload has ended already");
      this.#ended = true;
      const { upload, cut } = this.#parts;
      await using _closed = upload.file;
      if (cut !== "never") this.#truncate(this.#position);
      return await upload.commit(this.#position, signal);
    });
  }

  flush(): Promise<void> {
    return attempt(this.#attempt, () => this.#parts.upload.file.sync());
  }

  async abort(arrived: Arrived = "keep"): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { upload } = this.#parts;
    await using _closed = upload.file;
    try {
      await upload.abort(arrived);
    } catch (error) {
      const { path } = this.#attempt;
      log.warning(`What arrived of ${JSON.stringify(path)} could not be kept: ${reasonOf(error)}`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #truncate(length: number): void {
    const { upload } = this.#parts;
    upload.countCut?.(length);
    upload.file.truncate(length);
  }

  async #putCounted(bytes: Uint8Array): Promise<number> {
    const count = this.#parts.upload.countWrite?.(this.#position);
    const taken = await this.#put(bytes);
    count?.(taken);
    return taken;
  }

  #put(bytes: Uint8Array): number | Promise<number> {
    const { upload: { file }, cut } = this.#parts;
    const first = this.#position === this.offset;
    if (first && cut === "first-byte") this.#truncate(this.offset);
    return this.#pieces.take({
      now: (most) => file.writeNow(bytes.subarray(0, most), this.#position),
      later: () => file.write(bytes, this.#position),
    });
  }
}

/**
 * A whole file that is continued where it is, since a copy of it may be too large. Others may write
 * to it, cut it or remove it meanwhile: it counts each step of its own, when it takes it.
 */
class OldFile implements Upload {
  readonly file: OpenFile;
  readonly replaces = false;
  readonly #append: boolean;
  #bytes = 0;

  constructor(file: OpenFile, append: boolean) {
    this.file = file;
    this.#append = append;
  }

  get growth(): Amount {
    return { bytes: this.#bytes, files: 0 };
  }

  countWrite(position: number): (taken: number) => void {
    const { size, nlink } = this.file.info();
    const start = this.#append ? size : position;
    return (taken) => {
      if (nlink > 0) this.#bytes += Math.max(0, start + taken - size);
    };
  }

  countCut(length: number): void {
    const { size, nlink } = this.file.info();
    if (nlink > 0) this.#bytes += length - size;
  }

  async commit(): Promise<boolean> {
    await this.file.sync();
    return true;
  }

  async abort(): Promise<void> {
    await this.file.sync();
  }
}

/**
 * Opens a file for writing.
 *
 * @param jail Where.
 * @param path Virtual path, its names checked.
 * @param options How.
 * @returns The writer.
 * @throws {Refusal} `is-a-directory`, `not-regular`, `exists`, `bad-offset`, `not-found`.
 * @throws {Error} Whatever the system says, such as that it may not be written.
 */
export function openWriter(jail: Jail, path: string, options: LocalWriteOptions): StorageWriter {
  const place = jail.locate(path);
  const parts = place.info === undefined
    ? startNew(jail, place, options)
    : startOnto(jail, { ...place, info: place.info }, options);
  return new LocalWriter(path, parts);
}

function startNew(jail: Jail, place: Place, options: LocalWriteOptions): WriterParts {
  const append = options.mode === "append";
  // Of two that append to a new name at once, the second must not replace what the first has put there.
  const target = targetOf(place, append ? { ...options, exclusive: true } : options);
  const partial = options.mode === "replace" ? undefined : NewFile.claim(jail, target);
  if (partial !== undefined) return goOnWith(partial, options);
  if (options.mode === "resume") requireOffset(options.offset ?? 0, 0);
  return startEmpty(jail, target);
}

/** Nothing is behind the last byte of a file that was empty. */
function startEmpty(jail: Jail, target: UploadTarget): WriterParts {
  return { upload: NewFile.create(jail, target), offset: 0, cut: "never" };
}

function goOnWith(upload: NewFile, options: LocalWriteOptions): WriterParts {
  const { file } = upload;
  try {
    const offset = startOf(file, options);
    file.touch();
    return { upload, offset, cut: "first-byte" };
  } catch (error) {
    upload.unclaim();
    file.closeNow();
    throw error;
  }
}

function startOnto(jail: Jail, place: FilledPlace, options: LocalWriteOptions): WriterParts {
  requireFile(place.info);
  if (options.exclusive) throw new Refusal("exists");
  return options.mode === "replace"
    ? startReplacing(jail, place, options)
    : startInPlace(jail, place, options);
}

function startReplacing(jail: Jail, place: FilledPlace, options: LocalWriteOptions): WriterParts {
  // A file that may not be written is not replaced either, whatever its directory allows.
  jail.open(place.real, { flags: O_WRONLY }).closeNow();
  return startEmpty(jail, targetOf(place, options));
}

function startInPlace(jail: Jail, place: FilledPlace, options: LocalWriteOptions): WriterParts {
  const append = options.mode === "append";
  // With O_APPEND, two that append at once do not overwrite each other.
  const file = jail.open(place.real, { flags: append ? O_WRONLY | O_APPEND : O_WRONLY });
  try {
    const offset = startOf(file, options);
    return { upload: new OldFile(file, append), offset, cut: append ? "never" : "commit" };
  } catch (error) {
    file.closeNow();
    throw error;
  }
}

function startOf(file: OpenFile, options: LocalWriteOptions): number {
  const { size } = file.info();
  const offset = options.mode === "append" ? size : options.offset ?? 0;
  requireOffset(offset, size);
  return offset;
}

function targetOf(place: Place, options: LocalWriteOptions): UploadTarget {
  const { user, rights, exclusive = false } = options;
  return { real: place.real, old: place.info, user, rights, exclusive };
}
