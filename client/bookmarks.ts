/**
 * Places by name, in a file of the user's: one a line, the name and an FTP URL without a password.
 *
 * @module
 */
import type { CommandIo } from "../shared/command_io.ts";
import { UsageError } from "../shared/errors.ts";
import { escapeGlob } from "../shared/glob.ts";
import { childPath, type Location, parseLocation, type RemoteLocation } from "./location.ts";
import { type NameCoding, UTF8_NAMES } from "./name_coding.ts";
import { displayName, encodeName } from "./remote_name.ts";
import { local } from "./transfer/local_file.ts";
import { userFile, writeUserFile } from "./user_directory.ts";

/** What can stand before a colon as a name, and is no Windows drive. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]+$/;
/** A place by the name of a bookmark. */
const NAMED_PLACE = /^([^/:@[\]]+):(?!\/\/)(.*)$/s;

/** Reads a place as it stands on the command line; it throws as {@linkcode parseLocation} does. */
export type PlaceReader = (text: string) => Location;

/**
 * What reads places, among them `NAME:path` with a bookmark's name.
 *
 * @param io The process, for its environment.
 * @param names How names travel.
 * @returns The reader.
 * @throws {LocalFileError} If the bookmarks cannot be read.
 */
export async function placeReader(
  io: CommandIo,
  names: NameCoding = UTF8_NAMES,
): Promise<PlaceReader> {
  const bookmarks = await Bookmarks.open(io);
  return (text) => bookmarks.parse(text, names);
}

/** The bookmarks of one user. */
export class Bookmarks {
  readonly #path: string | undefined;
  readonly #urls: ReadonlyMap<string, string>;

  private constructor(path: string | undefined, urls: ReadonlyMap<string, string>) {
    this.#path = path;
    this.#urls = urls;
  }

  /**
   * Reads them.
   *
   * @param io The process, for its environment.
   * @returns The bookmarks; none where there is no file.
   * @throws {LocalFileError} If the file cannot be read.
   */
  static async open(io: CommandIo): Promise<Bookmarks> {
    const path = userFile(io, "config", "bookmarks");
    return new Bookmarks(path, path === undefined ? new Map() : await readUrls(path));
  }

  /** Names and URLs, in order of the names. */
  get all(): readonly (readonly [name: string, url: string])[] {
    return [...this.#urls].toSorted(([a], [b]) => a < b ? -1 : 1);
  }

  /**
   * The place of a bookmark.
   *
   * @param name Its name.
   * @returns The place; undefined where there is no such bookmark.
   * @throws {UsageError} If its line in the file is no place.
   */
  find(name: string): RemoteLocation | undefined {
    const url = this.#urls.get(name);
    if (url === undefined) return undefined;
    const place = parseLocation(url);
    if (place.kind === "remote") return place;
    throw new UsageError(`Cannot use the bookmark "${name}": it is not a remote place`);
  }

  /**
   * Reads a place; a bookmark's name before the colon wins over a host.
   *
   * @param text As it stands on the command line.
   * @param names How names travel.
   * @returns The place.
   * @throws {UsageError} If it is not well formed.
   */
  parse(text: string, names: NameCoding): Location {
    const location = parseLocation(text, names);
    const [, name = ""] = text.match(NAMED_PLACE) ?? [];
    const base = location.kind === "remote" ? this.find(name) : undefined;
    if (base === undefined || location.kind !== "remote") return location;
    const { path, pattern } = location;
    const below = (above: string, tail: string): string => {
      if (tail === "") return above;
      return tail.startsWith("/") || above === "" ? tail : childPath(above, tail);
    };
    return {
      ...base,
      path: below(base.path, path),
      ...(pattern === undefined ? {} : { pattern: below(escapeGlob(base.path), pattern) }),
    };
  }

  /**
   * Keeps a place under a name.
   *
   * @param name The name; another place of that name is forgotten.
   * @param place The place; its password is not kept.
   * @throws {UsageError} If the name cannot stand before a colon.
   * @throws {LocalFileError} If the file cannot be written.
   */
  async add(name: string, place: RemoteLocation): Promise<void> {
    if (!NAME.test(name)) {
      throw new UsageError(
        `Cannot use "${displayName(name)}" as a name: two or more of A-Z, a-z, 0-9, ".", "_", "-"`,
      );
    }
    await this.#write(new Map([...this.#urls, [name, urlOf(place)]]));
  }

  /**
   * Forgets a place.
   *
   * @throws {UsageError} If there is none of that name.
   * @throws {LocalFileError} If the file cannot be written.
   */
  async remove(name: string): Promise<void> {
    if (!this.#urls.has(name)) throw new UsageError(`No bookmark "${displayName(name)}"`);
    await this.#write(new Map([...this.#urls].filter(([each]) => each !== name)));
  }

  async #write(urls: ReadonlyMap<string, string>): Promise<void> {
    const path = this.#path;
    if (path === undefined) throw new UsageError("Cannot keep bookmarks: HOME is not set");
    const text = [...urls].map(([name, url]) => `${name} ${url}\n`).join("");
    await local(`write the bookmarks in "${path}"`, () => writeUserFile(path, text));
  }
}

/** Blank lines and comments may stand in the file. */
async function readUrls(path: string): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  const there = await Deno.stat(path).catch(() => undefined);
  if (there === undefined) return urls;
  const text = await local(`read the bookmarks in "${path}"`, () => Deno.readTextFile(path));
  for (const line of text.split("\n")) {
    const [, name, url] = line.match(/^\s*([^\s#]\S*)\s+(\S+)\s*$/) ?? [];
    if (name !== undefined && url !== undefined) urls.set(name, url);
  }
  return urls;
}

/** RFC 1738 section 3.2.2: a path from the root begins with `%2F`. */
function urlOf(place: RemoteLocation): string {
  const { scheme, host, port, user, path } = place;
  const who = user === undefined ? "" : `${percent(user)}@`;
  const where = host.includes(":") ? `[${host}]` : host;
  const at = port === undefined ? "" : `:${port}`;
  const names = path.split("/").map(percent);
  const tail = path.startsWith("/") ? `%2F${names.slice(1).join("/")}` : names.join("/");
  return `${scheme}://${who}${where}${at}/${tail}`;
}

/** Byte for byte: names need not be UTF-8. */
function percent(text: string): string {
  const bytes = Array.from(encodeName(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  });
  return bytes.join("");
}
