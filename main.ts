/**
 * Entry of the program: picks the subcommand, turns signals into an abort and errors into one line
 * and an exit code.
 *
 * @module
 */
import config from "./deno.json" with { type: "json" };
import type { CommandModule } from "./shared/command_io.ts";
import { failureLine, UsageError } from "./shared/errors.ts";
import { EXIT, exitCodeOf } from "./shared/exit_code.ts";
import { Interruption } from "./shared/interruption.ts";
import { processIo } from "./shared/process_io.ts";

/** The subcommands; each is loaded only when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  serve: () => import("./server/serve_command.ts"),
  get: () => import("./client/get_command.ts"),
  put: () => import("./client/put_command.ts"),
  ls: () => import("./client/ls_command.ts"),
  mirror: () => import("./client/mirror_command.ts"),
  shell: () => import("./client/shell_command.ts"),
  user: () => import("./server/accounts/user_command.ts"),
  completions: loadCompletions,
};

/** It completes the others, so it needs what each of them takes. */
async function loadCompletions(): Promise<CommandModule> {
  const { completionsCommand } = await import("./shared/completions_command.ts");
  const others = Object.values(COMMANDS).filter((load) => load !== loadCompletions);
  const modules = await Promise.all(others.map((load) => load()));
  return completionsCommand(modules.map(({ USAGE }) => USAGE));
}

const HELP = `  ftpkit serve ./photos
  ftpkit get ftp.example.org:pub/README
  ftpkit put report.pdf alice@ftp.example.org:incoming/

Usage: ftpkit COMMAND [OPTIONS] [ARGUMENTS]

Commands:
  serve  [DIR]              share a directory over FTP
  get    SOURCE... [DEST]   download files or trees
  put    SOURCE... DEST     upload files or trees
  ls     TARGET             list what is there
  mirror SOURCE DEST        make DEST the same as SOURCE
  shell  [TARGET]           interactive session, or a script of commands
  user   add|passwd|...     keep the users of a server
  completions SHELL         completions for bash, zsh, fish or powershell

Options:
  -h, --help     show this text, or a command's: ftpkit get --help
      --version  print the version
`;

function write(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  stream.writeSync(new TextEncoder().encode(text));
}

/** Runs the program and gives its exit code. */
async function main(args: readonly string[], interruption: Interruption): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version") {
    write(Deno.stdout, `ftpkit ${config.version}\n`);
    return EXIT.done;
  }
  if (name === "--help" || name === "-h") {
    write(Deno.stdout, HELP);
    return EXIT.done;
  }
  if (name === undefined) throw new UsageError("Missing command: ftpkit --help shows them");
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) throw await unknownCommand(name);
  const { run } = await load();
  return await run(rest, processIo(interruption));
}

async function unknownCommand(name: string): Promise<UsageError> {
  if (name.startsWith("-")) return new UsageError(`Unknown option ${name}`);
  // What parses options takes longer to load than all of this.
  const { nearest } = await import("./shared/options.ts");
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new UsageError(`Unknown command "${name}"${hint}`);
}

function report(error: unknown): number {
  write(Deno.stderr, failureLine(error));
  return exitCodeOf(error);
}

/** Listens to the signals that interrupt. */
function signalled(): Interruption {
  const interruption = new Interruption(() => Deno.exit(EXIT.interrupted));
  Deno.addSignalListener("SIGINT", interruption.interrupt);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", interruption.stop);
  return interruption;
}

// The flag is true in a worker too, when a compiled program starts one.
if (import.meta.main && typeof WorkerGlobalScope === "undefined") {
  const code = await main(Deno.args, signalled()).catch(report);
  Deno.exit(code);
}

declare const WorkerGlobalScope: unknown;
