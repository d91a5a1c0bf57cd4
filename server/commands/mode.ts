/**
 * The form of the data: STRU, MODE with OPTS MODE Z, and RANG (RFC 959 section 3,
 * draft-preston-ftpext-deflate, draft-bryan-ftp-range).
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandContext, CommandTable } from "../session/command.ts";
import { keepsConnection, type Structure, type TransferMode } from "../data/data_form.ts";
import type { Session } from "../session/session.ts";

const STRUCTURES: ReadonlyMap<string, Structure> = new Map([["F", "file"], ["R", "record"]]);

const MODES: ReadonlyMap<string, TransferMode> = new Map([
  ["S", "stream"],
  ["B", "block"],
  ["C", "compressed"],
  ["Z", "deflate"],
]);

function structure({ session }: CommandContext, argument: string): Reply {
  const letter = argument.toUpperCase().trim();
  const chosen = STRUCTURES.get(letter);
  if (chosen === undefined) {
    return letter === "P" ? reply("badParameter") : reply("badArgument", "STRU F or R");
  }
  session.structure = chosen;
  return reply("done", `Structure is ${letter}`);
}

function mode({ session }: CommandContext, argument: string): Reply {
  const letter = argument.toUpperCase().trim();
  const chosen = MODES.get(letter);
  if (chosen === undefined) return reply("badArgument", "MODE S, B, C or Z");
  session.mode = chosen;
  // Where the end of the connection is the end of the file, none can be left over.
  if (!keepsConnection(chosen) && session.dataChannel?.state === "open") {
    session.useDataChannel(undefined);
  }
  return reply("done", `Mode is ${letter}`);
}

/**
 * OPTS MODE Z: the level of later transfers.
 *
 * @param session Whose.
 * @param argument What stands behind `OPTS MODE`.
 * @returns The reply.
 */
export function deflateOptions(session: Session, argument: string): Reply {
  const [, level] = argument.toUpperCase().trim().match(/^Z LEVEL ([1-9])$/) ?? [];
  if (level === undefined) return reply("badArgument", "OPTS MODE Z LEVEL 1 to 9");
  session.deflateLevel = Number(level);
  return reply("done", `MODE Z LEVEL set to ${level}`);
}

/** The two ends are both of the range; `1 0` takes it back. REST and RANG replace one another. */
function range({ session }: CommandContext, argument: string): Reply {
  const [, first, last] = argument.trim().match(/^(\d{1,16}) (\d{1,16})$/) ?? [];
  const start = Number(first);
  const end = Number(last);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) {
    return reply("badArgument", "RANG needs the offsets of the first and the last byte");
  }
  const reset = start === 1 && end === 0;
  if (start > end && !reset) return reply("badArgument", "RANG ends before it starts");
  session.restart = 0;
  session.range = reset ? undefined : { start, end };
  return reply(
    "pending",
    reset ? "The next transfer is of the whole file" : `Restarting at ${start}. Ending at ${end}`,
  );
}

/** The commands of this theme. */
export const MODE_COMMANDS: CommandTable = {
  STRU: {
    argument: "required",
    access: "user",
    during: "idle",
    help: "STRU F|R",
    rfc: "RFC 959 §3.1.2",
    run: structure,
  },
  MODE: {
    argument: "required",
    access: "user",
    during: "idle",
    feature: "MODE Z",
    help: "MODE S|B|C|Z",
    rfc: "RFC 959 §3.4, draft-preston-ftpext-deflate",
    run: mode,
  },
  RANG: {
    argument: "required",
    access: "user",
    during: "idle",
    feature: "RANG STREAM",
    help: "RANG <first byte> <last byte> (1 0: the whole file)",
    rfc: "draft-bryan-ftp-range",
    run: range,
  },
};
