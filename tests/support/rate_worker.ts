/**
 * A thread that draws on a bucket of its test: told with the time, says when it is done.
 *
 * @module
 */
import { SupervisorClock } from "../../server/system/supervisor_clock.ts";
import { RateBucket } from "../../shared/rate_bucket.ts";
import { RateLimit } from "../../shared/rate_limit.ts";

/** What the test asks for. */
interface Order {
  readonly memory: SharedArrayBuffer;
  /** The test's time in milliseconds. */
  readonly now: number;
  /** How many bursts to let through. */
  readonly pieces: number;
}

/** What the global scope of a worker offers; Deno's types describe that of the main thread. */
interface WorkerScope {
  postMessage(message: string): void;
  onmessage: ((event: MessageEvent<Order>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

async function draw({ memory, now, pieces }: Order): Promise<void> {
  const clock = new SupervisorClock();
  clock.told(now);
  const limit = new RateLimit(new RateBucket(memory), clock);
  const { signal } = new AbortController();
  for (let piece = 0; piece < pieces; piece++) await limit.wait(limit.burst, signal);
  scope.postMessage("done");
}

scope.onmessage = (event) => void draw(event.data);
scope.postMessage("ready");
