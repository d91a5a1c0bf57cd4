/**
 * The server that a shell is told to connect to.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import type { PlaceReader } from "../bookmarks.ts";
import type { RemoteLocation } from "../location.ts";
import { displayName } from "../remote_name.ts";

/** A name or an address without anything behind it. */
const BARE_HOST = /^(?:[^/:@\s]+@)?(?:[^/:@\s[\]]+|\[[^\]]+\])$/;

/**
 * Reads a target.
 *
 * @param text A place as everywhere, or only a host or the name of a bookmark.
 * @param read Reads places, with the user's bookmarks.
 * @returns The place.
 * @throws {UsageError} If it is no remote place.
 */
export function readTarget(text: string, read: PlaceReader): RemoteLocation {
  const location = read(BARE_HOST.test(text) ? `${text}:` : text);
  if (location.kind === "remote") return location;
  throw new UsageError(
    `Cannot connect to "${displayName(text)}": it is not a host, host:path or an FTP URL`,
  );
}
