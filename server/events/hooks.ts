/**
 * Programs and calls that wait for something to have happened. They run in the supervisor, never in
 * a session, and no session waits for them.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";
import type { HookEvent, HookSpec } from "../configuration/config.ts";
import type { SessionEvent } from "./event.ts";
import { runProgram } from "./hook_exec.ts";
import { HookQueue, type HookRun } from "./hook_queue.ts";
import { callWebhook } from "./hook_webhook.ts";

/** How a run of a hook has ended, as metrics name it. */
export type HookResult = "done" | "failed" | "dropped";

/** Takes the end of each run. */
export type HookCounter = (kind: HookSpec["kind"], result: HookResult) => void;

/** Milliseconds that a stop waits for hooks. */
const LAST_WAIT = 5000;

/** Runs hooks. */
export class Hooks implements AsyncDisposable {
  readonly #count: HookCounter;
  readonly #lastWait: number;
  readonly #queues = new Map<string, HookQueue>();
  readonly #stopping = new AbortController();
  #hooks: readonly HookSpec[] = [];
  #root = "/";

  /**
   * Makes it without any hook.
   *
   * @param count Takes the end of each run.
   * @param lastWait Milliseconds that a stop waits for hooks.
   */
  constructor(count: HookCounter = () => {}, lastWait: number = LAST_WAIT) {
    this.#count = count;
    this.#lastWait = lastWait;
  }

  /**
   * Other hooks from now on. What runs and what waits goes on as it was asked for.
   *
   * @param hooks The hooks.
   * @param root Real path of the shared directory.
   */
  use(hooks: readonly HookSpec[], root: string): void {
    this.#hooks = hooks;
    this.#root = root;
    for (const [target, queue] of this.#queues) if (queue.idle) this.#queues.delete(target);
  }

  /** Takes an event. */
  observe(event: SessionEvent): void {
    const kind = hookEvent(event);
    if (kind === undefined) return;
    for (const hook of this.#hooks) {
      if (hook.on.includes(kind)) this.#queue(hook).add(this.#run(hook, event));
    }
  }

  #queue(hook: HookSpec): HookQueue {
    const target = JSON.stringify(hook.kind === "exec" ? hook.command : hook.url);
    const present = this.#queues.get(target);
    if (present !== undefined) return present;
    const queue = new HookQueue({
      onTrouble: (message) => log.error(`hook ${nameOf(hook)}: ${message}`),
      onDropped: () => this.#count(hook.kind, "dropped"),
    });
    this.#queues.set(target, queue);
    return queue;
  }

  #run(hook: HookSpec, event: SessionEvent): HookRun {
    const root = this.#root;
    return async () => {
      try {
        await runHook(hook, { event, root, signal: this.#stopping.signal });
        this.#count(hook.kind, "done");
      } catch (error) {
        this.#count(hook.kind, "failed");
        log.error(`hook ${nameOf(hook)} failed: ${reasonOf(error)}`);
      }
    };
  }

  /** Waits a little for what runs and waits, then ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#giveUp(), this.#lastWait);
    await Promise.all([...this.#queues.values()].map((queue) => queue.ended()));
    clearTimeout(timer);
  }

  #giveUp(): void {
    const left = [...this.#queues.values()].reduce((sum, queue) => sum + queue.clear(), 0);
    if (left > 0) log.error(`the server stops: ${left} events are not told to hooks any more`);
    this.#stopping.abort();
  }
}

/** Neither arguments nor the path of an address: either may be a secret. */
function nameOf(hook: HookSpec): string {
  return hook.kind === "exec" ? hook.command[0] ?? "" : new URL(hook.url).origin;
}

interface HookCall {
  readonly event: SessionEvent;
  readonly root: string;
  readonly signal: AbortSignal;
}

async function runHook(hook: HookSpec, { event, root, signal }: HookCall): Promise<void> {
  if (hook.kind === "webhook") {
    return await callWebhook({ ...hook, body: JSON.stringify(hookPayload(event)), signal });
  }
  await runProgram({ ...hook, input: `${JSON.stringify(hookPayload(event, root))}\n`, signal });
}

/** Whom a limit turned away has not failed: a program that bans addresses must not hear of it. */
const LOGIN_EVENTS = { accepted: "login", refused: "login-failed", limited: undefined } as const;

/** What a hook calls an event; undefined where no hook can wait for it. */
function hookEvent(event: SessionEvent): HookEvent | undefined {
  switch (event.kind) {
    case "transfer":
      return event.direction === "in" && event.complete ? "upload" : undefined;
    case "delete":
    case "rename":
      return event.kind;
    case "login":
      return LOGIN_EVENTS[event.result];
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
  const { session, address, user, anonymous, at } = event;
  const common = {
    event: hookEvent(event),
    time: new Date(at).toISOString(),
    session,
    address,
    user: user ?? (event.kind === "login" ? event.name : undefined),
    anonymous,
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
