/**
 * The user file: users as TOML (see `user_record.ts`), kept by `ftpkit user`.
 *
 * It holds hashes, so it is written with mode 0600, whole or not at all; its owner stays who it was,
 * so that a server that has given up root can still read it.
 *
 * @module
 */
import { stringify } from "smol-toml";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";
import { ConfigError, parseTomlFile, readTomlFile, type TomlFile } from "../toml_file.ts";
import { isTable, type Table, TableReader } from "../toml_table.ts";
import { parseUsers, type UserRecord } from "./user_record.ts";

const HEADING = "# Users of ftpkit serve. Kept by ftpkit user, which does not keep comments.\n\n";
const RIGHTS = 0o600;

/**
 * Reads the users of a file.
 *
 * @param path The file.
 * @returns The users.
 * @throws {FtpkitError} If it cannot be read.
 * @throws {ConfigError} With every fault in it.
 */
export async function readUserFile(path: string): Promise<readonly UserRecord[]> {
  return usersOf(await readTomlFile(path, "user file"));
}

function usersOf(file: TomlFile): readonly UserRecord[] {
  const reader = new TableReader(file.table, []);
  const { users, problems } = parseUsers(reader.value("users", (value) => value));
  const all = [...reader.finish(), ...problems];
  if (all.length > 0) throw new ConfigError(all.map(file.place));
  return users;
}

/** Changes the users: their tables by name, to be changed in place. */
export type UserChange = (users: Record<string, Table>) => void;

/**
 * Changes a user file. Of two that change it at once, the second waits for the first.
 *
 * @param path The file; made where it is missing.
 * @param change What to change; what it throws leaves the file as it was.
 * @throws {FtpkitError} If it cannot be read or written.
 * @throws {ConfigError} If there are faults in it, before or after the change.
 */
export async function changeUserFile(path: string, change: UserChange): Promise<void> {
  await using _lock = await lockFile(`${path}.lock`);
  const before = await readTables(path);
  change(before);
  const text = `${HEADING}${stringify({ users: before })}\n`;
  usersOf(parseTomlFile(text, path));
  await replaceFile(path, text);
}

async function readTables(path: string): Promise<Record<string, Table>> {
  if (await Deno.lstat(path).catch(() => undefined) === undefined) return {};
  const file = await readTomlFile(path, "user file");
  usersOf(file);
  const users = file.table["users"];
  const tables: Record<string, Table> = {};
  for (const [name, table] of Object.entries(isTable(users) ? users : {})) {
    if (isTable(table)) tables[name] = table;
  }
  return tables;
}

/** The system gives the lock back when the process ends, however it ends. */
async function lockFile(path: string): Promise<AsyncDisposable> {
  try {
    const file = await Deno.open(path, { create: true, write: true, mode: RIGHTS });
    await file.lock(true);
    return { [Symbol.asyncDispose]: () => Promise.resolve(file.close()) };
  } catch (error) {
    throw writeFault(path, error);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const real = await Deno.realPath(path).catch(() => path);
    const old = await Deno.stat(real).catch(() => undefined);
    await writeDurably(temporary, text);
    const { uid = null, gid = null } = old ?? {};
    if (uid !== null && gid !== null) await Deno.chown(temporary, uid, gid);
    await Deno.rename(temporary, real);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may not have been made
    throw writeFault(path, error);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { createNew: true, write: true, mode: RIGHTS });
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

function writeFault(path: string, error: unknown): FtpkitError {
  return new FtpkitError(`Cannot write "${path}": ${reasonOf(error)}`, { cause: error });
}
