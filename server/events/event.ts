/**
 * What happens in sessions, as data: logs, session logs, the transfer log, metrics and hooks are all
 * made from these events, in the supervisor.
 *
 * @module
 */
import type { Reply } from "../../shared/reply.ts";

/** Where an event comes from. */
export interface EventOrigin {
  /** Number of the session, unique while the server runs. */
  readonly session: number;
  /** The client's address. */
  readonly address: string;
  /** Who is logged in. */
  readonly user: string | undefined;
  /** Whether that user came in without a password. */
  readonly anonymous: boolean;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** A command and its one final reply. */
export interface CommandEvent {
  readonly kind: "command";
  /** The line, passwords masked, control characters escaped; undefined where it was no command. */
  readonly command: string | undefined;
  /** The final reply. */
  readonly reply: Reply;
  /** Milliseconds from its turn to its reply. */
  readonly milliseconds: number;
}

/** A command was read and has its turn. */
export interface ReceivedEvent {
  readonly kind: "received";
  /** The line, as in {@linkcode CommandEvent}. */
  readonly command: string;
}

/** A 1yz reply, or a reply that no command asked for. */
export interface ReplyEvent {
  readonly kind: "reply";
  readonly reply: Reply;
}

/** A login was decided. */
export interface LoginEvent {
  readonly kind: "login";
  /** What came with USER. */
  readonly name: string;
  /** `refused`: unknown user or wrong password; `limited`: turned away for another reason. */
  readonly result: "accepted" | "refused" | "limited";
  /** What the client was told, where it was turned away. */
  readonly reason?: string;
}

/** A transfer has ended. */
export interface TransferEvent {
  readonly kind: "transfer";
  /** The command, such as `RETR`; `COMB` makes an upload of several that were there. */
  readonly verb: string;
  /** `in`: from the client; `out`: to the client; `list`: a listing. */
  readonly direction: "in" | "out" | "list";
  /** Virtual path in the shared directory. */
  readonly path: string;
  /** Bytes on the data connection; of COMB, those of the whole file. */
  readonly bytes: number;
  /** Milliseconds from the 150 reply to the end. */
  readonly milliseconds: number;
  /** Whether it was converted as TYPE A asks. */
  readonly ascii: boolean;
  /** Whether all of it arrived: for uploads, that it is under its final name. */
  readonly complete: boolean;
}

/** Something other than a file's content was changed. */
export interface ChangeEvent {
  readonly kind: "delete" | "rename" | "make-directory" | "remove-directory";
  /** Virtual path in the shared directory. */
  readonly path: string;
  /** The new path of a rename. */
  readonly to?: string;
}

/** A session began. */
export interface OpenedEvent {
  readonly kind: "opened";
}

/** A session ended. */
export interface ClosedEvent {
  readonly kind: "closed";
  /** Milliseconds it lived. */
  readonly milliseconds: number;
}

/** What happened. */
export type EventDetail =
  | ReceivedEvent
  | CommandEvent
  | ReplyEvent
  | LoginEvent
  | TransferEvent
  | ChangeEvent
  | OpenedEvent
  | ClosedEvent;

/** One event of a session. Plain data: it crosses threads. */
export type SessionEvent = EventOrigin & EventDetail;

/** Takes events. */
export interface EventSink {
  /** Whether anyone looks at `received`, `command` and `reply` events: they are many. */
  readonly commands: boolean;
  /** Takes one; never throws and never waits. */
  emit(event: SessionEvent): void;
}
