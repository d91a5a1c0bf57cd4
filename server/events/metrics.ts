/**
 * What the server has done, counted, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */
import type { HookSpec } from "../configuration/config.ts";
import type { SessionEvent } from "./event.ts";
import type { HookResult } from "./hooks.ts";
import { Counter, gaugeText, Histogram, type MetricName } from "./metric.ts";

/** What is known elsewhere at the moment of asking. */
export interface MetricsNow {
  /** Sessions at this moment. */
  readonly sessions: number;
  /** How often each limit has said no. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Addresses that were turned away after failed logins. */
  readonly bans: number;
  /** Workers that run, should run, only finish their sessions, have died and were replaced. */
  readonly workers: {
    readonly alive: number;
    readonly wanted: number;
    readonly retiring: number;
    readonly deaths: number;
    readonly replacements: number;
  };
}

/** The logs that lines can be lost from. */
export type LogName = "log" | "session" | "transfer";

const COMMAND_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const TRANSFER_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 1800];

const DIRECTIONS = ["in", "out", "list"] as const;
const LIMITS = ["sessions", "sessions-per-ip", "sessions-per-user", "transfers"] as const;

/** From 400 on a reply is an error (RFC 959 section 4.2.1). */
const FIRST_ERROR = 400;

/** Counts events. */
export class Metrics {
  readonly #sessions = new Counter({ name: "ftpkit_sessions_total", help: "Sessions so far" }, [
    {},
  ]);
  readonly #logins = new Counter(
    { name: "ftpkit_logins_total", help: "Logins by result" },
    (["accepted", "refused", "limited"] as const).map((result) => ({ result })),
  );
  readonly #transfers = new Counter(
    { name: "ftpkit_transfers_total", help: "Transfers by direction and result" },
    DIRECTIONS.flatMap((direction) => [
      { direction, result: "complete" },
      { direction, result: "failed" },
    ]),
  );
  readonly #bytes = new Counter(
    { name: "ftpkit_bytes_total", help: "Bytes of transfers by direction" },
    DIRECTIONS.map((direction) => ({ direction })),
  );
  readonly #replies = new Counter({
    name: "ftpkit_replies_total",
    help: "Replies by code: final ones to commands, and those that end a session",
  });
  readonly #hooks = new Counter({ name: "ftpkit_hooks_total", help: "Hooks by kind and result" });
  readonly #lost = new Counter(
    { name: "ftpkit_log_lines_lost_total", help: "Lines of logs that could not be written" },
    (["log", "session", "transfer"] as const).map((log) => ({ log })),
  );
  readonly #commandTime = new Histogram({
    name: "ftpkit_command_seconds",
    help: "Time from a command's turn to its reply",
  }, COMMAND_SECONDS);
  readonly #transferTime = new Histogram(
    { name: "ftpkit_transfer_seconds", help: "Time of transfers" },
    TRANSFER_SECONDS,
  );

  /** Counts an event. */
  observe(event: SessionEvent): void {
    switch (event.kind) {
      case "opened":
        return this.#sessions.add({});
      case "login":
        return this.#logins.add({ result: event.result });
      case "command":
        this.#replies.add({ code: String(event.reply.code) });
        return this.#commandTime.observe(event.milliseconds / 1000);
      case "reply":
        if (event.reply.code < FIRST_ERROR) return;
        return this.#replies.add({ code: String(event.reply.code) });
      case "transfer": {
        const { direction, complete, bytes, milliseconds, verb } = event;
        // Its parts were counted when they came.
        if (verb === "COMB") return;
        this.#transfers.add({ direction, result: complete ? "complete" : "failed" });
        this.#bytes.add({ direction }, bytes);
        return this.#transferTime.observe(milliseconds / 1000);
      }
      default:
        return;
    }
  }

  /** Counts the end of a run of a hook. */
  countHook(kind: HookSpec["kind"], result: HookResult): void {
    this.#hooks.add({ kind, result });
  }

  /** Counts lines that could not be written. */
  countLost(log: LogName, lines: number): void {
    this.#lost.add({ log }, lines);
  }

  /** Everything as text. */
  render(now: MetricsNow): string {
    const { alive, wanted, retiring } = now.workers;
    return [
      gaugeText({ name: "ftpkit_sessions", help: "Sessions at this moment" }, now.sessions),
      ...[this.#sessions, this.#logins, this.#transfers, this.#bytes, this.#replies]
        .map((counter) => counter.text()),
      ...countersNow(now).map((counter) => counter.text()),
      this.#hooks.text(),
      this.#lost.text(),
      this.#commandTime.text(),
      this.#transferTime.text(),
      gaugeText({ name: "ftpkit_workers", help: "Session workers that run" }, alive),
      gaugeText({ name: "ftpkit_workers_wanted", help: "Session workers that should run" }, wanted),
      gaugeText({
        name: "ftpkit_workers_retiring",
        help: "Workers that only finish their sessions",
      }, retiring),
    ].join("");
  }
}

/** What is counted elsewhere. */
function countersNow({ refusals, bans, workers }: MetricsNow): readonly Counter[] {
  const single = (about: MetricName, value: number): Counter => {
    const counter = new Counter(about);
    counter.add({}, value);
    return counter;
  };
  const limits = new Counter(
    { name: "ftpkit_refusals_total", help: "Refusals by limit" },
    LIMITS.map((limit) => ({ limit })),
  );
  for (const [limit, count] of refusals) limits.add({ limit }, count);
  return [
    limits,
    single(
      { name: "ftpkit_bans_total", help: "Addresses turned away after failed logins" },
      bans,
    ),
    single({ name: "ftpkit_worker_deaths_total", help: "Workers that died" }, workers.deaths),
    single(
      { name: "ftpkit_worker_replacements_total", help: "Workers started in place of dead ones" },
      workers.replacements,
    ),
  ];
}
