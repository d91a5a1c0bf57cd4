/**
 * One line from a client: the command in it, or the reply to a line that is none.
 *
 * @module
 */
import { type Command, maskCommand, splitCommand } from "../../shared/command_line.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { Line } from "../../shared/line_reader.ts";
import { escapeControls } from "../../shared/safe_text.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { errorReply } from "../session/error_reply.ts";

/** What a line turned out to be: one of the two. */
export interface ParsedLine {
  /** The command. */
  readonly command?: Command;
  /** The reply to a line that is no command. */
  readonly refusal?: Reply;
}

/**
 * Takes a line apart, as far as that needs no state.
 *
 * @param line The line.
 * @returns What it is.
 */
export function parseLine(line: Line): ParsedLine {
  if (line.kind === "too-long") return { refusal: reply("lineTooLong") };
  if (line.kind === "undecodable") {
    return { refusal: reply("badArgument", "The line is not in the encoding of this session") };
  }
  try {
    return { command: splitCommand(line.text) };
  } catch (error) {
    if (error instanceof ProtocolError) return { refusal: errorReply(error) };
    throw error;
  }
}

/**
 * Writes a command for logs.
 *
 * @param command The command.
 * @returns It on one line, passwords masked.
 */
export function shownCommand({ verb, argument }: Command): string {
  return escapeControls(maskCommand(argument === undefined ? verb : `${verb} ${argument}`));
}
