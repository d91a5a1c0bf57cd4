/**
 * Programs and calls that wait for something to have happened. They run in the supervisor, never in
 * a session, and no session waits for them.
 *
 * @module
 */
import { reasonOf } from "../shared/errors.ts";
import { log } from "../shared/log.ts";
import type { HookEvent, HookSpec } from "./config.ts";
import type { SessionEvent } from "./event.ts";
import { runProgram } from "./hook_exec.ts";
import { callWebhook } from "./hook_webhook.ts";

/** Hooks at once. */
const AT_ONCE = 8;

/** Hooks that may wait; what comes beyond is dropped, and the log says so. */
const MOST_WAITING = 10_000;

/** Milliseconds that a stop waits for hooks. */
const LAST_WAIT = 5000;

interface Job {
  readonly hook: HookSpec;
  readonly event: SessionEvent;
}

/** Runs hooks. */
export class Hooks implements AsyncDisposable {
  readonly #hooks: readonly HookSpec[];
  readonly #root: string;
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  /** Makes it; `root` is the real path of the shared directory. */
  constructor(hooks: readonly HookSpec[], root: string) {
    this.#hooks = hooks;
    this.#root = root;
  }

  /** Takes an event. */
  observe(event: SessionEvent): void {
    const kind = hookEvent(event);
    if (kind === undefined) return;
    for (const hook of this.#hooks) if (hook.on.includes(kind)) this.#add({ hook, event });
  }

  #add(job: Job): void {
    if (this.#waiting.length >= MOST_WAITING) {
      return log.error(`hook dropped: ${MOST_WAITING} wait already`);
    }
    this.#waiting.push(job);
    this.#next();
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const running = this.#run(job).finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  async #run({ hook, event }: Job): Promise<void> {
    const { signal } = this.#stopping;
    try {
      if (hook.kind === "exec") {
        const input = `${JSON.stringify(hookPayload(event, this.#root))}\n`;
        await runProgram({ ...hook, input, signal });
      } else {
        await callWebhook({ ...hook, body: JSON.stringify(hookPayload(event)), signal });
      }
    } catch (error) {
      const name = hook.kind === "exec" ? hook.command[0] : new URL(hook.url).origin;
      log.error(`hook ${name} failed: ${reasonOf(error)}`);
    }
  }

  /** Waits a little for what runs and waits, then ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => {
      this.#waiting.length = 0;
      this.#stopping.abort();
    }, LAST_WAIT);
    while (this.#running.size > 0) await Promise.all(this.#running);
    clearTimeout(timer);
  }
}

/** What a hook calls an event; undefined where no hook can wait for it. */
function hookEvent(event: SessionEvent): HookEvent | undefined {
  switch (event.kind) {
    case "transfer":
      return event.direction === "in" && event.complete ? "upload" : undefined;
    case "delete":
    case "rename":
      return event.kind;
    case "login":
      return event.result === "accepted" ? "login" : "login-failed";
    default:
      return undefined;
  }
}

/**
 * What a hook is told.
 *
 * @param event What happened.
 * @param root Real path of the shared directory; with it, `file` is the real path.
 * @returns Plain data.
 */
export function hookPayload(event: SessionEvent, root?: string): Record<string, unknown> {
  const { session, address, user, at } = event;
  const common = {
    event: hookEvent(event),
    time: new Date(at).toISOString(),
    session,
    address,
    user: user ?? (event.kind === "login" ? event.name : undefined),
  };
  if (event.kind === "transfer") {
    const { path, bytes, milliseconds } = event;
    return { ...common, path, bytes, milliseconds: Math.round(milliseconds), ...real(path, root) };
  }
  if (event.kind === "rename") {
    const { path, to = "" } = event;
    return { ...common, path, to, ...real(to, root) };
  }
  return event.kind === "delete"
    ? { ...common, path: event.path, ...real(event.path, root) }
    : common;
}

function real(path: string, root: string | undefined): { readonly file?: string } {
  return root === undefined ? {} : { file: `${root === "/" ? "" : root}${path}` };
}
