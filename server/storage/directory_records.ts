/**
 * What the Linux call `getdents64` gives: the names of a directory, as records one behind the other.
 *
 * @module
 */

/**
 * The records of a directory that another thread reads, block by block: whole ones, as
 * {@linkcode namesIn} takes them, each block good until the next is asked for. Disposing them ends the
 * reading.
 */
export interface DirectoryRecords extends AsyncIterable<Uint8Array>, Disposable {}

// Where it is in a record: 64 bits of inode and 64 of offset, then its own length, a type, the name.
const LENGTH_AT = 16;
const NAME_AT = 19;

/** A name that begins with a byte order mark keeps it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads the names in some records.
 *
 * @param records Whole records, in the byte order of a small first byte.
 * @returns The names without `.` and `..`; what is not UTF-8 in them has become U+FFFD.
 * @throws {RangeError} If the last record is cut, or one is too short for a name.
 */
export function namesIn(records: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at < records.length;) {
    const length = (records[at + LENGTH_AT] ?? 0) | (records[at + LENGTH_AT + 1] ?? 0) << 8;
    const end = records.indexOf(0, at + NAME_AT);
    if (length <= NAME_AT || end < 0 || end >= at + length || at + length > records.length) {
      throw new RangeError("Not the records of a directory");
    }
    const name = decoder.decode(records.subarray(at + NAME_AT, end));
    if (name !== "." && name !== "..") names.push(name);
    at += length;
  }
  return names;
}
