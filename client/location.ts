/**
 * Places as they are named on the command line: `host:path`, FTP URLs, local paths and `-`.
 *
 * @module
 */
import { isPattern } from "../shared/brace.ts";
import { maskUrl } from "../shared/command_line.ts";
import { reasonOf, UsageError } from "../shared/errors.ts";
import { Secret } from "../shared/safe_text.ts";
import { type NameCoding, UTF8_NAMES } from "./name_coding.ts";
import { decodeName, displayName, encodeName } from "./remote_name.ts";

/** How the session with a host is protected. */
export type Scheme = "ftp" | "ftps" | "ftpes";

/** A place on a server. */
export interface RemoteLocation {
  readonly kind: "remote";
  /** `ftp` also where the place is written `host:path`. */
  readonly scheme: Scheme;
  /** Name or address, without brackets. */
  readonly host: string;
  /** The port of a URL. */
  readonly port?: number;
  /** The user of `user@host:` or of a URL. */
  readonly user?: string;
  /** The password of a URL. */
  readonly password?: Secret;
  /** Relative to the login directory unless it begins with `/`; empty for the login directory. */
  readonly path: string;
  /** The path as a pattern, where it may stand for others; in a URL, `%2A` is no star. */
  readonly pattern?: string;
  /** The URL asks for a text transfer: `;type=a` (RFC 1738 section 3.2.2). */
  readonly ascii: boolean;
}

/** A place here. */
export interface LocalLocation {
  readonly kind: "local";
  readonly path: string;
}

/** Standard output or standard input. */
export interface StreamLocation {
  readonly kind: "stream";
}

/** Any place. */
export type Location = RemoteLocation | LocalLocation | StreamLocation;

const URL_START = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(?:\/(.*))?$/is;
const HOST_AND_PATH = /^(?:([^/:]*)@)?(\[[^\]/]+\]|[^/:[\]]+):(.*)$/s;
const HOST_AND_PORT = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;
const TYPE_SUFFIX = /;type=([aid])$/i;
const GLOB_IN_PERCENT = /%(?:2a|2c|3f|5b|5c|5d|7b|7d)/gi;
const LINE_BREAKER = /[\r\n\0]/;

/**
 * Reads a place.
 *
 * A single letter before the colon is a Windows drive, and a colon behind a slash is part of a
 * local name.
 *
 * @example Usage
 * ```ts
 * import { parseLocation } from "./location.ts";
 * const place = parseLocation("alice@ftp.example.org:pub/README");
 * if (place.kind !== "remote" || place.path !== "pub/README") throw new Error("unexpected");
 * if (parseLocation("./a:b").kind !== "local") throw new Error("unexpected");
 * ```
 *
 * @param text As it stands on the command line.
 * @param names How names travel to a remote place.
 * @returns The place.
 * @throws {UsageError} If it is empty, a URL of another kind or not well formed, or if it is remote
 * and holds CR, LF or NUL, which no command can carry, or a character that `names` lacks.
 */
export function parseLocation(text: string, names: NameCoding = UTF8_NAMES): Location {
  const place = readLocation(text);
  if (place.kind !== "remote" || names.isUtf8) return place;
  try {
    // Bytes that a URL names are read as the server means them.
    const read = (path: string): string => names.decode(names.encode(path));
    const { path, pattern } = place;
    return {
      ...place,
      path: read(path),
      ...(pattern === undefined ? {} : { pattern: read(pattern) }),
    };
  } catch (error) {
    throw new UsageError(`Cannot use "${maskUrl(text)}": ${reasonOf(error)}`, { cause: error });
  }
}

function readLocation(text: string): Location {
  if (text === "") throw new UsageError("Cannot use an empty name as a place");
  if (text === "-") return { kind: "stream" };
  const url = text.match(URL_START);
  if (url !== null) return parseUrl(text, url);
  const match = text.match(HOST_AND_PATH);
  const host = match?.[2];
  if (match === null || host === undefined || /^[a-z]:/i.test(text)) {
    return { kind: "local", path: text };
  }
  const [, user, , path = ""] = match;
  return checked(text, {
    kind: "remote",
    scheme: "ftp",
    host: withoutBrackets(host),
    ...(user === undefined ? {} : { user }),
    path,
    ...(isPattern(path) ? { pattern: path } : {}),
    ascii: false,
  });
}

