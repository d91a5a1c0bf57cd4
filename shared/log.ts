/**
 * Logs: levels and structured fields.
 *
 * Everything is written through LogTape. The server's supervisor decides where lines go; a worker
 * hands its records over. Levels: `debug` each command and reply, `info` sessions, logins and
 * transfers, `warning` what an administrator should look at, `error` what broke.
 *
 * @module
 */
import {
  configure,
  getLogger,
  type Logger,
  type LogLevel,
  type LogRecord,
  type Sink,
} from "@logtape/logtape";
import { escapeControls } from "./safe_text.ts";

export type { LogLevel, LogRecord };

/** The levels, least important first. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/** Plain values beside a message, for programs that read the log. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** A log record that survives being posted between threads. */
export interface PostedRecord {
  /** How important. */
  readonly level: LogLevel;
  /** What happened, complete. */
  readonly message: string;
  /** When, in milliseconds since 1970. */
  readonly timestamp: number;
  /** What programs want to know besides. */
  readonly fields?: LogFields;
}

/**
 * Makes a record ready for another thread.
 *
 * @param record LogTape's record.
 * @returns Plain data.
 */
export function postable(record: LogRecord): PostedRecord {
  const message = record.message.map((part) => printable(part)).join("");
  const { level, timestamp } = record;
  return { level, message, timestamp, ...fieldsOf(record.properties) };
}

/** Only plain values: a secret or an error is for the message alone, and `text` is the message. */
function fieldsOf(properties: Readonly<Record<string, unknown>>): Pick<PostedRecord, "fields"> {
  const fields: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(properties)) {
    const plain = typeof value === "string" || typeof value === "number" ||
      typeof value === "boolean";
    if (plain && name !== "text") fields[name] = value;
  }
  return Object.keys(fields).length === 0 ? {} : { fields };
}

function printable(part: unknown): string {
  return escapeControls(typeof part === "string" ? part : Deno.inspect(part, { colors: false }));
}

/**
 * One line of the text format.
 *
 * @param record What to print.
 * @returns `2026-01-02T03:04:05.678Z info message`, without an end of line.
 */
export function formatRecord(record: PostedRecord): string {
  return `${new Date(record.timestamp).toISOString()} ${record.level} ${record.message}`;
}

/**
 * Starts logging in this thread.
 *
 * @param write Takes every record at or above the level.
 * @param lowestLevel Records below it are dropped where they arise.
 */
export async function openLog(
  write: (record: PostedRecord) => void,
  lowestLevel: LogLevel,
): Promise<void> {
  const sink: Sink = (record) => write(postable(record));
  await configure({
    reset: true,
    sinks: { out: sink },
    loggers: [
      { category: "ftpkit", sinks: ["out"], lowestLevel },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
}

type Write = (text: string, fields?: LogFields) => void;

/**
 * The program's log, a function for each level. Silent until {@linkcode openLog}. The text is written
 * as it is: LogTape's own calls would take braces in it, such as those of a file name, for a
 * template.
 */
export const log: Readonly<Record<"debug" | "info" | "warning" | "error", Write>> = {
  debug: (text, fields) => logger.debug("{text}", { ...fields, text }),
  info: (text, fields) => logger.info("{text}", { ...fields, text }),
  warning: (text, fields) => logger.warning("{text}", { ...fields, text }),
  error: (text, fields) => logger.error("{text}", { ...fields, text }),
};

const logger: Logger = getLogger("ftpkit");
