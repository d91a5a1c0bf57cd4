/**
 * The wire itself: `quote`, `site`, `features`.
 *
 * @module
 */
import { UsageError } from "../../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../../shared/exit_code.ts";
import { refused } from "../../connection/control.ts";
import { displayName, readableName } from "../../remote_name.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults } from "../results.ts";
import type { Shell } from "../shell.ts";

/** They need a data connection, which has commands of its own. */
const DATA_VERBS: ReadonlySet<string> = new Set([
  ...["RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD", "PORT", "EPRT", "PASV", "EPSV"],
]);

/** They move the session to another directory. */
const MOVING_VERBS: ReadonlySet<string> = new Set(["CWD", "XCWD", "CDUP", "XCUP", "SMNT"]);

async function quote(shell: Shell, { parsed: { operands } }: Call): Promise<number> {
  return await send(shell, operands.join(" "));
}

async function send(shell: Shell, line: string): Promise<number> {
  const [, verb = "", argument] = line.match(/^(\S+)(?: (.*))?$/s) ?? [];
  const name = verb.toUpperCase();
  if (verb === "" || DATA_VERBS.has(name)) {
    throw new UsageError(
      `Cannot send "${displayName(line)}": it needs a command such as get or ls`,
    );
  }
  const { host } = shell.connected();
  const reply = await host.use(async (session) => {
    const answer = await session.link.control.command(verb, argument);
    session.forget();
    if (MOVING_VERBS.has(name)) host.directory = await session.directory.settle();
    return answer;
  });
  const { code } = reply;
  const results = reply.lines.map((line) => ({
    text: `${code} ${displayName(line)}`,
    value: { code, text: readableName(line) },
  }));
  await printResults(shell, results);
  return code < 400 ? EXIT.done : exitCodeOf(refused(name, { verb, reply }));
}

async function features(shell: Shell): Promise<number> {
  const told = await shell.connected().host.use((session) => Promise.resolve(session.features));
  const results = [...told].map(([name, parameters]) => ({
    text: displayName(`${name} ${parameters}`.trimEnd()),
    value: { name: readableName(name), parameters: readableName(parameters) },
  }));
  await printResults(shell, results);
  return EXIT.done;
}

/** The commands. */
export const WIRE_COMMANDS: readonly ShellCommand[] = [
  {
    name: "quote",
    aliases: [{ name: "raw" }],
    synopsis: "COMMAND",
    summary: "send a command as it stands, and show the reply",
    examples: ["quote STAT", "quote MDTM README"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "COMMAND" },
    completes: ["nothing"],
    verbatim: true,
    changes: true,
    run: quote,
  },
  {
    name: "site",
    aliases: [],
    synopsis: "COMMAND",
    summary: "send a SITE command, and show the reply",
    examples: ["site HELP", "site UMASK 022"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "COMMAND" },
    completes: ["nothing"],
    verbatim: true,
    changes: true,
    run: (shell, { parsed }) => send(shell, `SITE ${parsed.operands.join(" ")}`),
  },
  {
    name: "features",
    aliases: [],
    synopsis: "",
    summary: "show what the server can do",
    examples: ["features"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run: features,
  },
];
