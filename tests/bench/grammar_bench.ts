/**
 * How fast the grammars of the wire are: replies both ways, and TYPE A conversion.
 *
 * The iterations per second of a 1 MiB case are its MiB per second.
 *
 * @module
 */

import { AsciiDecoder, AsciiEncoder } from "../../shared/ascii.ts";
import { encodeReply, ReplyDecoder } from "../../shared/reply.ts";

const MIB = 1024 * 1024;
const SMALL = 1460;

const replyLines = encodeReply({ code: 200, lines: ["Command okay"] });
const featureLines = [
  "Features:",
  ...Array.from({ length: 18 }, (_, index) => ` FEATURE ${index}`),
  "End",
];
const features = encodeReply({ code: 211, lines: featureLines });

function repeated(text: string): Uint8Array {
  return new TextEncoder().encode(text.repeat(Math.ceil(MIB / text.length))).subarray(0, MIB);
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from(
    { length: count },
    (_, index) => bytes.subarray(index * size).subarray(0, size),
  );
}

interface Decoder {
  push(bytes: Uint8Array): { readonly length: number };
}

function benchDecoder(group: string, makeDecoder: () => Decoder, inputs: Record<string, string>) {
  for (const [name, text] of Object.entries(inputs)) {
    const bytes = repeated(text);
    for (const [size, cut] of [["1 MiB", MIB], [`${SMALL} B pieces`, SMALL]] as const) {
      const chunks = pieces(bytes, cut);
      Deno.bench({
        name: `${name}, ${size}`,
        group,
        fn() {
          const decoder = makeDecoder();
          for (const chunk of chunks) decoder.push(chunk);
        },
      });
    }
  }
}

benchDecoder("ReplyDecoder, 1 MiB", () => new ReplyDecoder(), {
  "one line each": replyLines,
  "20 lines each": features,
  "one line each, UTF-8": encodeReply({ code: 257, lines: ['"/Übung" is the current directory'] }),
});

Deno.bench({
  name: "encodeReply: one line",
  group: "encodeReply",
  fn() {
    encodeReply({ code: 200, lines: ["Command okay"] });
  },
});

Deno.bench({
  name: "encodeReply: 20 lines",
  group: "encodeReply",
  fn() {
    encodeReply({ code: 211, lines: featureLines });
  },
});

const fileTexts = {
  "lines of 80": `${"x".repeat(79)}\n`,
  "lines of 8": `${"x".repeat(7)}\n`,
  "line ends only": "\n",
  "no line end": "x",
};
const wireTexts = Object.fromEntries(
  Object.entries(fileTexts).map(([name, text]) => [name, text.replace("\n", "\r\n")]),
);

benchDecoder("AsciiEncoder, 1 MiB", () => new AsciiEncoder(), fileTexts);
benchDecoder("AsciiDecoder, 1 MiB", () => new AsciiDecoder(), wireTexts);
