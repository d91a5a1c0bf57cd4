/**
 * Scripts: lines from `-c`, a file or standard input, without anybody at the terminal.
 *
 * @module
 */
import { EXIT } from "../../shared/exit_code.ts";
import type { ByteSource } from "../../shared/pump.ts";
import { UsageError } from "../../shared/errors.ts";
import { performLine } from "./perform.ts";
import type { Shell } from "./shell.ts";

/** Bytes of one line: what is longer is no script. */
const MOST_LINE = 1024 * 1024;

const READ_SIZE = 64 * 1024;

/**
 * Does the lines of a script: to its end, to `quit`, or to the first failure.
 *
 * @param shell Where.
 * @param lines The lines.
 * @param keepGoing Go on behind failures.
 * @returns The exit code: of the command that failed, or 8 where the script went on behind it.
 */
export async function runScript(
  shell: Shell,
  lines: AsyncIterable<string> | Iterable<string>,
  keepGoing: boolean,
): Promise<number> {
  let failed: number | undefined;
  for await (const line of lines) {
    const codes = await performLine(shell, line, { keepGoing });
    const last = codes.at(-1) ?? EXIT.done;
    if (last === EXIT.interrupted) return last;
    failed ??= codes.find((code) => code !== EXIT.done);
    if (failed !== undefined && !keepGoing) return failed;
    if (shell.leaving) break;
  }
  // What was sent into the background belongs to the script.
  const [late = EXIT.done] = await performLine(shell, "wait", { keepGoing });
  if (late === EXIT.interrupted || (late !== EXIT.done && !keepGoing)) return late;
  if (late !== EXIT.done) failed ??= late;
  return failed === undefined ? EXIT.done : EXIT.someFailed;
}

/**
 * The lines of a text; each may end with CR, and the last one with nothing. A byte order mark is passed
 * over.
 *
 * @param text The text; a byte order mark is passed over.
 * @returns The lines, without their ends.
 */
export function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(withoutReturn);
}

/**
 * The lines of a stream, each as soon as it is there.
 *
 * @param source The stream, in UTF-8; a byte order mark is passed over.
 * @returns The lines, without their ends.
 * @throws {UsageError} If a line is longer than a mebibyte.
 */
export async function* streamLines(source: ByteSource): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(READ_SIZE);
  let rest = "";
  for (let read = await source.read(buffer); read !== null; read = await source.read(buffer)) {
    rest += decoder.decode(buffer.subarray(0, read), { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines.map(withoutReturn);
    if (rest.length > MOST_LINE) throw new UsageError("Cannot read the script: a line has no end");
  }
  rest += decoder.decode();
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
