/**
 * What an upload sends.
 *
 * @module
 */
import type { ByteSource } from "../../shared/pump.ts";
import type { LocalFile } from "./local_file.ts";
import type { RunningHash } from "./verify.ts";

/** What is sent: a file, or what can be read only once. */
export interface UploadContent {
  /** The bytes, from where the last read ended. */
  readonly source: ByteSource;
  /** The file, unless it is a stream. */
  readonly file?: LocalFile;
  /** Ends a read of a stream that is pending. */
  readonly interrupt?: () => void;
  /** With `--verify`. */
  readonly hash?: RunningHash | undefined;
}

/**
 * Goes to where an upload begins. What the server has already is hashed first.
 *
 * @param content What is sent; a stream stays where it is.
 * @param offset Bytes from the beginning of the file.
 * @throws {LocalFileError} If the file cannot be read.
 */
export async function rewind(content: UploadContent, offset: number): Promise<void> {
  const { file, hash } = content;
  if (file === undefined) return;
  await file.seek(hash === undefined ? offset : 0);
  hash?.restart();
  await hash?.take(file, offset);
}
