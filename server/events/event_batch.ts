/**
 * Events on their way to the supervisor, many in one message.
 *
 * @module
 */
import type { EventSink, SessionEvent } from "./event.ts";

/** Events in one message. */
const MOST = 256;

/** Milliseconds that an event waits for others. */
const WAIT = 20;

/** Gathers events. */
export class EventBatch implements EventSink {
  /** Whether anyone looks at every command. */
  commands: boolean;
  readonly #send: (events: readonly SessionEvent[]) => void;
  #events: SessionEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes it; `send` takes the events of one message. */
  constructor(commands: boolean, send: (events: readonly SessionEvent[]) => void) {
    this.commands = commands;
    this.#send = send;
  }

  /** Takes one. The end of a session does not wait. */
  emit(event: SessionEvent): void {
    this.#events.push(event);
    if (event.kind === "closed" || this.#events.length >= MOST) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT);
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    this.#send(this.#events);
    this.#events = [];
  }
}
