/**
 * Sessions: `open`, `close`, `status`, `quit`.
 *
 * @module
 */
import { EXIT } from "../../../shared/exit_code.ts";
import { placeReader } from "../../bookmarks.ts";
import { CLIENT_OPTIONS } from "../../client_options.ts";
import { displayName, readableName } from "../../remote_name.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults } from "../results.ts";
import { SETTINGS } from "../settings.ts";
import type { Shell } from "../shell.ts";
import { readTarget } from "../target.ts";

const { port, user } = CLIENT_OPTIONS;

async function open(shell: Shell, { parsed, words }: Call): Promise<number> {
  const { client } = shell.settings;
  const read = await placeReader(shell.io, client.names);
  const location = readTarget(words[0]?.text ?? "", read);
  await shell.connect(location, {
    port: parsed.has("port")
      ? parsed.integer("port", { min: 1, max: 65535, default: 21 })
      : location.port ?? client.port,
    user: parsed.text("user") ?? location.user ?? client.user,
    passwordFile: client.passwordFile,
  });
  return EXIT.done;
}

async function status(shell: Shell): Promise<number> {
  const { site, settings } = shell;
  const rows = [
    ["server", site?.name ?? "none"],
    ["local directory", shell.localPath],
    ...Object.entries(SETTINGS).map(([name, { show }]) => [name, show(settings)]),
  ];
  const results = rows.map(([name = "", value = ""]) => ({
    text: `${name.padEnd(17)}${displayName(value)}`,
    value: { name, value: readableName(value) },
  }));
  await printResults(shell, results);
  return EXIT.done;
}

/** The commands. */
export const SESSION_COMMANDS: readonly ShellCommand[] = [
  {
    name: "open",
    aliases: [{ name: "connect" }],
    synopsis: "[-P PORT] [-u NAME] TARGET",
    summary: "begin a session; TARGET is a host, a bookmark, host:path or an FTP URL",
    examples: ["open ftp.example.org", "open -P 2121 alice@localhost:photos"],
    options: { ...(port && { port }), ...(user && { user }) },
    operands: { min: 1, max: 1, missing: "TARGET" },
    completes: ["bookmark"],
    run: open,
  },
  {
    name: "close",
    aliases: [{ name: "disconnect" }],
    synopsis: "",
    summary: "end the session",
    examples: ["close"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    async run(shell) {
      shell.connected();
      await shell.disconnect();
      return EXIT.done;
    },
  },
  {
    name: "status",
    aliases: [],
    synopsis: "",
    summary: "show the server, both directories and the settings",
    examples: ["status"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run: status,
  },
  {
    name: "quit",
    aliases: [{ name: "bye" }, { name: "exit" }],
    synopsis: "",
    summary: "leave the shell",
    examples: ["quit"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run(shell) {
      shell.leaving = true;
      return Promise.resolve(EXIT.done);
    },
  },
];
