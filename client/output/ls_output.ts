/**
 * Listings for people and for programs.
 *
 * @module
 */
import { formatSize } from "../../shared/size.ts";
import { padText, textWidth } from "../../shared/text_width.ts";
import type { EntryTime, RemoteEntry } from "../listing/entry.ts";
import { displayName, readableName } from "../remote_name.ts";
import { coloured } from "./colour.ts";

/** By what entries are sorted. */
export type SortKey = "name" | "size" | "time";

/** How to sort. */
export interface SortOptions {
  readonly key: SortKey;
  readonly reverse: boolean;
}

const TYPE_LETTERS = { file: "-", dir: "d", link: "l", other: "?" } as const;

/**
 * Sorts as `ls` does: names upwards, sizes and times downwards.
 *
 * @param entries Any order.
 * @param options Key and direction.
 * @returns A new list.
 */
export function sortEntries(
  entries: readonly RemoteEntry[],
  options: SortOptions,
): RemoteEntry[] {
  const byName = (a: RemoteEntry, b: RemoteEntry): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  const time = (entry: RemoteEntry): number => entry.modified?.date.getTime() ?? -Infinity;
  const orders: Readonly<Record<SortKey, (a: RemoteEntry, b: RemoteEntry) => number>> = {
    name: byName,
    size: (a, b) => (b.size ?? -1) - (a.size ?? -1) || byName(a, b),
    time: (a, b) => time(a) === time(b) ? byName(a, b) : time(b) > time(a) ? 1 : -1,
  };
  const sorted = entries.toSorted(orders[options.key]);
  return options.reverse ? sorted.reverse() : sorted;
}

/**
 * One entry for programs, on one line.
 *
 * @param entry The entry.
 * @param path Its remote path.
 * @returns JSON; names are raw in it.
 */
export function jsonEntry(entry: RemoteEntry, path: string): string {
  const { name, type, size, modified, permissions, owner, group, target } = entry;
  const doubt = modified === undefined ? {} : {
    modified: `${modified.date.toISOString().slice(0, 19)}Z`,
    ...(modified.precision === "second" ? {} : { modified_precision: modified.precision }),
    ...(modified.zoneKnown ? {} : { modified_zone: "unknown" }),
  };
  return JSON.stringify({
    name: readableName(name),
    path: readableName(path),
    type,
    size,
    ...doubt,
    permissions,
    owner,
    group,
    target: target === undefined ? undefined : readableName(target),
  });
}

/**
 * Names in as many columns as fit, filled downwards.
 *
 * @param entries In order; their names are made safe for a terminal here.
 * @param form Columns of the terminal, and whether names have colours.
 * @returns Lines, each with its end.
 */
export function columnText(
  entries: readonly Pick<RemoteEntry, "name" | "type">[],
  form: { readonly columns: number; readonly colours: boolean },
): string {
  const shown = entries.map(({ name, type }) => ({ name: displayName(name), type }));
  const paint = ({ name, type }: Pick<RemoteEntry, "name" | "type">): string =>
    form.colours ? coloured(name, type) : name;
  const cell = shown.reduce((widest, { name }) => Math.max(widest, textWidth(name)), 0) + 2;
  const columns = Math.max(1, Math.floor((form.columns + 1) / cell));
  // Alone in its line, a name is what it is: its last character may be a space.
  if (columns === 1) return shown.map((entry) => `${paint(entry)}\n`).join("");
  const rows = Math.ceil(shown.length / columns);
  const lines = Array.from({ length: rows }, (_, row) => {
    const places = Array.from({ length: columns }, (_, column) => column * rows + row);
    const cells = places.map((place) => {
      const entry = shown[place];
      if (entry === undefined) return "";
      return paint(entry) + padText(entry.name, cell).slice(entry.name.length);
    });
    return cells.join("").trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * One line an entry: type and rights, owner, group, size, time, name.
 *
 * @param entries In order.
 * @param form Whether sizes are written as people read them, and names have colours.
 * @returns Lines, each with its end; columns are aligned.
 */
export function longText(
  entries: readonly RemoteEntry[],
  form: { readonly human: boolean; readonly colours: boolean },
): string {
  const rows = entries.map((entry) => longCells(entry, form));
  const widths = [0, 1, 2, 3, 4].map((column) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[column] ?? "")), 0)
  );
  const lines = rows.map((cells) =>
    cells.map((cell, column) => {
      const side = column === SIZE_COLUMN ? "start" : "end";
      return padText(cell, widths[column] ?? 0, side);
    }).join("  ")
  );
  return lines.map((line) => `${line}\n`).join("");
}

const SIZE_COLUMN = 3;

function longCells(
  entry: RemoteEntry,
  form: { readonly human: boolean; readonly colours: boolean },
): string[] {
  const { name, type, size, modified, permissions, owner, group, target } = entry;
  const shownSize = size === undefined ? "-" : form.human ? formatSize(size) : String(size);
  return [
    TYPE_LETTERS[type] + (permissions ?? "?????????"),
    displayName(owner ?? "-"),
    displayName(group ?? "-"),
    shownSize,
    modified === undefined ? "-" : timeText(modified),
    (form.colours ? coloured(displayName(name), type) : displayName(name)) +
    (target === undefined ? "" : ` -> ${displayName(target)}`),
  ];
}

/** A known time in our zone; the server's own where its zone is not known. */
function timeText(time: EntryTime): string {
  const { date, precision, zoneKnown } = time;
  const shift = zoneKnown ? date.getTimezoneOffset() * 60_000 : 0;
  const text = new Date(date.getTime() - shift).toISOString();
  return precision === "day" ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}
