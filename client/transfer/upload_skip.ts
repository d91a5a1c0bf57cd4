/**
 * Whether an upload is to be passed over.
 *
 * @module
 */
import { FtpkitError } from "../../shared/errors.ts";
import { isNewer } from "../listing/remote_stat.ts";
import { displayName } from "../remote_name.ts";
import type { Session } from "../session/session.ts";
import type { LocalFile } from "./local_file.ts";
import type { UploadRequest } from "./upload.ts";

/**
 * Looks at what is there, with `-n` and `--update`.
 *
 * @param session Where.
 * @param upload What is to be sent; the file, unless it is a stream.
 * @returns Why nothing is sent; undefined: it is sent.
 * @throws {FtpkitError} If the server does not tell enough for `-n`.
 */
export async function reasonToSkip(
  session: Session,
  upload: { readonly request: UploadRequest; readonly file: LocalFile | undefined },
): Promise<string | undefined> {
  const { request: { path, options, listed }, file } = upload;
  if (listed || !(options.noClobber || options.update)) return undefined;
  const remote = await session.stat(path);
  if (remote.refusal !== undefined) return undefined;
  const known = remote.size !== undefined || remote.modified !== undefined ||
    remote.type !== undefined;
  if (options.noClobber && !known) {
    throw new FtpkitError(
      `Cannot upload to "${displayName(path)}" with -n: the server does not tell whether it exists`,
    );
  }
  if (!known) return undefined;
  if (options.noClobber) return "it exists";
  if (file === undefined) return undefined;
  const sameSize = options.ascii || remote.size === undefined || remote.size === file.size;
  return sameSize && !isNewer(file.modified, remote.modified) ? "it is up to date" : undefined;
}
