/**
 * Files for transfers: made of random bytes, compared by hash.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "@std/path";

/** As much as the random source gives at once. */
const CHUNK = 65_536;

/** Writes `size` random bytes into a new file. */
export async function makeFile(path: string, size: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const chunk = new Uint8Array(CHUNK);
  for (let left = size; left > 0; left -= CHUNK) {
    crypto.getRandomValues(chunk);
    let rest = chunk.subarray(0, Math.min(left, CHUNK));
    while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  }
}

/** Makes a file of `size` bytes that takes no room but for its last `tail` bytes, which are random. */
export async function makeSparseFile(
  path: string,
  { size, tail }: { readonly size: number; readonly tail: number },
): Promise<void> {
  await makeFile(path, tail);
  const end = await Deno.readFile(path);
  using file = await Deno.open(path, { write: true });
  await file.truncate(0);
  await file.seek(size - tail, Deno.SeekMode.Start);
  await file.write(end);
}

/** The SHA-256 of a file from `offset` on, in hex. */
export async function hashFile(path: string, offset = 0): Promise<string> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

/** Bytes of a file; undefined where there is none. */
export function sizeOf(path: string): Promise<number | undefined> {
  return Deno.stat(path).then(({ size }) => size, () => undefined);
}

/** A folder that goes away at the end of the test. */
export interface TempFolder extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** Makes a new folder for this test. */
export async function tempFolder(): Promise<TempFolder> {
  const path = await Deno.makeTempDir({ prefix: "ftpkit-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A folder with a file `f` of that text in it, which is not of today. */
export async function folderWithFile(
  text: string,
): Promise<AsyncDisposable & { readonly path: string; readonly file: string }> {
  const folder = await tempFolder();
  const file = join(folder.path, "f");
  await Deno.writeTextFile(file, text);
  const time = new Date("2024-05-06T07:08:09Z");
  await Deno.utime(file, time, time);
  return { ...folder, file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
