/**
 * `ftpkit shell`: an interactive session, or a script of commands.
 *
 * @module
 */
import { commandEntry } from "../shared/command_entry.ts";
import type { CommandEntry, CommandIo } from "../shared/command_io.ts";
import { failureLine, UsageError } from "../shared/errors.ts";
import type { CommandUsage, ParsedOptions } from "../shared/options.ts";
import { untilAborted } from "../shared/process_io.ts";
import { placeReader } from "./bookmarks.ts";
import { CLIENT_OPTIONS, clientOptions } from "./client_options.ts";
import { runRepl } from "./shell/repl.ts";
import { linesOf, runScript, streamLines } from "./shell/script.ts";
import { Shell } from "./shell/shell.ts";
import { readTarget } from "./shell/target.ts";
import { local } from "./transfer/local_file.ts";

/** What `ftpkit shell` takes. */
export const USAGE: CommandUsage = {
  name: "shell",
  synopsis: "[OPTIONS] [TARGET]",
  summary:
    "An interactive session with TARGET, or a script of commands. In it, help shows the commands.",
  examples: [
    "ftpkit shell alice@ftp.example.org:photos",
    "ftpkit shell -c 'cd pub; mget *.txt' ftp.example.org",
    "ftpkit shell -k -f nightly.ftp alice@ftp.example.org",
  ],
  options: {
    command: { short: "c", value: "COMMANDS", help: "do these commands and leave" },
    file: { short: "f", value: "FILE", help: "do the commands in FILE (-: standard input)" },
    "keep-going": { short: "k", help: "in a script, go on behind a command that failed" },
    ...CLIENT_OPTIONS,
  },
  operands: { min: 0, max: 1, missing: "" },
};

/**
 * Runs `ftpkit shell`.
 *
 * @throws {UsageError} If the command line is not valid.
 * @throws {LocalFileError} If the script cannot be read.
 */
export const run: CommandEntry = commandEntry(USAGE, async (parsed, io) => {
  refuseMixes(parsed);
  const lines = await scriptLines(parsed, io);
  const [target] = parsed.operands;
  const client = clientOptions(parsed);
  const read = await placeReader(io, client.names);
  const location = target === undefined ? undefined : readTarget(target, read);
  const settings = { client, ascii: false, preserve: true, parallel: undefined };
  await using shell = new Shell({ io, settings, interactive: lines === undefined });
  if (location !== undefined) {
    const { port = location.port, user = location.user, passwordFile } = client;
    // They are for this server, not for those that are opened later.
    shell.settings = {
      ...settings,
      client: { ...client, port: undefined, user: undefined, passwordFile: undefined },
    };
    const options = { port, user, passwordFile };
    try {
      await shell.connect(location, options);
    } catch (error) {
      if (!shell.interactive) throw error;
      io.err(failureLine(error));
    }
  }
  if (lines === undefined) return await runRepl(shell, io);
  return await runScript(shell, lines, parsed.has("keep-going"));
});

function refuseMixes(parsed: ParsedOptions): void {
  if (parsed.has("command") && parsed.has("file")) {
    throw new UsageError("Cannot use --command and --file together");
  }
}

/** The script; undefined where somebody types. */
async function scriptLines(
  parsed: ParsedOptions,
  io: CommandIo,
): Promise<Iterable<string> | AsyncIterable<string> | undefined> {
  const command = parsed.text("command");
  if (command !== undefined) return linesOf(command);
  const file = parsed.text("file");
  if (file !== undefined && file !== "-") {
    return linesOf(await local(`read the script "${file}"`, () => Deno.readTextFile(file)));
  }
  const { terminals: { stdin, stdout }, signal } = io;
  if (file === undefined && stdin && stdout) return undefined;
  if (parsed.text("password-file") === "-") {
    throw new UsageError("Cannot read both the password and the script from standard input");
  }
  return streamLines({ read: (buffer) => untilAborted(io.stdin.read(buffer), signal) });
}
