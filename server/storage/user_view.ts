/**
 * The shared directory as one user may see and change it.
 *
 * | operation | needs, at its path |
 * | --- | --- |
 * | look at a directory (CWD) | nothing |
 * | look at a file | `list`, or any right that works on files that are there |
 * | list | `list` |
 * | read | `read` |
 * | write a new file, go on with one's own cut upload | `upload` or `write` |
 * | replace, append to or go on with a whole file | `write` |
 * | remove a file or a directory | `delete` |
 * | make a directory | `mkdir` |
 * | rename | `rename` at both ends, no other permissions below, `write` where a file is replaced |
 * | set times, set the mode | `times`, `write` |
 *
 * Where a link is on the way, the rights at both its ends must allow it.
 *
 * Names that the administrator denies do not exist for anybody. Neither do names with a leading dot
 * for those who came in without a password and may not read.
 *
 * @module
 */
import { StorageError, type StorageErrorKind } from "../../shared/errors.ts";
import { baseName, parentPath } from "../../shared/ftp_path.ts";
import { compileGlob } from "../../shared/glob.ts";
import type { Account } from "../accounts/accounts.ts";
import { mayAt } from "../accounts/path_rights.ts";
import { LOOKING, type Permission, STORING } from "../accounts/permissions.ts";
import type { SessionConfig } from "../configuration/config.ts";
import { Refusal, storageError } from "./os_error.ts";
import type {
  Amount,
  Entry,
  ListUse,
  PartialStart,
  Storage,
  StorageReader,
  StorageWriter,
  Unlinked,
  WriteOptions,
} from "./storage.ts";

/** Whose view, under which settings. */
export interface ViewOptions {
  /** Who. */
  readonly account: Account;
  /** The server's settings. */
  readonly config: Pick<SessionConfig, "deny">;
}

/**
 * Restricts a storage to what a user may do.
 *
 * @param storage The whole shared directory.
 * @param options Who, and the server's settings.
 * @returns A storage whose root is the user's home.
 * @throws {StorageError} If the home is not there and is not to be made.
 */
export async function openUserView(storage: Storage, options: ViewOptions): Promise<Storage> {
  const { home, makeHome } = options.account;
  if (home === "/") return new UserView(storage, options);
  if (makeHome) await makeDirectories(storage, home);
  if (storage.within === undefined) throw refusal("unsupported", { action: "open", path: home });
  return new UserView(await storage.within(home), options);
}

async function makeDirectories(storage: Storage, path: string): Promise<void> {
  if (path === "/") return;
  await makeDirectories(storage, parentPath(path));
  try {
    await storage.makeDirectory(path);
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== "exists") throw error;
  }
}

function refusal(
  kind: StorageErrorKind,
  what: { readonly action: string; readonly path: string },
): StorageError {
  return storageError(new Refusal(kind), what);
}

/** What is to be done, and where. */
interface Demand {
  readonly action: string;
  readonly path: string;
  /** It is done to a link itself, not to what the link leads to. */
  readonly link?: boolean;
}

class UserView implements Storage {
  readonly #below: Storage;
  readonly #account: Account;
  readonly #denied: readonly ((name: string) => boolean)[];
  readonly setModified?: (path: string, time: Date) => Promise<void>;
  readonly setMode?: (path: string, mode: number) => Promise<void>;

  constructor(below: Storage, { account, config }: ViewOptions) {
    this.#below = below;
    this.#account = account;
    this.#denied = config.deny.map(compileGlob);
    if (below.setModified !== undefined) {
      this.setModified = async (path, time) => {
        await this.#demand("times", { action: "set the time of", path });
        await below.setModified?.(path, time);
      };
    }
    if (below.setMode !== undefined) {
      this.setMode = async (path, mode) => {
        await this.#demand("write", { action: "set the mode of", path });
        await below.setMode?.(path, mode);
      };
    }
  }

