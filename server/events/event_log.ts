/**
 * Events in the server's log: as a text for people, with fields for programs.
 *
 * @module
 */
import { log, type LogFields } from "../../shared/log.ts";
import type { SessionEvent } from "./event.ts";
import { eventText } from "./event_text.ts";

/**
 * Writes an event to the log: commands at `debug`, failed logins at `warning`, the rest at `info`.
 *
 * @param event What happened.
 */
export function logEvent(event: SessionEvent): void {
  const text = eventText(event);
  if (text === undefined) return;
  const fields = eventFields(event);
  if (event.kind === "command") log.debug(text, fields);
  else if (event.kind === "login" && event.result !== "accepted") log.warning(text, fields);
  else log.info(text, fields);
}

/**
 * What programs want to know of an event.
 *
 * @param event What happened.
 * @returns Plain values by name; no password is among them.
 */
export function eventFields(event: SessionEvent): LogFields {
  const { session, address, user } = event;
  const origin = { event: event.kind, session, address, ...(user === undefined ? {} : { user }) };
  switch (event.kind) {
    case "command": {
      const { command = "", reply: { code }, milliseconds } = event;
      return { ...origin, command, reply: code, milliseconds: round(milliseconds) };
    }
    case "login": {
      const { name, result, reason } = event;
      return { ...origin, name, result, ...(reason === undefined ? {} : { reason }) };
    }
    case "transfer": {
      const { verb, direction, path, bytes, ascii, complete } = event;
      const milliseconds = round(event.milliseconds);
      return { ...origin, verb, direction, path, bytes, milliseconds, ascii, complete };
    }
    case "closed":
      return { ...origin, milliseconds: round(event.milliseconds) };
    case "rename":
    case "delete":
    case "make-directory":
    case "remove-directory":
      return { ...origin, path: event.path, ...(event.to === undefined ? {} : { to: event.to }) };
    case "opened":
    case "received":
    case "reply":
      return origin;
  }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
