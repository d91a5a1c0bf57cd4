/**
 * The form of data on the wire: TYPE, STRU and MODE put together (RFC 959 section 3).
 *
 * Stream mode with file structure is the plain path: bytes go through as they are, or by the one
 * conversion that TYPE A asks for. Everything else is a chain of sources between the storage and the
 * data connection.
 *
 * @module
 */
import { AsciiDecoder, AsciiEncoder } from "../../shared/ascii.ts";
import { ByteBuffer } from "../../shared/byte_buffer.ts";
import { transformed } from "../../shared/byte_source.ts";
import type { FrameDecoder, FrameEncoder } from "../../shared/frame.ts";
import { FrameReceiver, type FrameReceiverOptions } from "../../shared/frame_receiver.ts";
import { framed } from "../../shared/frame_sender.ts";
import { BlockDecoder, BlockEncoder } from "../../shared/mode_block.ts";
import {
  CompressedDecoder,
  CompressedEncoder,
  IMAGE_FILLER,
  TEXT_FILLER,
} from "../../shared/mode_compressed.ts";
import { deflating, inflating, type UnpackLimit } from "../../shared/mode_deflate.ts";
import type { ByteSource, ByteTransform } from "../../shared/pump.ts";
import {
  type FileShape,
  LineRecords,
  plainFile,
  RecordDecoder,
  RecordEncoder,
  singleRecord,
} from "../../shared/record_structure.ts";

/** MODE S, B, C and Z. */
export type TransferMode = "stream" | "block" | "compressed" | "deflate";

/** STRU F and R. */
export type Structure = "file" | "record";

/** What the client asked for. */
export interface DataForm {
  /** TYPE A or I. */
  readonly type: "ascii" | "image";
  /** STRU. */
  readonly structure: Structure;
  /** MODE. */
  readonly mode: TransferMode;
  /** How hard MODE Z tries, from 1, fast, to 9, small. */
  readonly deflateLevel: number;
}

/** What goes through it. */
export interface DataContent {
  /** A listing is a text whose lines end with CRLF already. */
  readonly listing: boolean;
  /** Offset in the file of its first byte. */
  readonly offset: number;
}

/** A way for data: pump it from `source`, through `transform` where there is one. */
export interface DataPath extends AsyncDisposable {
  /** Where to read. */
  readonly source: ByteSource;
  /** The conversion of the plain path. */
  readonly transform?: ByteTransform;
}

/** A way for data that comes in. */
export interface IncomingPath extends DataPath {
  /** Whether more came than the file. */
  readonly surplus: boolean;
}

/**
 * What an upload in MODE Z may unpack to: real data rarely packs to less than a fiftieth, and a
 * gigabyte may be all zeros.
 */
export const UNPACK_LIMIT: UnpackLimit = { free: 2 ** 30, ratio: 100 };

/** Bytes of a file from one restart marker to the next. */
export const MARKER_DISTANCE = 2 ** 20;

/** Whether the mode says where a file ends, so that the data connection can be kept. */
export function keepsConnection(mode: TransferMode): boolean {
  return mode === "block" || mode === "compressed";
}

/**
 * The way from the storage to the client.
 *
 * @param source The file or the listing.
 * @param options Its form, and what it is.
 * @returns The path; its source ends with the last byte for the wire.
 */
export function outgoingPath(
  source: ByteSource,
  { form, content }: { readonly form: DataForm; readonly content: DataContent },
): DataPath {
  const { mode, structure } = form;
  const convert = form.type === "ascii" && !content.listing;
  if (mode === "stream" && structure === "file") {
    return { source, ...(convert ? { transform: new AsciiEncoder() } : {}), ...NOTHING_TO_END };
  }
  const text = convert ? transformed(source, new AsciiEncoder()) : source;
  const shaped = isFramed(form) ? framedFile(text, { form, content }) : text;
  if (mode !== "deflate") return { source: shaped, ...NOTHING_TO_END };
  const packed = deflating(shaped, form.deflateLevel);
  return { source: packed, [Symbol.asyncDispose]: () => packed[Symbol.asyncDispose]() };
}

/**
 * The way from the client to the storage.
 *
 * @param wire The data connection.
 * @param options The form, and what to do with restart markers: all bytes before one have been read
 * when it is told.
 * @returns The path; its source ends with the last byte for the file.
 */
export function incomingPath(
  wire: ByteSource,
  { form, onMarker }: {
    readonly form: DataForm;
    readonly onMarker: (text: string) => Promise<void>;
  },
): IncomingPath {
  const { mode, structure } = form;
  const convert = form.type === "ascii";
  if (mode === "stream" && structure === "file") {
    const transform = convert ? { transform: new AsciiDecoder() } : {};
    return { source: wire, ...transform, surplus: false, ...NOTHING_TO_END };
  }
  const unpacked = mode === "deflate" ? inflating(wire, UNPACK_LIMIT) : undefined;
  const receiver = isFramed(form)
    ? new FrameReceiver(unpacked ?? wire, receiverOptions(form, onMarker))
    : undefined;
  const file = receiver ?? unpacked ?? wire;
  return {
    source: convert ? transformed(file, new AsciiDecoder()) : file,
    get surplus() {
      return receiver?.surplus ?? false;
    },
    [Symbol.asyncDispose]: async () => await unpacked?.[Symbol.asyncDispose](),
  };
}

/** How STAT tells it. */
export function describeForm(form: DataForm): string {
  const type = form.type === "ascii" ? "ASCII" : "image";
  const mode = form.mode === "deflate" ? `deflate, level ${form.deflateLevel}` : form.mode;
  return `TYPE: ${type}, STRU: ${form.structure}, MODE: ${mode}`;
}

const NOTHING_TO_END: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

function isFramed({ mode, structure }: DataForm): boolean {
  return structure === "record" || keepsConnection(mode);
}

function framedFile(
  source: ByteSource,
  { form, content }: { readonly form: DataForm; readonly content: DataContent },
): ByteSource {
  const out = new ByteBuffer();
  const encoder = encoderOf(form, out);
  const shape = shapeOf(encoder, { form, content });
  // A text has no offset that REST could take.
  const marked = keepsConnection(form.mode) && form.type === "image" && !content.listing;
  const markers = { offset: content.offset, every: MARKER_DISTANCE };
  return framed(source, { out, encoder, shape, ...(marked ? { markers } : {}) });
}

function shapeOf(
  encoder: FrameEncoder,
  { form, content }: { readonly form: DataForm; readonly content: DataContent },
): FileShape {
  if (form.structure === "file") return plainFile(encoder);
  const text = form.type === "ascii" || content.listing;
  return text ? new LineRecords(encoder) : singleRecord(encoder);
}

function receiverOptions(
  form: DataForm,
  onMarker: (text: string) => Promise<void>,
): FrameReceiverOptions {
  return {
    decoder: decoderOf(form),
    lines: form.structure === "record" && form.type === "ascii",
    last: form.mode === "deflate",
    onMarker,
  };
}

function encoderOf(form: DataForm, out: ByteBuffer): FrameEncoder {
  if (form.mode === "block") return new BlockEncoder(out);
  if (form.mode === "compressed") return new CompressedEncoder(out, fillerOf(form));
  return new RecordEncoder(out);
}

function decoderOf(form: DataForm): FrameDecoder {
  if (form.mode === "block") return new BlockDecoder();
  if (form.mode === "compressed") return new CompressedDecoder(fillerOf(form));
  return new RecordDecoder();
}

function fillerOf({ type }: DataForm): number {
  return type === "ascii" ? TEXT_FILLER : IMAGE_FILLER;
}
