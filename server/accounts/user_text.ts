/**
 * The text of a user file, changed as little as possible: comments and the order of the users stay.
 *
 * A user is a section `[users.NAME]` with those below it, such as `[users.NAME.directories]`, each
 * with the lines of comment right above it. A file that is laid out in another way is written anew,
 * and loses its comments.
 *
 * @module
 */
import { parse, stringify, TomlError } from "smol-toml";
import { isTable, type Table } from "../toml/toml_table.ts";

/** Users by name, each with the keys of its table, in the order of the file. */
export type UserTables = ReadonlyMap<string, Table>;

/** The users before and after a change. */
export interface UserTableChange {
  readonly before: UserTables;
  readonly after: UserTables;
}

const HEADING = "# Users of ftpkit serve, kept by ftpkit user";
const BYTE_ORDER_MARK = /^\ufeff/;
const PASSWORD_LINE = /^(\s*password\s*=\s*)(?:"[^"]*"|'[^']*')/gm;

/**
 * Changes the text of a user file.
 *
 * @example Usage
 * ```ts
 * import { changeUserText } from "./user_text.ts";
 * const text = '# staff\n[users.ann]\npassword = "x"\n\n# until May\n[users.bob]\npassword = "y"\n';
 * const bob = { password: "y" };
 * const before = new Map([["ann", { password: "x" }], ["bob", bob]]);
 * const changed = changeUserText(text, { before, after: new Map([["bob", bob]]) });
 * if (changed !== '# until May\n[users.bob]\npassword = "y"\n') throw new Error(changed);
 * ```
 *
 * @param text The text, valid TOML; empty for a new file.
 * @param change The users that are in it, and those that are to be.
 * @returns The new text, which holds exactly the users of `after`.
 */
export function changeUserText(text: string, { before, after }: UserTableChange): string {
  const kept = sectionsOf(text.replace(BYTE_ORDER_MARK, "")).flatMap((section) => {
    if (section.user === undefined) return [section.text];
    const user = after.get(section.user);
    if (user === undefined) return [];
    return [user === before.get(section.user) ? section.text : withPassword(section.text, user)];
  });
  const top = text.trim() === "" ? HEADING : kept.join("").trimEnd();
  const added = [...after].filter(([name]) => !before.has(name));
  const changed = joinSections([top, ...added.map(userText)]);
  return holds(changed, after) ? changed : joinSections([HEADING, ...[...after].map(userText)]);
}

interface Section {
  /** All its lines, with their ends. */
  readonly text: string;
  /** Whose it is; undefined for what stands above the first user. */
  readonly user: string | undefined;
}

function sectionsOf(text: string): readonly Section[] {
  const lines = text.split(/(?<=\n)/);
  const sections: Section[] = [];
  let start = 0;
  let user: string | undefined;
  for (const [index, line] of lines.entries()) {
    const path = headerPath(line);
    if (path === undefined) continue;
    const end = firstComment(lines, index);
    sections.push({ text: lines.slice(start, end).join(""), user });
    start = end;
    user = path[0] === "users" ? path[1] : undefined;
  }
  return [...sections, { text: lines.slice(start).join(""), user }];
}

/** The names in `[a."b c"]`; undefined where a line is no header. */
function headerPath(line: string): readonly string[] | undefined {
  const text = line.trim();
  if (!text.startsWith("[")) return undefined;
  const path: string[] = [];
  for (let table: unknown = tryParse(text); isTable(table);) {
    const [entry] = Object.entries(table);
    if (entry === undefined) break;
    path.push(entry[0]);
    table = entry[1];
  }
  return path.length === 0 ? undefined : path;
}

/** The comment right above a header belongs to it. */
function firstComment(lines: readonly string[], header: number): number {
  let first = header;
  while (lines[first - 1]?.trimStart().startsWith("#")) first--;
  return first;
}

function withPassword(text: string, user: Table): string {
  const value = JSON.stringify(user["password"]);
  return text.replace(PASSWORD_LINE, (_, key: string) => key + value);
}

function userText([name, user]: readonly [string, Table]): string {
  return stringify({ users: { [name]: user } }).replace(/^\[users\]\n/, "");
}

function joinSections(sections: readonly string[]): string {
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function holds(text: string, users: UserTables): boolean {
  const found = tryParse(text)?.["users"] ?? {};
  return JSON.stringify(found) === JSON.stringify(Object.fromEntries(users));
}

function tryParse(text: string): Table | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
