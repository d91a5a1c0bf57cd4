/**
 * The life of a session: read, gate, run, one final reply.
 *
 * Two loops share a queue. One reads lines all the while, also during a transfer; the other runs
 * commands one after another. While a transfer moves data, NOOP, STAT and QUIT at the head of the
 * queue are answered at once; ABOR stops the transfer when it is read, and is answered in its turn.
 *
 * @module
 */
import { decodeLine, type Line, LineReader } from "../../shared/line_reader.ts";
import { log } from "../../shared/log.ts";
import type { Reply } from "../../shared/reply.ts";
import { reply } from "../../shared/reply_code.ts";
import { parseLine, shownCommand } from "./client_line.ts";
import { CommandPace } from "./command_pace.ts";
import { CommandQueue, mayInterrupt, type Pending } from "./command_queue.ts";
import type { CommandContext, Commands } from "../session/command.ts";
import { errorReply } from "../session/error_reply.ts";
import { CLOSING_TIME, sayGoodbye } from "./farewell.ts";
import { foreignProtocol } from "./foreign_protocol.ts";
import { gate } from "./gate.ts";
import type { IdleWatch } from "./idle_watch.ts";
import { ReadBuffer } from "./read_buffer.ts";
import type { Session } from "../session/session.ts";
import type { SessionRunner } from "../session/session_state.ts";
import { inTransferSlot } from "../transfer/transfer_slot.ts";
import { UpgradeGate } from "./upgrade_gate.ts";

/** What the sessions of a listener are run with. */
export interface RunOptions {
  /** Every command there is. */
  readonly commands: Commands;
  /** Ends those that do nothing. */
  readonly idle: IdleWatch;
}

/**
 * Runs a session to its end.
 *
 * @param session The session; the caller disposes it.
 * @param options The commands, and who watches it.
 */
export function runSession(session: Session, options: RunOptions): Promise<void> {
  return new ControlLoop(session, options).run();
}

class ControlLoop implements SessionRunner {
  readonly #session: Session;
  readonly #options: RunOptions;
  readonly #queue = new CommandQueue();
  #current: Pending | undefined;
  /** Answered beside the transfer that runs. */
  #aside: Pending | undefined;
  #closeReason: string | undefined;
  readonly #upgrades = new UpgradeGate();
  #intruded = false;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  #atOnce: Promise<void> | undefined;

  constructor(session: Session, options: RunOptions) {
    this.#session = session;
    this.#options = options;
    session.runner = this;
  }

  async run(): Promise<void> {
    const session = this.#session;
    this.#say(reply("serviceReady", ...session.host.config.welcome.split("\n")));
    session.replies.flush();
    const reading = this.#read();
    await this.#runAll();
    // A reader that waits for room would wait for ever: nobody takes commands any more.
    this.#queue.clear();
    this.#upgrades.end();
    await this.#atOnce;
    if (this.#closeReason !== undefined) this.#say(reply("closing", this.#closeReason));
    await sayGoodbye(session);
    session.cut("The session has ended");
    await reading;
    clearTimeout(this.#giveUp);
  }

  /** Takes no new command, and 421 follows once a running transfer has ended. */
  end(reason: string): void {
    // The client has said or been told already that this is the end.
    if (this.#session.state.kind === "closing") return;
    this.#closeReason ??= reason;
    this.#queue.end();
    this.#giveUp ??= setTimeout(() => this.#cutDeaf(), CLOSING_TIME);
  }

  /** Aborts the commands that run. */
  abort(): void {
    this.#current?.abort.abort();
    this.#aside?.abort.abort();
  }

  /** A client that takes no replies cannot be told that the session is over. */
  #cutDeaf(): void {
    if (this.#session.transfer === undefined) this.#session.cut("Replies are not taken");
  }

  async #read(): Promise<void> {
    const session = this.#session;
    const { connection } = session;
    const { maxCommands } = session.host.config;
    const pace = maxCommands === undefined ? undefined : new CommandPace(maxCommands);
    const lines = new LineReader();
    const buffer = new ReadBuffer();
    try {
      while (!session.lost) {
        while (this.#queue.full) await this.#queue.changed();
        if (session.replies.behind) await session.replies.drain();
        const oneByte = this.#expectsAbort && lines.mayBeTelnet;
        const count = await connection.read(buffer.room(oneByte));
        if (count === null) break;
        lines.charset = session.charset;
        const taken = lines.push(buffer.took(count));
        for (const [at, line] of taken.entries()) {
          if (pace !== undefined) await pace.wait(session.signal);
          this.#take(line, at + 1 < taken.length || lines.held > 0);
        }
        this.#refuse(lines.takeRefusals());
        if (this.#intruded) break;
        await this.#upgrades.ended();
      }
    } catch (error) {
      log.debug(`session ${session.id} lost: ${String(error)}`);
      this.#queue.clear();
    }
    // Without its control connection no transfer can end well.
    this.#abortTransfers();
    this.#queue.end();
  }

  /** No to every Telnet option (RFC 1123 section 4.1.2.12). */
  #refuse(options: Uint8Array): void {
    if (options.length === 0) return;
    this.#session.replies.addTelnet(options);
    this.#session.replies.flush();
  }

  /**
   * ABOR comes as a Telnet Synch (RFC 959 section 4.1.3), with an urgent byte in it. A read that the
   * urgent byte cuts short is taken for the end of what has arrived, and what lies behind it is not
   * seen until more comes: so, while ABOR may come, the start of a line is read byte by byte.
   */
  get #expectsAbort(): boolean {
    return this.#queue.abortable(this.#current).length > 0;
  }

  /** Takes a line; `followed`: more has come behind it. */
  #take(line: Line, followed: boolean): void {
    if (this.#intruded || (this.#closing && this.#session.transfer === undefined)) return;
    const pending = this.#understand(line, new AbortController());
    this.#session.touch();
    const { command } = pending;
    const upgrades = pending.spec?.upgrades?.(this.#session, command?.argument ?? "");
    if (upgrades && followed) return this.#intrude(`Nothing may follow ${command?.verb} so soon`);
    const protocol = command && foreignProtocol(command.verb);
    if (protocol !== undefined) return this.#intrude(`This is FTP, not ${protocol}`);
    if (upgrades) this.#upgrades.begin(pending);
    if (command?.verb === "ABOR" && command.argument === undefined) this.#abortTransfers();
    this.#queue.push(pending);
    this.#answerAtOnce();
  }

  /** Somebody else's words are among the client's: none of them is obeyed (RFC 4217 section 15). */
  #intrude(reason: string): void {
    log.warning(`session ${this.#session.id} closed: ${reason}`);
    this.#intruded = true;
    this.#queue.clear();
    this.end(reason);
  }

  #understand(line: Line, abort: AbortController): Pending {
    const { charset } = this.#session;
    const { command, refusal } = parseLine(line);
    const spec = command && this.#options.commands.get(command.verb);
    const raw = line.kind === "too-long" ? undefined : line.raw;
    return { command, refusal, spec, raw, charset, abort };
  }

  /** A command before it, such as OPTS UTF8, may have changed the encoding since it was read. */
  #understandNow(pending: Pending): Pending {
    const { raw, charset, abort } = pending;
    if (raw === undefined || charset === this.#session.charset) return pending;
    return this.#understand(decodeLine(raw, this.#session.charset), abort);
  }

  get #closing(): boolean {
    const { lost, state } = this.#session;
    return lost || state.kind === "closing" || this.#closeReason !== undefined;
  }

