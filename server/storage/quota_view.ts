/**
 * A home with a quota: uploads take what they need from the supervisor's ledger, and what goes away
 * is given back.
 *
 * @module
 */
import { StorageError } from "../../shared/errors.ts";
import type { Account, Quota } from "../accounts/accounts.ts";
import type { QuotaAmount, QuotaRequest } from "./quota_ledger.ts";
import type { Amount, Arrived, Entry, Storage, StorageWriter, WriteOptions } from "./storage.ts";

/** Whom to ask for space. */
export interface QuotaDesk {
  /** Takes space; false where there is none. */
  takeQuota(request: QuotaRequest): Promise<boolean>;
  /** Gives space back; a negative number takes it, whatever the quota. */
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
    readPartial: (path, from) => storage.readPartial(path, from),
    list: (path, use) => storage.list(path, use),
    read: (path, offset) => storage.read(path, offset),
    removeFile: (path, user) => purse.giveWhatGoes(() => storage.removeFile(path, user)),
    removeDirectory: (path) => purse.giveWhatGoes(() => storage.removeDirectory(path)),
    makeDirectory: (path, umask) => storage.makeDirectory(path, umask),
    write: (path, options) => openWriter(storage, purse, { path, options }),
    rename: (from, to) => purse.giveWhatGoes(() => storage.rename(from, to)),
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
  readonly quota: Quota;
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
    this.quota = parts.quota;
    this.user = parts.user;
  }

  take(amount: { bytes: number; files: number; credit: number }): Promise<boolean> {
    return this.#desk.takeQuota({ home: this.#home, quota: this.quota, ...amount });
  }

  /** Gives back, or takes without asking where it is less than nothing. */
  give({ bytes, files }: Amount): void {
    if (bytes !== 0 || files !== 0) this.#desk.giveQuota({ home: this.#home, bytes, files });
  }

  async giveWhatGoes(change: () => Promise<Amount>): Promise<Amount> {
    const gone = await change();
    this.give(gone);
    return gone;
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
  const credit = (): Promise<number> => creditOf(storage, purse, opening);
  const files = await sizeAt(storage, path) === undefined ? 1 : 0;
  if (!await purse.take({ bytes: 0, files, credit: await credit() })) {
    throw overQuota(path, purse.quota);
  }
  try {
    const writer = await storage.write(path, options);
    return new QuotaWriter({ writer, purse, path, files, credit });
  } catch (error) {
    purse.give({ bytes: 0, files });
    throw error;
  }
}

/** Bytes that go away at the end, as long as nobody removes them before. */
async function creditOf(
  storage: Storage,
  purse: Purse,
  { path, options }: Opening,
): Promise<number> {
  if (options.mode !== "replace") return 0;
  return await sizeAt(storage, path) ?? await storage.partialSize(path, purse.user) ?? 0;
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

/** Says which limit it is. */
function overQuota(path: string, { bytes, files }: Quota): StorageError {
  const parts = [
    ...(bytes === undefined ? [] : [`${bytes} bytes`]),
    ...(files === undefined ? [] : [files === 1 ? "1 file" : `${files} files`]),
  ];
  const message = `Cannot write "${path}": your quota is ${parts.join(" and ")}`;
  return new StorageError("over-quota", message);
}

interface QuotaWriterParts {
  readonly writer: StorageWriter;
  readonly purse: Purse;
  readonly path: string;
  /** Files that were taken for it. */
  readonly files: number;
  /** What it may use beyond the quota, now. */
  readonly credit: () => Promise<number>;
}

class QuotaWriter implements StorageWriter {
  readonly offset: number;
  readonly #parts: QuotaWriterParts;
  #taken = 0;
  #written = 0;
  #ended = false;

  constructor(parts: QuotaWriterParts) {
    this.#parts = parts;
    this.offset = parts.writer.offset;
  }

  get growth(): Amount {
    return this.#parts.writer.growth;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const missing = this.#written + bytes.length - this.#taken;
    if (missing > 0) await this.#fill(missing);
    const count = await this.#parts.writer.write(bytes);
    this.#written += count;
    return count;
  }

  flush(): Promise<void> {
    return this.#parts.writer.flush();
  }

  get replaces(): boolean {
    return this.#parts.writer.replaces;
  }

  async commit(signal?: AbortSignal): Promise<boolean> {
    try {
      return await this.#parts.writer.commit(signal);
    } finally {
      this.#settle();
    }
  }

  async abort(arrived: Arrived = "keep"): Promise<void> {
    try {
      await this.#parts.writer.abort(arrived);
    } finally {
      this.#settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  /** What was taken and is not there is given back. */
  #settle(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { purse, files } = this.#parts;
    purse.give({ bytes: this.#taken - this.growth.bytes, files: files - this.growth.files });
  }

  async #fill(missing: number): Promise<void> {
    const { purse, path, credit } = this.#parts;
    for (const bytes of [Math.max(missing, LUMP), missing]) {
      if (!await purse.take({ bytes, files: 0, credit: await credit() })) continue;
      this.#taken += bytes;
      return;
    }
    throw overQuota(path, purse.quota);
  }
}
