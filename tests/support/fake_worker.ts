/**
 * Session workers that are no threads: they answer as a test's script says, and note what they hear.
 *
 * @module
 */
import type { FromWorker, ToWorker } from "../../server/admission/authority.ts";
import type { WorkerClient, WorkerPort } from "../../server/supervisor/worker_handle.ts";

/** What is said to each message, once for each. */
export type Script = Partial<Record<ToWorker["kind"], FromWorker>>;

export const FAKE_ADDRESS = { hostname: "127.0.0.1", port: 2121 };

/** A thread that answers as its script says, and notes what it was told. */
export class FakeWorker implements WorkerPort {
  onmessage: WorkerPort["onmessage"] = null;
  onerror: WorkerPort["onerror"] = null;
  readonly told: ToWorker[] = [];
  terminated = false;

  constructor(readonly answers: Partial<Record<ToWorker["kind"], FromWorker>>) {}

  postMessage(message: ToWorker): void {
    this.told.push(message);
    const answer = this.answers[message.kind];
    if (answer !== undefined) queueMicrotask(() => this.say(answer));
  }

  say(data: FromWorker): void {
    this.onmessage?.call(this as unknown as Worker, new MessageEvent("message", { data }));
  }

  die(message: string): void {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.onerror?.call(this as unknown as Worker, event);
  }

  terminate(): void {
    this.terminated = true;
  }

  get kinds(): string[] {
    return this.told.map(({ kind }) => kind);
  }
}

export const HEALTHY: Script = {
  start: { kind: "listening", at: FAKE_ADDRESS },
  serve: { kind: "serving" },
  retire: { kind: "stopped" },
  stop: { kind: "stopped" },
};

/** Whom workers talk to in tests that do not care what they say. */
export const DEAF_CLIENT: WorkerClient = {
  decide: () => Promise.resolve(undefined),
  ended: () => {},
  loggedOut: () => {},
  transferEnded: () => {},
  quotaGiven: () => {},
  event: () => {},
  log: () => {},
};
