/**
 * Events as lines of the text log.
 *
 * @module
 */
import type { LoginEvent, SessionEvent } from "./event.ts";

/**
 * What the log says of an event.
 *
 * @param event What happened.
 * @returns The text, or undefined where the log is silent.
 */
export function eventText(event: SessionEvent): string | undefined {
  const text = detailText(event);
  return text === undefined ? undefined : `session ${event.session} ${text}`;
}

function detailText(event: SessionEvent): string | undefined {
  switch (event.kind) {
    case "opened":
      return `from ${event.address}`;
    case "closed":
      return "ended";
    case "login":
      return loginText(event, `login of ${JSON.stringify(event.name)} from ${event.address}`);
    case "transfer":
      return `${event.verb} ${JSON.stringify(event.path)} ${
        event.complete ? "complete" : "broken off"
      }, ${event.bytes} bytes`;
    case "rename":
      return `RNTO ${JSON.stringify(event.path)} ${JSON.stringify(event.to)}`;
    case "delete":
      return `DELE ${JSON.stringify(event.path)}`;
    case "make-directory":
      return `MKD ${JSON.stringify(event.path)}`;
    case "remove-directory":
      return `RMD ${JSON.stringify(event.path)}`;
    case "command":
      return `${event.command ?? "(no command)"} ${event.reply.code} ${
        event.milliseconds.toFixed(1)
      } ms`;
    case "received":
    case "reply":
      return undefined;
  }
}

/** What looks for failed logins, such as a program that bans addresses, finds those alone. */
function loginText({ result, reason = "a limit" }: LoginEvent, login: string): string {
  switch (result) {
    case "accepted":
      return login;
    case "refused":
      return `failed ${login}`;
    case "limited":
      return `${login} turned away: ${reason}`;
  }
}
