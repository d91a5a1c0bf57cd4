/**
 * What is done for each line or each piece of a transfer, in the amount of one call: for the
 * benchmarks and for counting what it allocates.
 *
 * @module
 */
import { Listing } from "../../client/listing/listing.ts";
import { LineBuffer } from "../../server/listing/line_buffer.ts";
import { DEFAULT_FACTS, writeFacts, writeLongLine } from "../../server/listing/listing.ts";
import type { Entry } from "../../server/storage/storage.ts";
import { AsciiDecoder, AsciiEncoder } from "../../shared/ascii.ts";
import { LineReader } from "../../shared/line_reader.ts";
import { pump } from "../../shared/pump.ts";
import { encodeReply, ReplyDecoder } from "../../shared/reply.ts";
import { LIMITS, NOWHERE, zeros } from "./copying.ts";

/** One of them. */
export interface HotPath {
  /** What it is. */
  readonly name: string;
  /** How many lines, replies or pieces a call is for. */
  readonly count: number;
  /** One call. */
  run(): unknown;
}

const COUNT = 1000;
const MIB = 1024 * 1024;
const NOW = new Date("2024-06-01T12:00:00Z");
const LINE_OF_80 = 80;

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const commands = bytesOf("RETR a file with a name.txt\r\n".repeat(COUNT));
const replies = bytesOf("226 Transfer complete\r\n".repeat(COUNT));
const textOfUnix = bytesOf(`${"x".repeat(LINE_OF_80 - 1)}\n`.repeat(COUNT));
const textOfWire = bytesOf(`${"x".repeat(LINE_OF_80 - 2)}\r\n`.repeat(COUNT));
const oneLine = { code: 226, lines: ["Transfer complete"] };
const manyLines = { code: 211, lines: Array.from({ length: 20 }, (_, at) => ` FEATURE ${at}`) };

const entries = Array.from({ length: COUNT }, (_, number): Entry => ({
  name: `a file with a name ${number}.txt`,
  type: "file",
  size: number * 997,
  modified: NOW.getTime() - number * 60_000,
  mode: 0o644,
  links: 1,
  owner: 1000,
  group: 1000,
  device: 2049,
  inode: 1_000_000 + number,
  created: NOW.getTime() - number * 120_000,
}));

function writeLong(out: LineBuffer): Uint8Array {
  for (const entry of entries) writeLongLine(out, entry, { now: NOW });
  return out.bytes;
}

function writeMachine(out: LineBuffer): Uint8Array {
  for (const entry of entries) {
    writeFacts(out, entry, { facts: DEFAULT_FACTS, perm: "adfrw", name: entry.name });
    out.end();
  }
  return out.bytes;
}

const longLines = writeLong(new LineBuffer());
const factLines = writeMachine(new LineBuffer());
const lines = new LineBuffer();

/** A session writes all its lines into the same memory. */
function anew(write: (out: LineBuffer) => void): void {
  lines.clear();
  write(lines);
}

async function parse(verb: "LIST" | "MLSD", bytes: Uint8Array): Promise<void> {
  const listing = new Listing(verb, { now: NOW });
  await listing.write(bytes);
  listing.finish();
}

/** All of them. */
export const HOT_PATHS: readonly HotPath[] = [
  { name: "line framing: a command", count: COUNT, run: () => new LineReader().push(commands) },
  { name: "reply encoding: one line", count: 1, run: () => encodeReply(oneLine) },
  { name: "reply encoding: a line of twenty", count: 20, run: () => encodeReply(manyLines) },
  { name: "reply decoding: a reply", count: COUNT, run: () => new ReplyDecoder().push(replies) },
  {
    name: "listing lines: LIST",
    count: COUNT,
    run: () => anew(writeLong),
  },
  { name: "listing lines: MLSD", count: COUNT, run: () => anew(writeMachine) },
  { name: "LIST parsing", count: COUNT, run: () => parse("LIST", longLines) },
  { name: "MLSD parsing", count: COUNT, run: () => parse("MLSD", factLines) },
  {
    name: "ascii: a line of 80 to the wire",
    count: COUNT,
    run: () => new AsciiEncoder().push(textOfUnix),
  },
  {
    name: "ascii: a line of 80 from the wire",
    count: COUNT,
    run: () => new AsciiDecoder().push(textOfWire),
  },
  { name: "pump: a MiB", count: 64, run: () => pump(zeros(64 * MIB), NOWHERE, LIMITS) },
];
