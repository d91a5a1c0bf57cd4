/**
 * Listings of OS/400: `QSYS  77824 02/23/00 15:09:55 *DIR  QOpenSys/`.
 *
 * The order of day, month and year is a setting of the server, so the time is left out.
 *
 * @module
 */
import type { EntryType, RemoteEntry } from "./entry.ts";

const LINE = /^(\S+)\s+(?:(\d+)\s+\d\d[/.-]\d\d[/.-]\d\d\s+\d\d:\d\d:\d\d\s+)?\*([A-Z]+)\s+(\S.*)$/;

const TYPES: Readonly<Record<string, EntryType>> = {
  STMF: "file",
  DSTMF: "file",
  FILE: "file",
  MEM: "file",
  DIR: "dir",
  DDIR: "dir",
  LIB: "dir",
  FLR: "dir",
  SYMLNK: "link",
};

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @returns The entry; null for the directory itself and the one above; undefined for another format.
 */
export function parseOs400Line(line: string): RemoteEntry | null | undefined {
  const match = line.trimEnd().match(LINE);
  if (match === null) return undefined;
  const [, owner = "", size, kind = "", path = ""] = match;
  const name = path.endsWith("/") ? path.slice(0, -1) : path;
  if (name === "." || name === "..") return null;
  const type = TYPES[kind] ?? "other";
  return {
    name,
    type,
    ...(type === "file" && size !== undefined ? { size: Number(size) } : {}),
    owner,
  };
}
