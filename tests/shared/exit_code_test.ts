import { assertEquals } from "@std/assert";
import * as errors from "../../shared/errors.ts";
import { exitCodeOf } from "../../shared/exit_code.ts";

function refusal(code: number): errors.ReplyError {
  return new errors.ReplyError("refused", { code, lines: [], command: "RETR" });
}

const CODES: readonly (readonly [string, unknown, number])[] = [
  ["usage", new errors.UsageError("x"), 2],
  ["no connection", new errors.ConnectError("x"), 3],
  ["time-out", new errors.TimeoutError("x"), 3],
  ["turned away", refusal(421), 3],
  ["login", new errors.AuthError("x"), 4],
  ["530", refusal(530), 4],
  ["532", refusal(532), 4],
  ["TLS", new errors.TlsError("x"), 5],
  ["550", refusal(550), 6],
  ["553", refusal(553), 6],
  ["another reply", refusal(452), 1],
  ["remote file", new errors.RemoteFileError("x"), 6],
  ["local file", new errors.LocalFileError("x"), 7],
  ["changed file", new errors.FileChangedError("x"), 7],
  ["interrupted", new errors.InterruptedError("x"), 130],
  ["transfer", new errors.TransferError("x", { bytes: 0 }), 1],
  ["protocol", new errors.ProtocolError("x"), 1],
  ["storage", new errors.StorageError("io", "x"), 1],
  ["our base class", new errors.FtpkitError("x"), 1],
  ["a mistake of ours", new TypeError("x"), 1],
  ["no error at all", "x", 1],
];

for (const [what, error, code] of CODES) {
  Deno.test(`exitCodeOf: ${what} is ${code}`, () => assertEquals(exitCodeOf(error), code));
}

Deno.test("errors: each class has its own name, and keeps its cause", () => {
  const cause = new Error("below");
  for (const [name, value] of Object.entries(errors)) {
    if (!name.endsWith("Error")) continue;
    const Class = value as new (...args: unknown[]) => Error;
    const details = { cause, code: 550, lines: [], command: "", bytes: 0 };
    const error = name === "StorageError" ? new Class("io", "x", details) : new Class("x", details);
    assertEquals([error.name, error.cause, error.message], [name, cause, "x"]);
  }
});

Deno.test("ReplyError: only 4yz may succeed later", () => {
  assertEquals([399, 421, 450, 499, 500, 550].map((code) => refusal(code).transient), [
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});
