/**
 * Passwords from files, standard input and the terminal.
 *
 * @module
 */
import type { CommandIo } from "./command_io.ts";
import { AuthError, InterruptedError, LocalFileError, systemReason, UsageError } from "./errors.ts";
import { Secret } from "./safe_text.ts";
import { untilAborted } from "./process_io.ts";

/**
 * Reads the first line of a file.
 *
 * @param io The process, for its standard input.
 * @param file The file; `-`: standard input.
 * @returns The line without its end.
 * @throws {LocalFileError} If it cannot be read.
 */
export async function readPasswordFile(io: CommandIo, file: string): Promise<Secret> {
  try {
    const text = file === "-" ? await readStdin(io) : await Deno.readTextFile(file);
    return new Secret(text.match(/^[^\r\n]*/)?.[0] ?? "");
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    const message = `Cannot read the password in "${file}": ${systemReason(error)}`;
    throw new LocalFileError(message, { cause: error });
  }
}

/** Only the first line: what follows may be meant for somebody else. */
async function readStdin(io: CommandIo): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  while (!text.includes("\n")) {
    const read = await untilAborted(io.stdin.read(buffer), io.signal);
    if (read === null) break;
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  return text;
}

/**
 * A new password: from a file, or typed twice on the terminal.
 *
 * @param io The process.
 * @param from The file, if there is one, and whose password it is.
 * @returns The password, not empty.
 * @throws {UsageError} If it is empty, or was typed differently the second time.
 * @throws {AuthError} If there is no file and no terminal.
 * @throws {LocalFileError} If the file cannot be read.
 */
export async function newPassword(
  io: CommandIo,
  { file, who }: { readonly file: string | undefined; readonly who: string },
): Promise<string> {
  if (file !== undefined) return usable((await readPasswordFile(io, file)).reveal());
  const first = usable(await ask(io, `Password for ${who}: `));
  if (await ask(io, "Again: ") === first) return first;
  throw new UsageError("The two passwords differ");
}

async function ask(io: CommandIo, question: string): Promise<string> {
  const answer = await io.askSecret(question);
  if (answer !== null) return answer;
  throw new AuthError("A password is needed, and there is no terminal (see --password-file)");
}

/** What a client cannot send with PASS would lock the user out. */
function usable(password: string): string {
  if (password === "") throw new UsageError("The password is empty");
  if (/[\r\n\0]/.test(password)) throw new UsageError("The password has a line break or NUL in it");
  return password;
}
