/**
 * The server that a shell is told to connect to.
 *
 * @module
 */
import { UsageError } from "../../shared/errors.ts";
import { parseLocation, type RemoteLocation } from "../location.ts";
import type { NameCoding } from "../name_coding.ts";
import { displayName } from "../remote_name.ts";

/** A name or an address without anything behind it. */
const BARE_HOST = /^(?:[^/:@\s]+@)?(?:[^/:@\s[\]]+|\[[^\]]+\])$/;

/**
 * Reads a target.
 *
 * @param text A place as everywhere, or only a host.
 * @param names How names travel.
 * @returns The place.
 * @throws {UsageError} If it is no remote place.
 */
export function readTarget(text: string, names: NameCoding): RemoteLocation {
  const location = parseLocation(BARE_HOST.test(text) ? `${text}:` : text, names);
  if (location.kind === "remote") return location;
  throw new UsageError(
    `Cannot connect to "${displayName(text)}": it is not a host, host:path or an FTP URL`,
  );
}
