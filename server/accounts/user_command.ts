/**
 * `ftpkit user`: keeps the user file of a server.
 *
 * @module
 */
import { commandEntry } from "../../shared/command_entry.ts";
import type { CommandEntry, CommandIo } from "../../shared/command_io.ts";
import { FtpkitError, UsageError } from "../../shared/errors.ts";
import { EXIT } from "../../shared/exit_code.ts";
import { escapeControls } from "../../shared/safe_text.ts";
import { nearest, type ParsedOptions } from "../../shared/options.ts";
import { newPassword } from "../../shared/password_prompt.ts";
import { hashPassword } from "./password.ts";
import { isRight } from "./permissions.ts";
import { changeUserFile, exposureOf, readUserFile } from "./user_file.ts";
import { nameFault, parseExpiry, parseUsers, type UserRecord } from "./user_record.ts";
import { USER_OPTIONS, USER_USAGE } from "./user_usage.ts";

export { USER_USAGE as USAGE };

/** What each action takes beside the user file. */
const ACTIONS = {
  add: ["password-file", ...Object.keys(USER_OPTIONS)],
  passwd: ["password-file"],
  remove: [],
  list: ["json"],
} as const satisfies Record<string, readonly string[]>;

type Action = keyof typeof ACTIONS;

/** What is done, with what. */
interface Call {
  readonly options: ParsedOptions;
  readonly io: CommandIo;
  /** The user file. */
  readonly file: string;
}

/**
 * Runs `ftpkit user`.
 *
 * @throws {UsageError} If the command line is not valid, or the file has faults.
 * @throws {FtpkitError} If the user is there already, or is not there.
 * @throws {LocalFileError} If the file cannot be read or written.
 * @throws {AuthError} If there is no password to be had.
 */
export const run: CommandEntry = commandEntry(USER_USAGE, async (options, io) => {
  const [word = "", name] = options.operands;
  const action = readAction(word, options);
  const file = options.text("users");
  if (file === undefined) throw new UsageError("Missing --users FILE: the user file");
  const call = { options, io, file };
  switch (action) {
    case "add":
      await add(call, neededName(name));
      break;
    case "passwd":
      await changePassword(call, neededName(name));
      break;
    case "remove":
      await remove(call, neededName(name));
      break;
    case "list":
      await list(call, name);
  }
  return EXIT.done;
});

/** No option is passed over: `passwd --home` would look as if it had moved the home. */
function readAction(word: string, options: ParsedOptions): Action {
  if (!isAction(word)) throw unknownAction(word);
  const taken: readonly string[] = ["users", ...ACTIONS[word]];
  const other = Object.keys(USER_USAGE.options).find((name) =>
    options.has(name) && !taken.includes(name)
  );
  if (other === undefined) return word;
  throw new UsageError(`Option --${other} does not go with ${word}`);
}

function isAction(word: string): word is Action {
  return Object.hasOwn(ACTIONS, word);
}

function unknownAction(word: string): UsageError {
  const names = Object.keys(ACTIONS);
  const near = nearest(word, names);
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new UsageError(`Unknown action "${word}": must be one of ${names.join(", ")}${hint}`);
}

function neededName(name: string | undefined): string {
  if (name === undefined) throw new UsageError("Missing NAME: which user");
  const fault = nameFault(name);
  if (fault !== undefined) throw new UsageError(`Invalid user name "${name}": ${fault}`);
  return name;
}

async function add({ options, io, file }: Call, name: string): Promise<void> {
  const settings = settingsOf(options);
  checkSettings(name, settings);
  // Known early, so that nobody types a password for nothing; looked at again under the lock.
  if (await isThere(file) && (await readUserFile(file)).some((user) => user.name === name)) {
    throw present(name);
  }
  const { text } = await hashPassword(await askPassword({ options, io, file }, name));
  await changeUserFile(file, (users) => {
    if (users.has(name)) throw present(name);
    users.set(name, { password: text, ...settings });
  }, { make: true });
  await io.out(`Added user "${name}"\n`);
}

async function changePassword({ options, io, file }: Call, name: string): Promise<void> {
  if (!(await readUserFile(file)).some((user) => user.name === name)) throw missing(name);
  const { text } = await hashPassword(await askPassword({ options, io, file }, name));
  await changeUserFile(file, (users) => {
    if (!users.has(name)) throw missing(name);
    users.set(name, { ...users.get(name), password: text });
  }, { make: false });
  await io.out(`Changed the password of "${name}"\n`);
}

