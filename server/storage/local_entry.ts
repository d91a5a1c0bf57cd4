/**
 * What is at a place of the local disk, as clients see it.
 *
 * @module
 */
import type { FilledPlace, Jail } from "./jail.ts";
import { PERMISSION_BITS, timeIn } from "./packed_facts.ts";
import type { Entry } from "./storage.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Describes a place as clients see it.
 *
 * @param jail Where.
 * @param name Last part of its virtual path.
 * @param place What is there.
 * @returns The entry.
 */
export function entryOf(jail: Jail, name: string, place: FilledPlace): Entry {
  const { info } = place;
  const entry: Mutable<Entry> = {
    name,
    type: info.isFile ? "file" : info.isDirectory ? "dir" : "other",
    size: info.isFile ? info.size : 0,
    modified: timeIn(info.mtime) ?? 0,
    mode: (info.mode ?? 0) & PERMISSION_BITS,
    links: info.nlink ?? 1,
    owner: info.uid ?? 0,
    group: info.gid ?? 0,
    device: info.dev,
    inode: info.ino ?? 0,
  };
  const created = timeIn(info.birthtime);
  if (created !== undefined) entry.created = created;
  if (place.own !== place.real) entry.target = jail.virtualPath(place.real);
  return entry;
}