  async stat(path: string): Promise<Entry> {
    this.#find(path, "find");
    const entry = await this.#below.stat(path);
    const seen = entry.type === "dir" || LOOKING.some(await this.#rightsAt(path));
    if (!seen) throw refusal("not-found", { action: "find", path });
    return entry;
  }

  async partialSize(path: string, user: string): Promise<number | undefined> {
    return await this.#mayStore(path) ? await this.#below.partialSize(path, user) : undefined;
  }

  async readPartial(path: string, from: PartialStart): Promise<StorageReader> {
    if (await this.#mayStore(path)) return await this.#below.readPartial(path, from);
    throw refusal("not-found", { action: "read", path });
  }

  async *list(path: string, use?: ListUse): AsyncIterable<readonly Entry[]> {
    await this.#demand("list", { action: "list", path });
    for await (const entries of this.#below.list(path, use)) {
      if (this.#hidesNothing) {
        yield entries;
        continue;
      }
      const shown = entries.filter(({ name }) => this.#isVisible(name, path));
      if (shown.length > 0) yield shown;
    }
  }

  async read(path: string, offset: number): Promise<StorageReader> {
    await this.#demand("read", { action: "read", path });
    return await this.#below.read(path, offset);
  }

  async write(path: string, options: WriteOptions): Promise<StorageWriter> {
    this.#find(path, "write");
    const may = await this.#rightsAt(path);
    if (!STORING.some(may)) throw refusal("denied", { action: "write", path });
    const exclusive = options.exclusive === true || !may("write");
    return await this.#below.write(path, { ...options, exclusive });
  }

  async removeFile(path: string, user: string): Promise<Amount> {
    await this.#demand("delete", { action: "remove", path, link: true });
    return await this.#below.removeFile(path, user);
  }

  async removeDirectory(path: string): Promise<Amount> {
    await this.#demand("delete", { action: "remove", path, link: true });
    return await this.#below.removeDirectory(path);
  }

  async makeDirectory(path: string, umask?: number): Promise<void> {
    await this.#demand("mkdir", { action: "make the directory", path });
    await this.#below.makeDirectory(path, umask);
  }

  async rename(from: string, to: string): Promise<Amount> {
    const target = { action: "rename to", path: to, link: true };
    await this.#demand("rename", { action: "rename", path: from, link: true });
    await this.#demand("rename", target);
    for (const path of [...await this.#places(from, "own"), ...await this.#places(to, "own")]) {
      if (this.#holdsOthers(path)) throw refusal("denied", { action: "rename", path: from });
    }
    const may = await this.#rightsAt(to, "own");
    if (!may("write") && await this.#exists(to)) throw refusal("exists", target);
    return await this.#below.rename(from, to);
  }

  async #mayStore(path: string): Promise<boolean> {
    this.#find(path, "find");
    return STORING.some(await this.#rightsAt(path));
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#below.stat(path);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === "not-found") return false;
      throw error;
    }
  }

  /** What has permissions of its own would lose them, or get them, with the name above it. */
  #holdsOthers(path: string): boolean {
    return this.#account.overrides.some((override) => override.path.startsWith(`${path}/`));
  }

  /** What the user may do at a path; where a link is on the way, only what both ends allow. */
  async #rightsAt(
    path: string,
    part: keyof Unlinked = "real",
  ): Promise<(permission: Permission) => boolean> {
    const places = await this.#places(path, part);
    return (permission) => places.every((place) => mayAt(this.#account, permission, place));
  }

  async #places(path: string, part: keyof Unlinked): Promise<readonly string[]> {
    if (this.#account.overrides.length === 0 || this.#below.unlinked === undefined) return [path];
    try {
      return [path, (await this.#below.unlinked(path))[part]];
    } catch (error) {
      // Nothing is there: whatever is tried will say so.
      if (error instanceof StorageError) return [path];
      throw error;
    }
  }

  /** What may not be seen is not there, whatever else the user may do. */
  async #demand(permission: Permission, what: Demand): Promise<void> {
    const { action, path, link = false } = what;
    this.#find(path, action);
    const may = await this.#rightsAt(path, link ? "own" : "real");
    if (!may(permission)) throw refusal("denied", what);
  }

  /** Every name on the way must be visible; the last one of what is to be made, allowed. */
  #find(path: string, action: string): void {
    if (path === "/") return;
    const above = parentPath(path);
    this.#find(above, "find");
    if (this.#isVisible(baseName(path), above)) return;
    throw refusal(MAKING.has(action) ? "bad-name" : "not-found", { action, path });
  }

  get #hidesNothing(): boolean {
    return this.#denied.length === 0 && !this.#account.anonymous;
  }

  #isVisible(name: string, directory: string): boolean {
    if (this.#isDenied(name)) return false;
    return !(name.startsWith(".") && this.#account.anonymous &&
      !mayAt(this.#account, "read", directory));
  }

  #isDenied(name: string): boolean {
    return this.#denied.some((matches) => matches(name));
  }
}

const MAKING: ReadonlySet<string> = new Set(["write", "make the directory", "rename to"]);
