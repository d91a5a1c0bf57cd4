/**
 * How fast bytes are framed and moved: lines of a control connection, and the one copy loop.
 *
 * @module
 */
import { connect, listen } from "../../shared/connection.ts";
import { LineReader } from "../../shared/line_reader.ts";
import { pump } from "../../shared/pump.ts";
import { LIMITS, NOWHERE, zeros } from "./copying.ts";

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

Deno.bench("pump: 64 MiB from memory to memory", { group: "pump" }, async () => {
  await pump(zeros(COPIED), NOWHERE, LIMITS);
});

Deno.bench("pump: 64 MiB through a socket of this machine", { group: "pump" }, async () => {
  using listener = listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using sender = await connect(listener.local, { timeout: 5000 });
  using receiver = await accepting;
  if (receiver === null) throw new Error("the listener was closed");
  const sending = pump(zeros(COPIED), sender, LIMITS).then(() => sender.finish());
  await pump(receiver, NOWHERE, LIMITS);
  await sending;
});
