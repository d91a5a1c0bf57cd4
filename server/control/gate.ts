/**
 * Every check that comes before a handler.
 *
 * @module
 */
import type { Command } from "../../shared/command_line.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import type { CommandSpec } from "../session/command.ts";
import type { Session } from "../session/session.ts";

/**
 * Decides whether a command may run now.
 *
 * @param session Who asks.
 * @param command What was asked.
 * @param spec Its entry in the table, where it has one.
 * @returns The reply that refuses it, or undefined where it may run.
 */
export function gate(
  session: Session,
  { command, spec }: { readonly command: Command; readonly spec: CommandSpec | undefined },
): Reply | undefined {
  const { verb, argument } = command;
  if (spec === undefined) return reply("unknownCommand");
  if (spec.access === "user" && session.state.kind !== "ready") return reply("notLoggedIn");
  if (spec.argument === "required" && argument === undefined) {
    return reply("badArgument", `${verb} needs an argument: ${spec.help}`);
  }
  if (spec.argument === "none" && argument !== undefined) {
    return reply("badArgument", `${verb} takes no argument`);
  }
  if (spec.permission !== undefined && !session.may(spec.permission)) {
    return reply("permissionDenied");
  }
  return undefined;
}
