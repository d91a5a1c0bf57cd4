/**
 * Listings for programs: `type=file;size=3;modify=20260102030405; name` (RFC 3659 section 7).
 *
 * @module
 */
import { ProtocolError } from "../../shared/errors.ts";
import { FactLine } from "../../shared/fact_line.ts";
import { type EntryType, type OpenEntry, permissionLetters, type RemoteEntry } from "./entry.ts";
import { timeOf } from "./remote_stat.ts";

/** How servers write a link: ProFTPD, Pure-FTPd and others. */
const LINK_TYPE = /^(?:os\.unix=|unix\.)s(?:ym)?link(?::(.*))?$/is;

/** The kinds of files in the bits above the permissions, which some servers send too. */
const FILE_TYPE_BITS = 0o170000;
const TYPES_BY_BITS: ReadonlyMap<number, EntryType> = new Map([
  [0o100000, "file"],
  [0o040000, "dir"],
  [0o120000, "link"],
]);

/**
 * Reads one line of MLSD.
 *
 * @param line The line without its end.
 * @returns The entry; null for the directory itself and the one above; undefined for another format.
 */
export function parseMlsdLine(line: string): RemoteEntry | null | undefined {
  if (!isFacts(line)) return undefined;
  const { name } = facts;
  const type = facts.get("type") ?? "";
  if (/^[cp]dir$/i.test(type) || name === "." || name === "..") return null;
  const link = LINK_TYPE.exec(type);
  const size = facts.get("size");
  const modify = facts.get("modify");
  const modified = modify === undefined ? undefined : timeOf(modify);
  const mode = facts.get("unix.mode");
  const id = facts.get("unique");
  const owner = facts.get("unix.ownername") ?? facts.get("unix.owner") ?? facts.get("unix.uid");
  const group = facts.get("unix.groupname") ?? facts.get("unix.group") ?? facts.get("unix.gid");
  const kind = link === null ? typeOf(facts) : "link";
  const found: OpenEntry = { name, type: kind };
  // A directory's size is its own, in no way that of what is in it.
  if (size !== undefined && kind !== "dir" && /^\d{1,15}$/.test(size)) found.size = Number(size);
  if (modified !== undefined) {
    found.modified = { date: modified, precision: "second", zoneKnown: true };
  }
  if (mode !== undefined && /^[0-7]{3,7}$/.test(mode)) {
    found.permissions = permissionLetters(parseInt(mode, 8) & 0o7777);
  }
  if (owner !== undefined) found.owner = owner;
  if (group !== undefined) found.group = group;
  if (link?.[1]) found.target = link[1];
  if (id) found.id = id;
  return found;
}

/**
 * Whether a line of MLSD tells of the directory that is listed that we may not enter it (RFC 3659
 * section 7.5.5). Some servers then list nothing that is in it, and say no word of that.
 *
 * @param line The line without its end.
 * @returns True only where the server tells what we may.
 */
export function isClosedDirectory(line: string): boolean {
  if (!isFacts(line)) return false;
  const rights = facts.get("perm")?.toLowerCase();
  return facts.get("type")?.toLowerCase() === "cdir" && rights !== undefined &&
    !rights.includes("e");
}

/** The line that is being read. */
const facts = new FactLine();

function isFacts(line: string): boolean {
  try {
    facts.read(line);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** Where the type is missing, the rest may tell it: only what is a file has a size. */
function typeOf(facts: FactLine): EntryType {
  const type = facts.get("type")?.toLowerCase();
  if (type === "file" || type === "dir") return type;
  if (type !== undefined) return "other";
  const bits = parseInt(facts.get("unix.mode") ?? "", 8) & FILE_TYPE_BITS;
  return TYPES_BY_BITS.get(bits) ?? (facts.get("size") === undefined ? "other" : "file");
}
