/**
 * A home with a quota: uploads take what they need from the supervisor's ledger, and what goes away
 * is given back.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import type { Account, Quota } from "../accounts/accounts.ts";
import type { QuotaAmount, QuotaRequest } from "../quota_ledger.ts";
import { Refusal, storageError } from "./os_error.ts";
import type { Arrived, Entry, Storage, StorageWriter, WriteOptions } from "./storage.ts";

/** Whom to ask for space. */
export interface QuotaDesk {
  /** Takes space; false where there is none. */
  takeQuota(request: QuotaRequest): Promise<boolean>;
  /** Gives space back. */
  giveQuota(amount: QuotaAmount): void;
}

/** Bytes that an upload takes at a time: each is a question to another thread. */
const LUMP = 4 * 1024 * 1024;

/**
 * Puts a quota on a storage.
 *
 * @param storage The user's view of the home.
 * @param options Whose, and whom to ask.
 * @returns The storage itself where the user has no quota.
 */
export function withQuota(
  storage: Storage,
  { account, desk }: { readonly account: Account; readonly desk: QuotaDesk },
): Storage {
  const { quota, home, user } = account;
  if (quota === undefined) return storage;
  return quotaStorage(storage, new Purse({ desk, home, quota, user }));
}

/** Everything but what changes how much is there goes straight through. */
function quotaStorage(storage: Storage, purse: Purse): Storage {
  const through: Storage = {
    stat: (path) => storage.stat(path),
    partialSize: (path, user) => storage.partialSize(path, user),
    list: (path) => storage.list(path),
    read: (path, offset) => storage.read(path, offset),
    removeDirectory: (path) => storage.removeDirectory(path),
    makeDirectory: (path, umask) => storage.makeDirectory(path, umask),
    write: (path, options) => openWriter(storage, purse, { path, options }),
    async removeFile(path, user) {
      const bytes = await sizeAt(storage, path) ?? 0;
      const partial = await storage.partialSize(path, user);
      await storage.removeFile(path, user);
      purse.give(bytes + (partial ?? 0), partial === undefined ? 1 : 0);
    },
    async rename(from, to) {
      const replaced = await sizeAt(storage, to);
      await storage.rename(from, to);
      if (replaced !== undefined) purse.give(replaced, 1);
    },
  };
  const { setModified, setMode } = storage;
  return {
    ...through,
    ...(setModified === undefined ? {} : { setModified }),
    ...(setMode === undefined ? {} : { setMode }),
  };
}

/** One user's way to the ledger. */
class Purse {
  readonly #desk: QuotaDesk;
  readonly #home: string;
  readonly #quota: Quota;
  readonly user: string;

  constructor(
    parts: {
      readonly desk: QuotaDesk;
      readonly home: string;
      readonly quota: Quota;
      readonly user: string;
    },
  ) {
    this.#desk = parts.desk;
    this.#home = parts.home;
    this.#quota = parts.quota;
    this.user = parts.user;
  }

  take(amount: { bytes: number; files: number; credit: number }): Promise<boolean> {
    return this.#desk.takeQuota({ home: this.#home, quota: this.#quota, ...amount });
  }

  give(bytes: number, files: number): void {
    if (bytes > 0 || files > 0) this.#desk.giveQuota({ home: this.#home, bytes, files });
  }
}

interface Opening {
  readonly path: string;
  readonly options: WriteOptions;
}

/** Refused before a byte is sent where nothing is left. */
async function openWriter(
  storage: Storage,
  purse: Purse,
  opening: Opening,
): Promise<StorageWriter> {
  const { path, options } = opening;
  const whole = await sizeAt(storage, path);
  const partial = await storage.partialSize(path, purse.user) ?? 0;
  const files = whole === undefined ? 1 : 0;
  const credit = options.mode === "replace" ? whole ?? partial : 0;
  if (!await purse.take({ bytes: 0, files, credit })) throw overQuota(path);
  try {
    const writer = await storage.write(path, options);
    return new QuotaWriter({ writer, storage, purse, path, whole, partial, files, credit });
  } catch (error) {
    purse.give(0, files);
    throw error;
  }
}

async function sizeAt(storage: Storage, path: string): Promise<number | undefined> {
  let entry: Entry;
  try {
    entry = await storage.stat(path);
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
  return entry.type === "file" ? entry.size : undefined;
}

function overQuota(path: string): StorageError {
  return storageError(new Refusal("over-quota"), { action: "write", path });
}

interface QuotaWriterParts {
  readonly writer: StorageWriter;
  readonly storage: Storage;
  readonly purse: Purse;
  readonly path: string;
  /** Size of the file that is there. */
  readonly whole: number | undefined;
  /** Size of what the user was cut off from. */
  readonly partial: number;
  readonly files: number;
  readonly credit: number;
}

class QuotaWriter implements StorageWriter {
  readonly offset: number;
  readonly #parts: QuotaWriterParts;
  #reserve = 0;
  #written = 0;
  #ended = false;

  constructor(parts: QuotaWriterParts) {
    this.#parts = parts;
    this.offset = parts.writer.offset;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.#reserve < bytes.length) await this.#fill(bytes.length - this.#reserve);
    const taken = await this.#parts.writer.write(bytes);
    this.#reserve -= taken;
    this.#written += taken;
    return taken;
  }

  flush(): Promise<void> {
    return this.#parts.writer.flush();
  }

  async commit(): Promise<void> {
    const { writer, purse, whole, partial, files } = this.#parts;
    try {
      await writer.commit();
    } catch (error) {
      this.#ended = true;
      purse.give(this.#reserve + this.#written, files);
      throw error;
    }
    this.#ended = true;
    // What lay behind the offset before is replaced.
    purse.give(this.#reserve + Math.max(0, (whole ?? partial) - this.offset), 0);
  }

  async abort(arrived: Arrived = "keep"): Promise<void> {
    const { writer, storage, purse, path, whole, partial, files } = this.#parts;
    if (this.#ended) return;
    this.#ended = true;
    await writer.abort(arrived);
    const before = whole ?? partial;
    const after = whole === undefined
      ? await storage.partialSize(path, purse.user).catch(() => 0) ?? 0
      : await sizeAt(storage, path) ?? 0;
    purse.give(this.#reserve + Math.max(0, this.#written + before - after), files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #fill(missing: number): Promise<void> {
    const { purse, path, credit } = this.#parts;
    for (const bytes of [Math.max(missing, LUMP), missing]) {
      if (!await purse.take({ bytes, files: 0, credit })) continue;
      this.#reserve += bytes;
      return;
    }
    throw overQuota(path);
  }
}
