/**
 * A file in memory being written.
 *
 * @module
 */
import { requireOffset } from "./file_rule.ts";
import { MemoryDirectory, MemoryFile, type MemorySpace, partialKey } from "./memory_tree.ts";
import { type Attempt, attempt, Refusal } from "./os_error.ts";
import {
  type Amount,
  type Arrived,
  NOTHING,
  type StorageWriter,
  type WriteOptions,
} from "./storage.ts";

/** Where an upload goes. */
export interface MemoryTarget {
  /** Virtual path. */
  readonly path: string;
  /** The directory that holds it. */
  readonly directory: MemoryDirectory;
  /** Its name there. */
  readonly name: string;
}

/** What a writer is made of. */
interface WriterParts {
  readonly file: MemoryFile;
  readonly offset: number;
  /** It has its name already. */
  readonly inPlace: boolean;
}

class MemoryWriter implements StorageWriter {
  readonly offset: number;
  readonly #target: MemoryTarget;
  readonly #options: WriteOptions;
  readonly #parts: WriterParts;
  readonly #attempt: Attempt;
  #position: number;
  #growth = NOTHING;
  #ended = false;

  constructor(target: MemoryTarget, options: WriteOptions, parts: WriterParts) {
    this.offset = parts.offset;
    this.#target = target;
    this.#options = options;
    this.#parts = parts;
    this.#attempt = { action: "write", path: target.path };
    this.#position = parts.offset;
    if (!parts.inPlace) target.directory.uploads++;
  }

  get growth(): Amount {
    return this.#growth;
  }

  write(bytes: Uint8Array): Promise<number> {
    return attempt(this.#attempt, () => {
      if (this.#ended) throw new Error("The upload has ended already");
      const { file, inPlace } = this.#parts;
      const append = inPlace && this.#options.mode === "append";
      if (!inPlace && this.#position === this.offset) this.#truncate(this.offset);
      const before = file.size;
      const taken = file.write(bytes, append ? before : this.#position);
      this.#grow(file.size - before);
      this.#position += taken;
      return taken;
    });
  }

  get replaces(): boolean {
    const { directory, name } = this.#target;
    return !this.#parts.inPlace && directory.children.has(name);
  }

  async commit(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) {
      await this.abort();
      return false;
    }
    return await attempt(this.#attempt, () => {
      if (this.#ended) throw new Error("The upload has ended already");
      this.#ended = true;
      const { inPlace } = this.#parts;
      if (!inPlace || this.#options.mode === "resume") this.#truncate(this.#position);
      if (!inPlace) this.#publish();
      return true;
    });
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  abort(arrived: Arrived = "keep"): Promise<void> {
    if (!this.#ended && !this.#parts.inPlace) this.#setAside(arrived);
    this.#ended = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #publish(): void {
    const { directory, name } = this.#target;
    directory.uploads--;
    const old = directory.children.get(name);
    try {
      // Of two that append to a new name at once, the second must not replace what the first has put there.
      const { exclusive, mode } = this.#options;
      if (old !== undefined && (exclusive || mode === "append")) throw new Refusal("exists");
      if (old instanceof MemoryDirectory) throw new Refusal("is-a-directory");
    } catch (error) {
      this.#discard();
      throw error;
    }
    old?.release();
    directory.children.set(name, this.#parts.file);
    const replaced = (old?.size ?? 0) + this.#replacePartial(undefined);
    this.#grow(-replaced, old === undefined ? 1 : 0);
  }

  #truncate(size: number): void {
    const { file } = this.#parts;
    this.#grow(size - file.size);
    file.truncate(size);
  }

  #grow(bytes: number, files = 0): void {
    this.#growth = { bytes: this.#growth.bytes + bytes, files };
  }

  #discard(): void {
    const { file } = this.#parts;
    file.release();
    this.#grow(-file.size);
  }

  #setAside(arrived: Arrived): void {
    const { directory, name } = this.#target;
    directory.uploads--;
    const { file } = this.#parts;
    if (arrived === "keep" && file.size > 0 && !directory.children.has(name)) {
      this.#grow(-this.#replacePartial(file));
    } else this.#discard();
  }

  /** Tells how many bytes went away. */
  #replacePartial(file: MemoryFile | undefined): number {
    const { partials } = this.#target.directory;
    const key = partialKey(this.#options.user, this.#target.name);
    const old = partials.get(key);
    old?.release();
    if (file === undefined) partials.delete(key);
    else partials.set(key, file);
    return old?.size ?? 0;
  }
}

/**
 * Opens a file for writing.
 *
 * @param space Where its bytes come from.
 * @param target Where it goes.
 * @param options How.
 * @returns The writer.
 * @throws {Refusal} `is-a-directory`, `exists`, `bad-offset`.
 */
export function openMemoryWriter(
  space: MemorySpace,
  target: MemoryTarget,
  options: WriteOptions,
): StorageWriter {
  const old = target.directory.children.get(target.name);
  if (old instanceof MemoryDirectory) throw new Refusal("is-a-directory");
  if (old !== undefined && options.exclusive) throw new Refusal("exists");
  return new MemoryWriter(target, options, startOf(space, target, { ...options, old }));
}

function startOf(
  space: MemorySpace,
  target: MemoryTarget,
  options: WriteOptions & { readonly old: MemoryFile | undefined },
): WriterParts {
  const { mode, old, user, offset = 0 } = options;
  const { directory, name } = target;
  if (mode !== "replace") {
    const partial = old ? undefined : directory.livePartial(partialKey(user, name), space.now());
    const found = old ?? partial;
    const size = found?.size ?? 0;
    if (mode === "resume") requireOffset(offset, size);
    if (partial !== undefined) directory.partials.delete(partialKey(user, name));
    if (found !== undefined) {
      return { file: found, offset: mode === "append" ? size : offset, inPlace: found === old };
    }
  }
  return { file: new MemoryFile(space), offset: 0, inPlace: false };
}
