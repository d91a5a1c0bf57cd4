/**
 * Drives frame encoders and decoders in tests.
 *
 * @module
 */
import { ByteBuffer } from "../../shared/byte_buffer.ts";
import { TruncatedError } from "../../shared/errors.ts";
import { END_OF_FILE, type FrameDecoder, type FrameEncoder } from "../../shared/frame.ts";

/** One thing in a stream: data with what ends behind it, or a restart marker. */
export type Part = { readonly data: string; readonly ending: number } | { readonly marker: string };

/** Bytes of a text, one for each character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The text of bytes, one character for each. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Everything that waits in a buffer. */
export function takeAll(out: ByteBuffer): Uint8Array {
  const bytes = new Uint8Array(out.length);
  out.take(bytes);
  return bytes;
}

/** What an encoder writes for the parts. */
export function encodeParts(
  make: (out: ByteBuffer) => FrameEncoder,
  parts: readonly Part[],
): Uint8Array {
  const out = new ByteBuffer();
  const encoder = make(out);
  for (const part of parts) {
    if ("marker" in part) encoder.marker?.(part.marker);
    else encoder.data(latin1(part.data), part.ending);
  }
  return takeAll(out);
}

/**
 * What a decoder finds in the pieces; data without an end is joined to what follows.
 *
 * @throws {TruncatedError} If there is no end of file.
 */
export function decodeParts(decoder: FrameDecoder, pieces: Iterable<Uint8Array>): Part[] {
  const parts: Part[] = [];
  let data = "";
  let ended = false;
  const sink = {
    data: (bytes: Uint8Array): void => void (data += textOf(bytes)),
    end(ending: number): void {
      parts.push({ data, ending });
      data = "";
      ended ||= (ending & END_OF_FILE) !== 0;
    },
    marker(marker: string): void {
      if (data !== "") parts.push({ data, ending: 0 });
      parts.push({ marker });
      data = "";
    },
  };
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) at += decoder.decode(piece.slice(at), sink);
  }
  if (!ended) throw new TruncatedError("No end of file");
  if (data !== "") parts.push({ data, ending: 0 });
  return parts;
}

/** The same parts with data that has no end joined to what follows it, and nothing empty. */
export function joined(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  let data = "";
  for (const part of parts) {
    if ("marker" in part) {
      if (data !== "") result.push({ data, ending: 0 });
      result.push(part);
      data = "";
    } else if (part.ending === 0) data += part.data;
    else {
      result.push({ data: data + part.data, ending: part.ending });
      data = "";
    }
  }
  return result;
}
