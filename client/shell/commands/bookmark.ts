/**
 * Places by name: `bookmark`.
 *
 * @module
 */
import { UsageError } from "../../../shared/errors.ts";
import { EXIT } from "../../../shared/exit_code.ts";
import { padText } from "../../../shared/text_width.ts";
import { Bookmarks, placeReader } from "../../bookmarks.ts";
import type { RemoteLocation } from "../../location.ts";
import { displayName } from "../../remote_name.ts";
import { type Call, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { printResults } from "../results.ts";
import type { Shell } from "../shell.ts";
import { readTarget } from "../target.ts";

async function bookmark(shell: Shell, { parsed: { operands } }: Call): Promise<number> {
  const [action, name, target, ...rest] = operands;
  const bookmarks = await Bookmarks.open(shell.io);
  if (action === undefined) await show(shell, bookmarks);
  else if (name === undefined || rest.length > 0) throw new UsageError(HOW);
  else if (action === "add") await bookmarks.add(name, await placeOf(shell, target));
  else if (action === "remove" && target === undefined) await bookmarks.remove(name);
  else throw new UsageError(HOW);
  return EXIT.done;
}

const SYNOPSIS = "[add NAME [TARGET] | remove NAME]";
const HOW = `Missing or unknown argument: bookmark ${SYNOPSIS}`;

async function show(shell: Shell, { all }: Bookmarks): Promise<void> {
  const width = all.reduce((widest, [name]) => Math.max(widest, name.length), 0);
  const results = all.map(([name, url]) => ({
    text: `${padText(name, width)}  ${displayName(url)}`,
    value: { name, url },
  }));
  await printResults(shell, results);
}

/** Where we are, unless another place is named. */
async function placeOf(shell: Shell, target: string | undefined): Promise<RemoteLocation> {
  if (target === undefined) return shell.connected().place;
  return readTarget(target, await placeReader(shell.io, shell.settings.client.names));
}

/** The commands. */
export const BOOKMARK_COMMANDS: readonly ShellCommand[] = [
  {
    name: "bookmark",
    aliases: [],
    synopsis: SYNOPSIS,
    summary: "keep this place, or TARGET, under a name; show all; forget one",
    examples: ["bookmark add work", "bookmark add mirror ftp.example.org:pub", "bookmark"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 3, missing: "" },
    completes: ["nothing", "bookmark", "nothing"],
    run: bookmark,
  },
];
