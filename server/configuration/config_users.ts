/**
 * The users of a server, from all the places where they can be given.
 *
 * @module
 */
import { readUserFile } from "../accounts/user_file.ts";
import { parseUsers, type UserRecord } from "../accounts/user_record.ts";
import type { ConfigFile } from "./config_file.ts";
import { COMMAND_LINE, type Problems } from "./config_problem.ts";
import type { Settings } from "./settings.ts";
import { isTable } from "../toml/toml_table.ts";

/** Where users can be given. */
export interface UserSources {
  /** All options. */
  readonly settings: Settings;
  /** The configuration file. */
  readonly file: ConfigFile | undefined;
  /** Takes what is wrong. */
  readonly problems: Problems;
}

/**
 * Reads all users: those of `--user`, of `[users.NAME]` and of the user file. One of the command
 * line hides those of the same name elsewhere; else a name stands in one place only.
 *
 * @param sources Where they can be given.
 * @returns The users, each name once.
 */
export async function readUsers(sources: UserSources): Promise<readonly UserRecord[]> {
  const { settings, problems } = sources;
  const place = settings.place("user");
  const listed = settings.all("user");
  const hidden = new Set(place === COMMAND_LINE ? listed.map(({ name }) => name) : []);
  const others = [...inlineUsers(sources), ...await keptUsers(sources)]
    .filter(({ name }) => !hidden.has(name));
  const users = new Map<string, UserRecord>();
  for (const user of [...listed, ...others]) {
    if (users.has(user.name)) problems.add(place, `User "${user.name}" is given twice`);
    users.set(user.name, user);
  }
  return [...users.values()];
}

/** `users` is a table of users in the file, or as a text the name of the user file. */
function inlineUsers({ file }: UserSources): readonly UserRecord[] {
  const table = file?.top.parsed("users");
  if (file === undefined || !isTable(table)) return [];
  const { users, problems } = parseUsers(table);
  for (const problem of problems) file.top.fault(problem);
  return users;
}

async function keptUsers(
  { settings, problems }: UserSources,
): Promise<readonly UserRecord[]> {
  const path = settings.one("users");
  if (path === undefined) return [];
  return await problems.settle(settings.place("users"), readUserFile(path)) ?? [];
}
