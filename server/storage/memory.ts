/**
 * A storage in memory: the contract without a disk, for tests of what stands above it.
 *
 * @module
 */
import { baseName, parentPath } from "../../shared/ftp_path.ts";
import { checkPath, type PathUse, requireOffset } from "./file_rule.ts";
import { MemoryDirectory, MemoryFile, MemorySpace, partialKey } from "./memory_tree.ts";
import { type MemoryTarget, openMemoryWriter } from "./memory_writer.ts";
import { attempt, Refusal } from "./os_error.ts";
import { nextTurn } from "../../shared/turn.ts";
import {
  type Amount,
  type Entry,
  LIST_BATCH,
  type ListUse,
  NOTHING,
  type PartialStart,
  type Storage,
  type StorageReader,
  type StorageWriter,
  type WriteOptions,
} from "./storage.ts";

/** What to imitate. */
export interface MemoryOptions {
  /** Bytes until `no-space`; none: no limit. */
  readonly capacity?: number;
  /** The time, in milliseconds since 1970. */
  readonly now?: () => number;
}

class MemoryReader implements StorageReader {
  readonly size: number;
  readonly #file: MemoryFile;
  #position: number;

  constructor(file: MemoryFile, offset: number) {
    this.size = file.size;
    this.#file = file;
    this.#position = offset;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const count = this.#file.read(buffer, this.#position);
    this.#position += count;
    return Promise.resolve(count === 0 ? null : count);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Files and directories that are gone with the process. Has no links and no other file types. */
export class MemoryStorage implements Storage {
  readonly #space: MemorySpace;
  readonly #root: MemoryDirectory;

  /** Makes an empty storage. */
  constructor(options: MemoryOptions = {}) {
    this.#space = new MemorySpace(options.capacity ?? Infinity, options.now ?? Date.now);
    this.#root = new MemoryDirectory(this.#space.now());
  }

  stat(path: string): Promise<Entry> {
    return attempt({ action: "find", path }, () => entryOf(baseName(path), this.#find(path)));
  }

  partialSize(path: string, user: string): Promise<number | undefined> {
    return attempt({ action: "find", path }, () => this.#partial(path, user)?.size);
  }

  readPartial(path: string, { user, offset }: PartialStart): Promise<StorageReader> {
    return attempt({ action: "read", path }, () => {
      const partial = this.#partial(path, user);
      if (partial === undefined) throw new Refusal("not-found");
      requireOffset(offset, partial.size);
      return new MemoryReader(partial, offset);
    });
  }

  #partial(path: string, user: string): MemoryFile | undefined {
    checkPath(path, "find");
    if (path === "/") return undefined;
    const { directory, name } = this.#target(path, "find");
    if (directory.children.has(name)) return undefined;
    return directory.livePartial(partialKey(user, name), this.#space.now());
  }

  async *list(path: string, { signal }: ListUse = {}): AsyncIterable<readonly Entry[]> {
    const what = { action: "list", path };
    const { children } = await attempt(what, () => requireDirectory(this.#find(path)));
    const names = [...children.keys()].sort();
    for (let start = 0; start < names.length; start += LIST_BATCH) {
      if (start > 0) await nextTurn();
      if (signal?.aborted) return;
      const entries = names.slice(start, start + LIST_BATCH).flatMap((name) => {
        const node = children.get(name);
        return node === undefined ? [] : [entryOf(name, node)];
      });
      if (entries.length > 0) yield entries;
    }
  }

  read(path: string, offset: number): Promise<StorageReader> {
    return attempt({ action: "read", path }, () => {
      const file = this.#find(path);
      if (file instanceof MemoryDirectory) throw new Refusal("is-a-directory");
      requireOffset(offset, file.size);
      return new MemoryReader(file, offset);
    });
  }

  write(path: string, options: WriteOptions): Promise<StorageWriter> {
    return attempt({ action: "write", path }, () => {
      if (path === "/") throw new Refusal("is-a-directory");
      return openMemoryWriter(this.#space, this.#target(path, "make"), options);
    });
  }

  removeFile(path: string, user: string): Promise<Amount> {
    return attempt({ action: "remove", path }, () => {
      const { directory, name } = this.#targetToChange(path);
      const file = directory.children.get(name);
      const key = partialKey(user, name);
      const partial = directory.livePartial(key, this.#space.now());
      if (file === undefined && partial === undefined) throw new Refusal("not-found");
      if (file instanceof MemoryDirectory) throw new Refusal("is-a-directory");
      directory.children.delete(name);
      directory.partials.delete(key);
      file?.release();
      partial?.release();
      const bytes = (file?.size ?? 0) + (partial?.size ?? 0);
      return { bytes, files: file === undefined ? 0 : 1 };
    });
  }

  removeDirectory(path: string): Promise<Amount> {
    return attempt({ action: "remove", path }, () => {
      const { directory, name } = this.#targetToChange(path);
      const victim = requireDirectory(directory.children.get(name));
      if (victim.children.size > 0 || victim.uploads > 0) throw new Refusal("not-empty");
      victim.partials.forEach((partial) => partial.release());
      directory.children.delete(name);
      return { bytes: victim.partials.values().reduce((sum, { size }) => sum + size, 0), files: 0 };
    });
  }

  makeDirectory(path: string): Promise<void> {
    return attempt({ action: "make the directory", path }, () => {
      if (path === "/") throw new Refusal("exists");
      const { directory, name } = this.#target(path, "make");
      if (directory.children.has(name)) throw new Refusal("exists");
      directory.children.set(name, new MemoryDirectory(this.#space.now()));
    });
  }

  rename(from: string, to: string): Promise<Amount> {
    return attempt({ action: "rename", path: from }, () => {
      const source = this.#targetToChange(from);
      const node = source.directory.children.get(source.name);
      if (node === undefined) throw new Refusal("not-found");
      return attempt({ action: "rename to", path: to }, () => this.#move(source, to));
    });
  }

  #move(source: MemoryTarget, to: string): Amount {
    if (to === "/") throw new Refusal("exists");
    const target = this.#target(to, "make");
    const node = source.directory.children.get(source.name);
    const old = target.directory.children.get(target.name);
    if (node === undefined) throw new Refusal("not-found");
    if (old instanceof MemoryDirectory) throw new Refusal("exists");
    if (node instanceof MemoryDirectory) {
      if (old !== undefined) throw new Refusal("exists");
      if (to.startsWith(`${source.path}/`)) throw new Refusal("bad-name");
    }
    if (old !== node) old?.release();
    source.directory.children.delete(source.name);
    target.directory.children.set(target.name, node);
    return old === undefined || old === node ? NOTHING : { bytes: old.size, files: 1 };
  }

  #targetToChange(path: string): MemoryTarget {
    if (path === "/") throw new Refusal("denied");
    return this.#target(path, "find");
  }

  #target(path: string, use: PathUse): MemoryTarget {
    checkPath(path, use);
    const directory = requireDirectory(this.#find(parentPath(path)));
    return { path, directory, name: baseName(path) };
  }

  #find(path: string): MemoryFile | MemoryDirectory {
    checkPath(path, "find");
    let node: MemoryFile | MemoryDirectory | undefined = this.#root;
    for (const name of path.split("/").filter((name) => name !== "")) {
      node = requireDirectory(node).children.get(name);
    }
    return node ?? missing();
  }
}

function requireDirectory(node: MemoryFile | MemoryDirectory | undefined): MemoryDirectory {
  if (node === undefined) return missing();
  if (node instanceof MemoryFile) throw new Refusal("not-a-directory");
  return node;
}

function missing(): never {
  throw new Refusal("not-found");
}

function entryOf(name: string, node: MemoryFile | MemoryDirectory): Entry {
  const isFile = node instanceof MemoryFile;
  return {
    name,
    type: isFile ? "file" : "dir",
    size: isFile ? node.size : 0,
    modified: node.modified,
    mode: isFile ? 0o644 : 0o755,
    links: 1,
    owner: 0,
    group: 0,
    device: 0,
    inode: node.inode,
  };
}
