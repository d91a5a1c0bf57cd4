/**
 * The user file: users as TOML (see `user_record.ts`), kept by `ftpkit user`.
 *
 * It holds hashes, so it is written with mode 0600, whole or not at all; its owner stays who it was,
 * so that a server that has given up root can still read it.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { LocalFileError, systemReason } from "../../shared/errors.ts";
import { syncDirectory } from "../system/open_file.ts";
import { ConfigError, parseTomlFile, readTomlFile, type TomlFile } from "../toml/toml_file.ts";
import { isTable, type Table, TableReader } from "../toml/toml_table.ts";
import { parseUsers, type UserRecord } from "./user_record.ts";
import { changeUserText } from "./user_text.ts";

const KIND = "user file";
const MODE = 0o600;
/** Bits that let others than the owner read or change a file. */
const OTHERS = 0o066;

/**
 * Reads the users of a file.
 *
 * @param path The file.
 * @returns The users.
 * @throws {LocalFileError} If it cannot be read.
 * @throws {ConfigError} With every fault in it.
 */
export async function readUserFile(path: string): Promise<readonly UserRecord[]> {
  return usersOf(await readTomlFile(path, KIND));
}

/**
 * What an administrator should know of a file's rights.
 *
 * @param path The file.
 * @returns A warning where others than its owner can read or change it.
 */
export async function exposureOf(path: string): Promise<string | undefined> {
  const mode = (await Deno.stat(path).catch(() => undefined))?.mode ?? 0;
  if ((mode & OTHERS) === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(3, "0");
  return `others can read or change the user file "${path}", its mode is ${shown}: chmod 600`;
}

/** Changes the users: their tables by name. A table is replaced, never changed in place. */
export type UserChange = (users: Map<string, Table>) => void;

/** How {@linkcode changeUserFile} goes about it. */
export interface UserFileOptions {
  /** Makes the file where it is missing. */
  readonly make: boolean;
}

/**
 * Changes a user file. Of two that change it at once, the second waits for the first.
 *
 * @param path The file; a link is followed.
 * @param change What to change; what it throws leaves the file as it was.
 * @param options Whether it may be missing.
 * @throws {LocalFileError} If it cannot be read or written.
 * @throws {ConfigError} If there are faults in it, before or after the change.
 */
export async function changeUserFile(
  path: string,
  change: UserChange,
  options: UserFileOptions,
): Promise<void> {
  const real = await realFile(path, options);
  // Beside the file itself, so that it is the same one under every name of the file.
  using _lock = await attempt("write", path, () => lockFile(`${real}.lock`));
  const text = await attempt("read", path, () => existingText(real));
  const before = tablesOf(text, path);
  const after = new Map(before);
  change(after);
  const changed = changeUserText(text, { before, after });
  usersOf(parseTomlFile(changed, path));
  await attempt("write", path, () => replaceFile(real, changed));
}

function usersOf(file: TomlFile): readonly UserRecord[] {
  const reader = new TableReader(file.table, []);
  const { users, problems } = parseUsers(reader.value("users", (value) => value));
  const all = [...reader.finish(), ...problems];
  if (all.length > 0) throw new ConfigError(all.map(file.place));
  return users;
}

function tablesOf(text: string, path: string): ReadonlyMap<string, Table> {
  const file = parseTomlFile(text, path);
  usersOf(file);
  const users = file.table["users"];
  const entries = Object.entries(isTable(users) ? users : {});
  return new Map(entries.flatMap(([name, table]) => isTable(table) ? [[name, table]] : []));
}

/** Where a link leads; of a file that is to be made, where it will be. */
async function realFile(path: string, { make }: UserFileOptions): Promise<string> {
  const there = await Deno.lstat(path).then(() => true, () => false);
  if (there || !make) return await attempt("read", path, () => Deno.realPath(path));
  const directory = await attempt("write", path, () => Deno.realPath(dirname(path)));
  return join(directory, basename(path));
}

async function existingText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** The system gives the lock back when the process ends, however it ends. */
async function lockFile(path: string): Promise<Disposable> {
  const file = await Deno.open(path, { create: true, write: true, mode: MODE });
  try {
    await file.lock(true);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeDurably(temporary, text);
    const old = await Deno.stat(path).catch(() => undefined);
    const { uid = null, gid = null } = old ?? {};
    if (uid !== null && gid !== null) await Deno.chown(temporary, uid, gid);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may not have been made
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: MODE });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

async function attempt<T>(
  action: "read" | "write",
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = `Cannot ${action} the ${KIND} "${path}": ${systemReason(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}
