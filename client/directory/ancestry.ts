/**
 * The way down to a directory, which tells a loop from a tree.
 *
 * A server that follows links shows a link to a directory above as a directory. Its `unique` fact
 * (RFC 3659 section 7.5.2) is that of the directory it leads to; where a server does not tell it,
 * only the number of levels ends the way.
 *
 * @module
 */
import { ProtocolError } from "../../shared/errors.ts";
import { displayName } from "../remote_name.ts";
import { circleOf, type Place } from "./tree_link.ts";

/** How many directories may lie in one another. */
export const MOST_LEVELS = 500;

/** What tells one directory from another. */
export interface Identity {
  readonly name: string;
  /** As `RemoteEntry.id`. */
  readonly id?: string | undefined;
}

/** A directory and those above it, as far as they were gone through. */
export class Ancestry {
  readonly #place: Place;
  readonly #level: number;

  /** The directory where the way begins, or the next one below another. */
  constructor(identity: Identity, above?: Ancestry) {
    this.#place = {
      source: identity.name,
      path: identity.name,
      parent: above?.place,
      id: identity.id,
      links: 0,
    };
    this.#level = above === undefined ? 0 : above.level + 1;
  }

  /** The directory, linked to those above it. */
  get place(): Place {
    return this.#place;
  }

  /** How far down it is. */
  get level(): number {
    return this.#level;
  }

  /**
   * One step down.
   *
   * @param entry A directory in this one.
   * @returns The way to it; undefined where it is one of those above.
   * @throws {ProtocolError} If it is more than {@linkcode MOST_LEVELS} down.
   */
  child(entry: Identity): Ancestry | undefined {
    const child = new Ancestry(entry, this);
    if (circleOf(child.place) !== undefined) return undefined;
    if (child.level <= MOST_LEVELS) return child;
    throw new ProtocolError(
      `Cannot open "${
        displayName(entry.name)
      }": more than ${MOST_LEVELS} directories in one another`,
    );
  }
}
