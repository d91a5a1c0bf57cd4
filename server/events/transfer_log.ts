/**
 * The transfer log in the format of wu-ftpd, which log readers know: xferlog(5), `--transfer-log`.
 *
 * @module
 */
import type { SessionEvent } from "./event.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * The line of an event: current-time, transfer-time, remote-host, file-size, filename,
 * transfer-type, special-action-flag, direction, access-mode, username, service-name,
 * authentication-method, authenticated-user-id, completion-status.
 *
 * @param event What happened.
 * @returns The line without its end; undefined for what is no transfer of a file nor a deletion.
 */
export function transferLine(event: SessionEvent): string | undefined {
  const isFile = event.kind === "transfer" && event.direction !== "list";
  if (!isFile && event.kind !== "delete") return undefined;
  const moved = isFile
    ? {
      seconds: Math.max(1, Math.round(event.milliseconds / 1000)),
      bytes: event.bytes,
      type: event.ascii ? "a" : "b",
      direction: event.direction === "in" ? "i" : "o",
      status: event.complete ? "c" : "i",
    }
    : { seconds: 1, bytes: 0, type: "b", direction: "d", status: "c" };
  return [
    timeText(new Date(event.at)),
    moved.seconds,
    event.address,
    moved.bytes,
    oneWord(event.path),
    moved.type,
    "_",
    moved.direction,
    event.anonymous ? "a" : "r",
    oneWord(event.user ?? "?"),
    "ftp",
    0,
    "*",
    moved.status,
  ].join(" ");
}

/** `Thu Sep  5 09:52:00 2026`, in the server's zone. */
function timeText(time: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
  const day = String(time.getDate()).padStart(2);
  return `${DAYS[time.getDay()]} ${MONTHS[time.getMonth()]} ${day} ${clock} ${time.getFullYear()}`;
}

/** Readers split at spaces. */
function oneWord(text: string): string {
  return text.replace(/[\s\p{Cc}]/gu, "_");
}
