/**
 * What the server has done, counted, as Prometheus reads it (text format 0.0.4).
 *
 * @module
 */
import type { SessionEvent } from "./event.ts";

/** What is known elsewhere at the moment of asking. */
export interface MetricsNow {
  /** Sessions at this moment. */
  readonly sessions: number;
  /** How often each limit has said no. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Addresses that were turned away after failed logins. */
  readonly bans: number;
  /** Workers that run, that should run, that only finish their sessions, and that have died. */
  readonly workers: {
    readonly alive: number;
    readonly wanted: number;
    readonly retiring: number;
    readonly deaths: number;
  };
}

const COMMAND_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
const TRANSFER_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 1800];

/** Counts events. */
export class Metrics {
  readonly #sessions = new Counter("ftpkit_sessions_total", "Sessions so far");
  readonly #logins = new Counter("ftpkit_logins_total", "Logins by result");
  readonly #transfers = new Counter("ftpkit_transfers_total", "Transfers by direction and result");
  readonly #bytes = new Counter("ftpkit_bytes_total", "Bytes of transfers by direction");
  readonly #replies = new Counter("ftpkit_replies_total", "Final replies by code");
  readonly #commandTime = new Histogram("ftpkit_command_seconds", {
    help: "Time from a command's turn to its reply",
    bounds: COMMAND_SECONDS,
  });
  readonly #transferTime = new Histogram("ftpkit_transfer_seconds", {
    help: "Time of transfers",
    bounds: TRANSFER_SECONDS,
  });

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
      case "transfer": {
        const { direction, complete, bytes, milliseconds } = event;
        this.#transfers.add({ direction, result: complete ? "complete" : "failed" });
        this.#bytes.add({ direction }, bytes);
        return this.#transferTime.observe(milliseconds / 1000);
      }
      default:
        return;
    }
  }

  /** Everything as text. */
  render(now: MetricsNow): string {
    const refusals = new Counter("ftpkit_refusals_total", "Refusals by limit");
    for (const [limit, count] of now.refusals) refusals.add({ limit }, count);
    const bans = new Counter("ftpkit_bans_total", "Addresses turned away after failed logins");
    bans.add({}, now.bans);
    const deaths = new Counter("ftpkit_worker_deaths_total", "Workers that died and were replaced");
    deaths.add({}, now.workers.deaths);
    const { alive, wanted, retiring } = now.workers;
    return [
      gauge("ftpkit_sessions", "Sessions at this moment", now.sessions),
      ...[this.#sessions, this.#logins, this.#transfers, this.#bytes, this.#replies, refusals, bans]
        .map((counter) => counter.text()),
      this.#commandTime.text(),
      this.#transferTime.text(),
      gauge("ftpkit_workers", "Session workers that run", alive),
      gauge("ftpkit_workers_wanted", "Session workers that should run", wanted),
      gauge("ftpkit_workers_retiring", "Workers that only finish their sessions", retiring),
      deaths.text(),
    ].join("");
  }
}

type Labels = Readonly<Record<string, string>>;

function head(name: string, about: { readonly help: string; readonly type: string }): string {
  return `# HELP ${name} ${about.help}\n# TYPE ${name} ${about.type}\n`;
}

function gauge(name: string, help: string, value: number): string {
  return `${head(name, { help, type: "gauge" })}${name} ${value}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  add(labels: Labels, amount = 1): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  text(): string {
    const lines = [...this.#values].sort().map(([key, value]) => `${this.#name}${key} ${value}\n`);
    return head(this.#name, { help: this.#help, type: "counter" }) + lines.join("");
  }
}

class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(name: string, about: { readonly help: string; readonly bounds: readonly number[] }) {
    this.#name = name;
    this.#help = about.help;
    this.#bounds = about.bounds;
    this.#counts = about.bounds.map(() => 0);
  }

  observe(value: number): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
    this.#count++;
  }

  text(): string {
    let below = 0;
    const buckets = this.#bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return `${this.#name}_bucket{le="${bound}"} ${below}\n`;
    });
    return head(this.#name, { help: this.#help, type: "histogram" }) + buckets.join("") +
      `${this.#name}_bucket{le="+Inf"} ${this.#count}\n` +
      `${this.#name}_sum ${this.#sum}\n${this.#name}_count ${this.#count}\n`;
  }
}
