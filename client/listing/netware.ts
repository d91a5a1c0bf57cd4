/**
 * Listings of NetWare: `- [R----F--] rhesus  214059  Oct 20 15:27  cx.exe`.
 *
 * @module
 */
import type { RemoteEntry } from "./entry.ts";
import { dateAt } from "./unix_date.ts";
import { Words } from "./words.ts";

const LINE =
  /^([-d]) ?\[[-A-Z]{8,9}\]\s+(\S+)\s+(\d+)\s+([a-z]{3} +\d{1,2} +(?:\d{1,2}:\d\d|\d{4})) +(.+)$/i;

/**
 * Reads one line.
 *
 * @param line The line without its end.
 * @param now The time of the listing, for dates without a year.
 * @returns The entry; undefined for another format.
 */
export function parseNetwareLine(line: string, now: Date): RemoteEntry | undefined {
  const match = line.match(LINE);
  if (match === null) return undefined;
  const [, letter, owner = "", size, time = "", name = ""] = match;
  const words = new Words(time);
  const modified = dateAt(words, 0, { now })?.modified;
  return {
    name,
    type: letter === "d" ? "dir" : "file",
    ...(letter === "d" ? {} : { size: Number(size) }),
    ...(modified === undefined ? {} : { modified }),
    owner,
  };
}
