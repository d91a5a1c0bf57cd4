/**
 * How fast bytes are framed and moved: lines of a control connection, and the one copy loop.
 *
 * @module
 */
import { connect, listen } from "../../shared/connection.ts";
import { LineReader } from "../../shared/line_reader.ts";
import { type ByteSource, pump } from "../../shared/pump.ts";

const MIB = 1024 * 1024;
const COPIED = 64 * MIB;
const lines = new TextEncoder().encode("NOOP\r\n".repeat(200));
const upload = new TextEncoder().encode(`STOR ${"a name with spaces ".repeat(10)}\r\n`.repeat(200));

Deno.bench("LineReader: 200 NOOPs in one segment", { group: "lines" }, () => {
  new LineReader().push(lines);
});

Deno.bench("LineReader: 200 NOOPs byte by byte", { group: "lines" }, () => {
  const reader = new LineReader();
  for (let at = 0; at < lines.length; at++) reader.push(lines.subarray(at, at + 1));
});

Deno.bench("LineReader: 200 long lines in one segment", { group: "lines" }, () => {
  new LineReader().push(upload);
});

function zeros(length: number): ByteSource {
  let left = length;
  return {
    read(buffer) {
      if (left === 0) return Promise.resolve(null);
      const count = Math.min(left, buffer.length);
      left -= count;
      return Promise.resolve(count);
    },
  };
}

const LIMITS = { signal: new AbortController().signal, interrupt() {}, stallTimeout: 60_000 };

Deno.bench("pump: 64 MiB from memory to memory", { group: "pump" }, async () => {
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
  await pump(zeros(COPIED), sink, LIMITS);
});

Deno.bench("pump: 64 MiB through a socket of this machine", { group: "pump" }, async () => {
  using listener = listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using sender = await connect(listener.local, { timeout: 5000 });
  using receiver = await accepting;
  if (receiver === null) throw new Error("the listener was closed");
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) };
  const sending = pump(zeros(COPIED), sender, LIMITS).then(() => sender.finish());
  await pump(receiver, sink, LIMITS);
  await sending;
});
