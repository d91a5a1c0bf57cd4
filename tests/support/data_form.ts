/**
 * The forms of data that the server speaks, from the client's side: how to ask for one, and how a
 * file looks in it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import type { RawClient } from "./raw_client.ts";

/** One form. The bytes that it makes are by no code of the server's. */
export interface WireForm {
  /** What tests call it. */
  readonly name: string;
  /** The commands that ask for it. */
  readonly commands: readonly string[];
  /** Whether its data connection stays open. */
  readonly kept: boolean;
  /** A file, of one record, on the wire. */
  encode(file: Uint8Array): Uint8Array;
  /** The file in what came, without its ends. */
  decode(wire: Uint8Array): Uint8Array;
}

/** Puts bytes one behind the other. */
export function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** A block of MODE B. */
export function block(descriptor: number, data: Uint8Array | string): Uint8Array {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return concat(Uint8Array.of(descriptor, bytes.length >> 8, bytes.length & 255), bytes);
}

/** The blocks in what came. */
export function blocksIn(wire: Uint8Array): { descriptor: number; data: Uint8Array }[] {
  const blocks = [];
  for (let at = 0; at < wire.length;) {
    const [descriptor = 0, high = 0, low = 0] = wire.subarray(at, at + 3);
    const end = at + 3 + high * 256 + low;
    blocks.push({ descriptor, data: wire.subarray(at + 3, end) });
    at = end;
  }
  return blocks;
}

function encodeBlocks(file: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += 50_000) {
    blocks.push(block(0, file.subarray(at, at + 50_000)));
  }
  return concat(...blocks, block(64, ""));
}

function decodeBlocks(wire: Uint8Array): Uint8Array {
  const data = blocksIn(wire).filter(({ descriptor }) => descriptor !== 16);
  return concat(...data.map((each) => each.data));
}

function encodeStrings(file: Uint8Array): Uint8Array {
  const strings: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += 100) {
    const string = file.subarray(at, at + 100);
    strings.push(Uint8Array.of(string.length), string);
  }
  return concat(...strings, Uint8Array.of(0, 64, 0xc0));
}

function decodeStrings(wire: Uint8Array): Uint8Array {
  const file: number[] = [];
  let descriptor = 0;
  for (let at = 0; at < wire.length;) {
    const head = wire[at++] ?? 0;
    if (head === 0) {
      descriptor = wire[at++] ?? 0;
      continue;
    }
    const count = head & (head < 128 ? 127 : 63);
    const marker = descriptor === 16;
    descriptor = 0;
    for (let left = count; left > 0; left--) {
      const byte = head >= 0xc0 ? 0 : wire[head < 128 ? at++ : at] ?? 0;
      if (!marker) file.push(byte);
    }
    if (head >= 0x80 && head < 0xc0) at++;
  }
  return Uint8Array.from(file);
}

function encodeRecords(file: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.from([...file].flatMap((byte) => byte === 255 ? [255, 255] : [byte])),
    Uint8Array.of(255, 2),
  );
}

function decodeRecords(wire: Uint8Array): Uint8Array {
  const file: number[] = [];
  for (let at = 0; at < wire.length; at++) {
    const byte = wire[at] ?? 0;
    if (byte !== 255) file.push(byte);
    else if (wire[++at] === 255) file.push(255);
  }
  return Uint8Array.from(file);
}

/** MODE B. */
export const BLOCK_FORM: WireForm = {
  name: "MODE B",
  commands: ["MODE B"],
  kept: true,
  encode: encodeBlocks,
  decode: decodeBlocks,
};

/** MODE C. */
export const COMPRESSED_FORM: WireForm = {
  name: "MODE C",
  commands: ["MODE C"],
  kept: true,
  encode: encodeStrings,
  decode: decodeStrings,
};

/** MODE Z. */
export const DEFLATE_FORM: WireForm = {
  name: "MODE Z",
  commands: ["MODE Z"],
  kept: false,
  encode: (file) => new Uint8Array(deflateSync(file)),
  decode: (wire) => new Uint8Array(inflateSync(wire)),
};

/** STRU R in stream mode. */
export const RECORD_FORM: WireForm = {
  name: "STRU R",
  commands: ["STRU R"],
  kept: false,
  encode: encodeRecords,
  decode: decodeRecords,
};

/** Every form in which a file has an end of its own. */
export const FORMS: readonly WireForm[] = [
  BLOCK_FORM,
  COMPRESSED_FORM,
  DEFLATE_FORM,
  RECORD_FORM,
  {
    name: "STRU R in MODE B",
    commands: ["STRU R", "MODE B"],
    kept: true,
    encode: encodeBlocks,
    decode: decodeBlocks,
  },
  {
    name: "STRU R in MODE Z",
    commands: ["STRU R", "MODE Z"],
    kept: false,
    encode: (file) => DEFLATE_FORM.encode(encodeRecords(file)),
    decode: (wire) => decodeRecords(DEFLATE_FORM.decode(wire)),
  },
];

/** Asks for a form. */
export async function choose(client: RawClient, form: WireForm): Promise<void> {
  for (const command of form.commands) await client.command(command, 200);
}

/** Sends all bytes. */
export async function writeAll(data: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await data.write(bytes.subarray(done));
}

/** Reads so many bytes, or fewer where the stream ends. */
export async function readSome(data: Deno.Conn, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = await data.read(buffer.subarray(done));
    if (count === null) break;
    done += count;
  }
  return buffer.subarray(0, done);
}
