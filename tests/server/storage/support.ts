/**
 * What the storage tests share: short ways to fill a storage, look into it and name its refusals.
 *
 * @module
 */
import { assertRejects } from "@std/assert";
import { writeAll } from "../../../shared/connection.ts";
import { StorageError, type StorageErrorKind } from "../../../shared/errors.ts";
import { type LocalStorage, openLocalStorage } from "../../../server/storage/local.ts";
import type {
  Entry,
  Storage,
  StorageReader,
  WriteOptions,
} from "../../../server/storage/storage.ts";

/** The user of the tests. */
export const USER = "alice";

/** One day and one minute: what lies about for so long is stale. In milliseconds. */
export const LONG_AGO = (24 * 60 + 1) * 60_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A shared directory of its own, removed at the end. */
export class Shared implements AsyncDisposable {
  /** Real path of what is shared. */
  readonly root: string;
  /** Real path of a directory beside it, which nobody may reach. */
  readonly outside: string;
  /** The storage. */
  readonly storage: LocalStorage;

  readonly #base: string;

  private constructor(base: string, storage: LocalStorage) {
    this.#base = base;
    this.root = `${base}/root`;
    this.outside = `${base}/outside`;
    this.storage = storage;
  }

  /** Makes it. */
  static async open(): Promise<Shared> {
    const base = await Deno.realPath(await Deno.makeTempDir({ prefix: "ftpkit-storage-" }));
    await Deno.mkdir(`${base}/root`);
    await Deno.mkdir(`${base}/outside`);
    return new Shared(base, await openLocalStorage(`${base}/root`));
  }

  /** Real path of a virtual one. */
  real(path: string): string {
    return `${this.root}${path}`;
  }

  /** Every name on the disk below the directory, the hidden ones too. */
  async names(path = ""): Promise<string[]> {
    const entries = await Array.fromAsync(Deno.readDir(this.real(path)));
    return entries.map((entry) => entry.name).sort();
  }

  /** Makes the hidden files in a directory look as if nobody had touched them for a day. */
  async age(path = ""): Promise<void> {
    const then = new Date(Date.now() - LONG_AGO);
    for (const name of await this.names(path)) {
      if (name.startsWith(".ftpkit-")) await Deno.utime(this.real(`${path}/${name}`), then, then);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#base, { recursive: true });
  }
}

/** Uploads a text; without options the whole file. */
export async function upload(
  storage: Storage,
  path: string,
  options: Partial<WriteOptions> & { readonly text: string },
): Promise<void> {
  const { text, ...rest } = options;
  await using writer = await storage.write(path, { mode: "replace", user: USER, ...rest });
  await writeAll(writer, encoder.encode(text));
  await writer.commit();
}

/** Uploads a text and is cut off. */
export async function cutUpload(
  storage: Storage,
  path: string,
  options: Partial<WriteOptions> & { readonly text: string },
): Promise<void> {
  const { text, ...rest } = options;
  await using writer = await storage.write(path, { mode: "replace", user: USER, ...rest });
  await writeAll(writer, encoder.encode(text));
}

/** Everything that a reader gives, as text. */
export async function readAll(reader: StorageReader): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(1000);
  for (let n = await reader.read(buffer); n !== null; n = await reader.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, n));
  }
  return text;
}

/** A file's text from an offset on. */
export async function download(storage: Storage, path: string, offset = 0): Promise<string> {
  await using reader = await storage.read(path, offset);
  return await readAll(reader);
}

/** All entries of a directory. */
export async function list(storage: Storage, path: string): Promise<Entry[]> {
  return (await Array.fromAsync(storage.list(path))).flat();
}

/** The names in a directory. */
export async function listNames(storage: Storage, path: string): Promise<string[]> {
  return (await list(storage, path)).map((entry) => entry.name);
}

/** Checks that it is refused for that reason, with a message that names the path and no real one. */
export async function assertRefused(
  kind: StorageErrorKind,
  run: () => PromiseLike<unknown>,
): Promise<StorageError> {
  const error = await assertRejects(run, StorageError);
  if (error.kind !== kind) {
    throw new Error(`refused as ${error.kind}, not ${kind}`, { cause: error });
  }
  if (error.message.includes("ftpkit-storage-")) throw new Error(`tells: ${error.message}`);
  return error;
}
