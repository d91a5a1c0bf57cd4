/**
 * The zone of a server's clock, found where LIST tells local times and MDTM the same ones in UTC
 * (RFC 3659 section 3).
 *
 * A server may keep summer time, and then tells each file's time in the season of that file. So the
 * files to ask for are those whose dates lie deepest in summer and deepest in winter: where both are
 * equally far from UTC, all others are too.
 *
 * @module
 */
import type { EntryTime, RemoteEntry } from "../listing/entry.ts";

/** How many files of one listing are asked for. */
const MOST_QUESTIONS = 4;

/** Zones differ by quarters of an hour, and by at most 14 hours from UTC. */
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const FURTHEST = 14 * 60 * MINUTE;

const DAY = 24 * 60 * MINUTE;
const YEAR = 365.2425 * DAY;
const MIDDLE_OF_SUMMER = Date.UTC(1970, 6, 14);

type TimedEntry = RemoteEntry & { readonly modified: EntryTime };

/**
 * Makes the times of a listing exact, where two files agree on the server's zone.
 *
 * @param entries What LIST has told.
 * @param modifiedOf Asks for the time of one of them in UTC; undefined where there is no answer.
 * @returns The entries, with known zones where the zone was found; days without a time stay as they
 * are, since a day in one zone is none in another.
 */
export async function inServerZone(
  entries: readonly RemoteEntry[],
  modifiedOf: (name: string) => Promise<Date | undefined>,
): Promise<readonly RemoteEntry[]> {
  const offset = await findOffset(entries, modifiedOf);
  if (offset === undefined) return entries;
  return entries.map((entry) => {
    if (!isLocalTime(entry)) return entry;
    const date = new Date(entry.modified.date.getTime() - offset);
    return { ...entry, modified: { ...entry.modified, date, zoneKnown: true } };
  });
}

/** Milliseconds to add to UTC. */
async function findOffset(
  entries: readonly RemoteEntry[],
  modifiedOf: (name: string) => Promise<Date | undefined>,
): Promise<number | undefined> {
  const files = entries.filter(isLocalTime).filter(({ type }) => type === "file");
  // One file alone may have changed between the two answers by just so much.
  if (files.length < 2) return undefined;
  const offsets: number[] = [];
  for (const file of questions(files)) {
    const exact = await modifiedOf(file.name);
    const offset = exact === undefined ? undefined : offsetBetween(file.modified, exact);
    if (offset !== undefined) offsets.push(offset);
    if (offsets.some((other) => other !== offsets[0])) return undefined;
    if (offsets.length === 2) return offset;
  }
  return undefined;
}

function isLocalTime(entry: RemoteEntry): entry is TimedEntry {
  return entry.modified !== undefined && !entry.modified.zoneKnown &&
    entry.modified.precision !== "day";
}

/** By turns from both ends of the order of seasons: the ends, then what is next to them. */
function questions(files: readonly TimedEntry[]): readonly TimedEntry[] {
  const bySeason = files.map((file) => ({ file, fromSummer: fromSummer(file.modified.date) }))
    .sort((a, b) => a.fromSummer - b.fromSummer)
    .map(({ file }) => file);
  const summer = bySeason.slice(0, MOST_QUESTIONS);
  const winter = bySeason.slice(-MOST_QUESTIONS).reverse();
  const turns = summer.flatMap((file, index) => [file, winter[index] ?? file]);
  return [...new Set(turns)].slice(0, MOST_QUESTIONS);
}

/** Milliseconds from the middle of the northern summer, forwards or backwards. */
function fromSummer(date: Date): number {
  const since = (((date.getTime() - MIDDLE_OF_SUMMER) % YEAR) + YEAR) % YEAR;
  return Math.min(since, YEAR - since);
}

/** How far the listed time is from UTC; undefined where that is no zone. */
function offsetBetween(listed: EntryTime, exact: Date): number | undefined {
  const unit = listed.precision === "minute" ? MINUTE : 1000;
  const offset = listed.date.getTime() - Math.floor(exact.getTime() / unit) * unit;
  return offset % QUARTER === 0 && Math.abs(offset) <= FURTHEST ? offset : undefined;
}