async function remove({ io, file }: Call, name: string): Promise<void> {
  await changeUserFile(file, (users) => {
    if (!users.delete(name)) throw missing(name);
  }, { make: false });
  await io.out(`Removed user "${name}"\n`);
}

async function list({ options, io, file }: Call, name: string | undefined): Promise<void> {
  const users = (await readUserFile(file)).filter((user) =>
    name === undefined || user.name === name
  );
  if (name !== undefined && users.length === 0) throw missing(name);
  const warning = await exposureOf(file);
  if (warning !== undefined) io.err(`ftpkit: ${warning}\n`);
  const lines = users.map((user) => options.has("json") ? jsonLine(user) : textLine(user));
  await io.out(lines.map((line) => `${line}\n`).join(""));
}

function present(name: string): FtpkitError {
  return new FtpkitError(`Cannot add user "${name}": there is one of that name (see passwd)`);
}

function missing(name: string): FtpkitError {
  return new FtpkitError(`There is no user "${name}"`);
}

async function isThere(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}

function askPassword({ options, io }: Call, name: string): Promise<string> {
  return newPassword(io, { file: options.text("password-file"), who: name });
}

/** The keys of the user file. */
function settingsOf(options: ParsedOptions): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  const permissions = options.parsed("permissions", someWords);
  if (permissions !== undefined) settings["permissions"] = permissions;
  for (const key of ["home", "quota", "limit-rate", "limit-rate-total", "tls"]) {
    const value = options.text(key);
    if (value !== undefined) settings[key] = value;
  }
  for (const key of ["quota-files", "max-sessions"]) {
    if (!options.has(key)) continue;
    settings[key] = options.integer(key, { min: 1, max: Number.MAX_SAFE_INTEGER, default: 1 });
  }
  for (const key of ["make-home", "certificate-login", "disabled"]) {
    if (options.has(key)) settings[key] = true;
  }
  const networks = options.all("allow-from");
  if (networks.length > 0) settings["allow-from"] = networks;
  const expires = options.parsed("expires", readDay);
  if (expires !== undefined) settings["expires"] = expires;
  const directories = options.all("directory").map(readDirectory);
  if (directories.length > 0) settings["directories"] = Object.fromEntries(directories);
  return settings;
}

/** What is wrong is told by its option, and before anyone types a password. */
function checkSettings(name: string, settings: Record<string, unknown>): void {
  const { problems } = parseUsers({ [name]: settings });
  // The user as a whole has no password yet.
  const fault = problems.find(({ key }) => key.length > 2);
  if (fault === undefined) return;
  const [, , key = ""] = fault.key;
  const option = key === "directories" ? "directory" : key;
  throw new UsageError(`Invalid --${option}: ${fault.message}`);
}

/** `write` is the bundle; `list,read` are single ones, and so is `read,` with a comma. */
function words(text: string): string | readonly string[] {
  return isRight(text) ? text : text.split(",").filter((word) => word !== "");
}

/** Without any permission nobody needs to come in: that is `--disabled`. */
function someWords(text: string): string | readonly string[] {
  const found = words(text);
  if (found.length > 0) return found;
  throw new UsageError("must be read, upload, write or single ones between commas");
}

function readDirectory(text: string): [string, string | readonly string[]] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError(`Invalid --directory "${text}": must be like /incoming=upload`);
  return [text.slice(0, at), words(text.slice(at + 1))];
}

/** As it was written: the file says the last day, not the moment after it. */
function readDay(text: string): string {
  parseExpiry(text);
  return text;
}

function textLine(user: UserRecord): string {
  const { name, permissions, home, disabled, expires } = user;
  const gone = expires !== undefined && expires.getTime() <= Date.now();
  const state = disabled ? " (disabled)" : gone ? " (expired)" : "";
  return escapeControls(`${name}  ${permissions.join(",") || "nothing"}  ${home}${state}`);
}

function jsonLine(user: UserRecord): string {
  const { credential: _never, allowFrom, expires, quota, overrides, ...rest } = user;
  return JSON.stringify({
    ...rest,
    directories: Object.fromEntries(overrides.map(({ path, permissions }) => [path, permissions])),
    quota: quota?.bytes,
    quotaFiles: quota?.files,
    allowFrom: allowFrom.map(({ text }) => text),
    expires: expires?.toISOString(),
  });
}
