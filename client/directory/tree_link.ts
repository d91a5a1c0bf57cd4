/**
 * Links to directories that lead back to where one comes from.
 *
 * @module
 */

/** A directory of the source, on the way from the root. */
export interface Place {
  /** Its path on its side. */
  readonly source: string;
  /** Names from the root, joined by `/`; empty for the root. */
  readonly path: string;
  readonly parent: Place | undefined;
  /** As `TreeEntry.id`. */
  readonly id: string | undefined;
  /** Links on the way. */
  readonly links: number;
  /** Where it leads, if it is a link, as it is written there. */
  readonly leadsTo?: string | undefined;
}

/** Links behind one another on one way; more are taken for a circle. */
const MOST_LINKS = 8;

/** Some servers give every entry the same few characters. */
const SHORTEST_ID = 4;

/**
 * Whether a directory is one of those that lead to it.
 *
 * @param place The directory.
 * @returns Why it is not to be entered; undefined: it may.
 */
export function circleOf(place: Place): string | undefined {
  const above = ancestors(place);
  const { id, leadsTo, links } = place;
  const isAbove = id !== undefined && id.length >= SHORTEST_ID &&
    above.some((ancestor) => ancestor.id === id);
  if (isAbove || leadsAbove(place, leadsTo)) return "it leads back to a directory above it";
  if (links > MOST_LINKS) return `there are ${MOST_LINKS} links on the way to it already`;
  return undefined;
}

function ancestors(place: Place): Place[] {
  const above: Place[] = [];
  for (let next = place.parent; next !== undefined; next = next.parent) above.push(next);
  return above;
}

/** Of a relative link the text alone says that it leads upwards: `..`, `../..`, `.`. */
function leadsAbove(place: Place, leadsTo: string | undefined): boolean {
  return leadsTo !== undefined && place.parent !== undefined &&
    /^\.{1,2}(?:\/\.{1,2})*\/?$/.test(leadsTo);
}