function parseUrl(text: string, match: RegExpMatchArray): RemoteLocation {
  const scheme = match[1]?.toLowerCase();
  if (scheme !== "ftp" && scheme !== "ftps" && scheme !== "ftpes") {
    throw new UsageError(`Cannot use "${maskUrl(text)}": only ftp://, ftps:// and ftpes:// URLs`);
  }
  const authority = match[2] ?? "";
  const at = authority.lastIndexOf("@");
  const place = authority.slice(at + 1).match(HOST_AND_PORT);
  const [, host, port] = place ?? [];
  if (host === undefined) {
    throw new UsageError(`Cannot use "${maskUrl(text)}": no valid host in it`);
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    throw new UsageError(`Cannot use "${maskUrl(text)}": the port is not 1 to 65535`);
  }
  const rest = match[3] ?? "";
  const [suffix, type] = rest.match(TYPE_SUFFIX) ?? ["", ""];
  const decode = (part: string): string => decodePercent(part, text);
  const path = rest.slice(0, rest.length - suffix.length);
  return checked(text, {
    kind: "remote",
    scheme,
    host: withoutBrackets(host),
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(at < 0 ? {} : parseUserInfo(authority.slice(0, at), decode)),
    path: decode(path),
    ...(isPattern(path) ? { pattern: decode(path.replace(GLOB_IN_PERCENT, "\\$&")) } : {}),
    ascii: type?.toLowerCase() === "a",
  });
}

function parseUserInfo(
  text: string,
  decode: (part: string) => string,
): { user: string; password?: Secret } {
  const colon = text.indexOf(":");
  if (colon < 0) return { user: decode(text) };
  const password = new Secret(decode(text.slice(colon + 1)));
  return { user: decode(text.slice(0, colon)), password };
}

/** Undoes `%XX`: the bytes of a name, which need not be UTF-8. */
function decodePercent(part: string, url: string): string {
  const bytes: number[] = [];
  for (const piece of part.split(/(%[0-9a-f]{2})/i)) {
    if (/^%[0-9a-f]{2}$/i.test(piece)) {
      bytes.push(parseInt(piece.slice(1), 16));
      continue;
    }
    if (piece.includes("%")) {
      throw new UsageError(
        `Cannot use "${maskUrl(url)}": "%" needs two hexadecimal digits behind it`,
      );
    }
    bytes.push(...encodeName(piece));
  }
  return decodeName(Uint8Array.from(bytes));
}

function checked(text: string, location: RemoteLocation): RemoteLocation {
  const { host, user, password, path, pattern } = location;
  if ([host, user, password?.reveal(), path].some((part) => LINE_BREAKER.test(part ?? ""))) {
    throw new UsageError(`Cannot use "${displayName(maskUrl(text))}": CR, LF or NUL in it`);
  }
  if (user === "") throw new UsageError(`Cannot use "${maskUrl(text)}": the user name is empty`);
  if (isPattern(host)) {
    throw new UsageError(`Cannot use "${maskUrl(text)}": a host name is no pattern`);
  }
  if (!path.startsWith("~")) return location;
  return {
    ...location,
    path: `./${path}`,
    ...(pattern === undefined ? {} : { pattern: `./${pattern}` }),
  };
}

/** In a URL the `%` before the zone of an address is written `%25` (RFC 6874 section 2). */
function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1).replace(/%25(?=.)/, "%") : host;
}

/**
 * Writes a remote place for people and for reports.
 *
 * @example Usage
 * ```ts
 * import { formatRemote } from "./location.ts";
 * if (formatRemote("::1", "a b") !== "[::1]:a b") throw new Error("unexpected");
 * ```
 *
 * @param host The host.
 * @param path The path there.
 * @returns `host:path`, never with a password.
 */
export function formatRemote(host: string, path: string): string {
  return `${host.includes(":") ? `[${host}]` : host}:${path}`;
}

/**
 * The last name of a remote path, for the file of that name here.
 *
 * @param path A remote path.
 * @returns The name; undefined where the path names a directory (empty, or with `/` at its end) or
 * where the name is `.` or `..`.
 */
export function remoteBaseName(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "" || name === "." || name === ".." ? undefined : name;
}

/**
 * The path of another name in the same directory.
 *
 * @param path A remote path with a name at its end.
 * @param name The other name.
 * @returns Its path.
 */
export function siblingPath(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) + name;
}

/**
 * The path of a name in a directory. Unlike a virtual path of the server it may be relative.
 *
 * @param directory The directory; empty: the login directory.
 * @param name The name.
 * @returns Its path.
 */
export function childPath(directory: string, name: string): string {
  // Some servers take a leading tilde for somebody's home.
  if (directory === "") return name.startsWith("~") ? `./${name}` : name;
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}