  #abortTransfers(): void {
    for (const { abort } of this.#queue.abortable(this.#current)) abort.abort();
  }

  /** Answers what may not wait for the transfer that runs now. */
  #answerAtOnce(): void {
    while (this.#session.transfer !== undefined) {
      const next = this.#queue.peek();
      if (next === undefined || !mayInterrupt(next)) return;
      this.#queue.shift();
      this.#atOnce = this.#answerAside(next, this.#atOnce);
    }
  }

  async #answerAside(next: Pending, before: Promise<void> | undefined): Promise<void> {
    await before;
    this.#aside = next;
    await this.#answer(next);
    this.#aside = undefined;
    this.#session.replies.flush();
  }

  async #runAll(): Promise<void> {
    const { replies } = this.#session;
    while (!this.#queue.finished && !this.#closing) {
      const first = this.#queue.shift();
      if (first === undefined) {
        // Replies to a batch of commands go out together.
        replies.flush();
        await this.#queue.changed();
        continue;
      }
      if (replies.behind) await replies.drain();
      const next = this.#understandNow(first);
      this.#current = next;
      this.#session.busy = true;
      await this.#answer(next);
      await this.#upgrades.finish(next, this.#session);
      this.#session.busy = false;
      this.#session.touch();
      this.#current = undefined;
      if (next.spec?.transfers) this.#session.endTransfer();
      this.#options.idle.review(this.#session);
    }
  }

  /** Runs one command and adds its one final reply. */
  async #answer(pending: Pending): Promise<void> {
    const started = performance.now();
    const session = this.#session;
    const { command } = pending;
    if (session.host.events.commands && command !== undefined) {
      session.emit({ kind: "received", command: shownCommand(command) });
    }
    const answer = pending.refusal ?? await this.#run(pending);
    if (pending.command?.verb !== "RNFR") session.renameFrom = undefined;
    session.replies.add(answer);
    if (!session.host.events.commands) return;
    session.emit({
      kind: "command",
      command: command === undefined ? undefined : shownCommand(command),
      reply: answer,
      milliseconds: performance.now() - started,
    });
  }

  async #run(pending: Pending): Promise<Reply> {
    const { command, spec, abort } = pending;
    if (command === undefined) return reply("unknownCommand");
    const refused = gate(this.#session, { command, spec });
    if (refused !== undefined || spec === undefined) return refused ?? reply("unknownCommand");
    const context: CommandContext = {
      session: this.#session,
      signal: abort.signal,
      commands: this.#options.commands,
      preliminary: (line) => this.#preliminary(line),
      afterReply: (step) => pending.after = step,
    };
    try {
      const run = () => spec.run(context, command.argument ?? "");
      return spec.transfers ? await inTransferSlot(this.#session, run) : await run();
    } catch (error) {
      return errorReply(error);
    }
  }

  /** A reply that is no command's final one. */
  #say(line: Reply): void {
    const { replies, host } = this.#session;
    replies.add(line);
    if (host.events.commands) this.#session.emit({ kind: "reply", reply: line });
  }

  #preliminary(line: Reply): void {
    this.#say(line);
    this.#session.replies.flush();
    this.#answerAtOnce();
  }
}
