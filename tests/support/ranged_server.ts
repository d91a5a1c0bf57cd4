/**
 * A server of one file for several clients at once, with the faults that a test asks for.
 *
 * @module
 */

/** What a server does in place of the right thing. */
export interface RangedFaults {
  /** What the file is when a session asks; `file` is what it is otherwise. */
  readonly content?: (transfer: number) => Uint8Array;
  /** Answer to MDTM; null: it does not know the command. */
  readonly modified?: (transfer: number) => string | null;
  /** The server does not know SIZE. */
  readonly noSize?: boolean;
  /** Refuses REST. */
  readonly noRest?: boolean;
  /** Where a transfer really begins. */
  readonly begin?: (asked: Transfer) => number;
  /** The data connection ends after so many bytes of it, and the final reply. */
  readonly end?: (
    asked: Transfer,
  ) => { readonly bytes: number; readonly reply: string | undefined } | undefined;
  /** Waits before more than so many bytes of a transfer are sent. */
  readonly pause?: (asked: Transfer, bytes: number) => Promise<void>;
  /**
   * The first transfer stops at {@linkcode HOLD} bytes until the file was asked for so many times, those
   * included who may not come in, or somebody may not begin in the middle.
   */
  readonly hold?: number;
  /** Sessions at a time; more are turned away with 421. */
  readonly sessions?: number;
}

/** One RETR. */
export interface Transfer {
  /** Which one it is, from 0, over all sessions. */
  readonly number: number;
  /** Which session asks, from 0. */
  readonly session: number;
  readonly offset: number;
}

const CHUNK = 16 * 1024;

/** A whole number of pieces that are sent. */
export const HOLD: number = 8 * CHUNK;

/** The server. Disposing it cuts everything. */
export class RangedServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #file: Uint8Array;
  readonly #faults: RangedFaults;
  readonly #open = new Set<Deno.Conn>();
  readonly #running = new Set<Promise<void>>();
  #sessions = 0;
  /** What each session has said so far. */
  readonly commands: string[][] = [];
  /** Every RETR so far. */
  readonly transfers: Transfer[] = [];
  /** Bytes sent so far; called at each piece. */
  onSent: (bytes: number) => void = () => {};
  #sent = 0;
  #refusals = 0;
  readonly #together = Promise.withResolvers<void>();

  /** Listens. */
  constructor(file: Uint8Array, faults: RangedFaults = {}) {
    this.#file = file;
    this.#faults = faults;
    this.#run(this.#accept());
  }

  /** Its control port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many sessions there have been. */
  get sessions(): number {
    return this.#sessions;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#together.resolve();
    for (const connection of this.#open) connection[Symbol.dispose]();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(work: Promise<void>): void {
    // Both sides cut connections, which is part of the play.
    const done = work.catch(() => {}).finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#run(this.#serve(connection));
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const most = this.#faults.sessions ?? Infinity;
    const session = this.#sessions++;
    this.#open.add(connection);
    try {
      if (this.#open.size > most) {
        this.#refusals++;
        this.#release();
        await reply(connection, "421 too many");
      } else await new Dialogue(connection, session, this).play();
    } finally {
      this.#open.delete(connection);
      connection[Symbol.dispose]();
    }
  }

  #release(): void {
    const asked = this.transfers.length + this.#refusals;
    if (asked >= (this.#faults.hold ?? 0)) this.#together.resolve();
  }

  /** Answers what a session asks about the file. */
  answer(line: string, session: number): string | undefined {
    const [verb] = line.split(" ");
    (this.commands[session] ??= []).push(line);
    const { noSize, noRest, modified } = this.#faults;
    if (verb === "REST" && noRest) this.#together.resolve();
    const at = this.transfers.length;
    if (verb === "SIZE") return noSize ? "502 what" : `213 ${this.#content(at).length}`;
    if (verb === "REST") return noRest ? "502 what" : "350 go on";
    if (verb !== "MDTM") return undefined;
    const time = modified === undefined ? "20240102030405" : modified(at);
    return time === null ? "502 what" : `213 ${time}`;
  }

  #content(transfer: number): Uint8Array {
    return this.#faults.content?.(transfer) ?? this.#file;
  }

  /** Sends the file over a data connection; gives the final reply. */
  async send(
    data: Deno.Conn,
    way: { readonly session: number; readonly offset: number },
  ): Promise<string | undefined> {
    const transfer = { ...way, number: this.transfers.length };
    const content = this.#content(transfer.number);
    this.transfers.push(transfer);
    this.#release();
    const begin = this.#faults.begin?.(transfer) ?? transfer.offset;
    const end = this.#faults.end?.(transfer);
    const bytes = content.subarray(begin, end === undefined ? undefined : begin + end.bytes);
    for (let at = 0; at < bytes.length;) {
      if (transfer.number === 0 && at === HOLD) await this.#together.promise;
      await this.#faults.pause?.(transfer, at);
      const written = await data.write(bytes.subarray(at, nextStop(at)));
      at += written;
      this.onSent(this.#sent += written);
    }
    return end === undefined ? "226 done" : end.reply;
  }
}

/** A write may take less than it is given. */
function nextStop(at: number): number {
  return at - at % CHUNK + CHUNK;
}

async function reply(connection: Deno.Conn, line: string): Promise<void> {
  await connection.write(new TextEncoder().encode(`${line}\r\n`));
}

/** One session. */
class Dialogue {
  readonly #control: Deno.TcpConn;
  readonly #session: number;
  readonly #server: RangedServer;
  #offset = 0;
  #passive: Deno.TcpListener | undefined;

  constructor(control: Deno.TcpConn, session: number, server: RangedServer) {
    this.#control = control;
    this.#session = session;
    this.#server = server;
  }

  async play(): Promise<void> {
    await reply(this.#control, "220 ranged");
    const decoder = new TextDecoderStream();
    let text = "";
    try {
      for await (const piece of this.#control.readable.pipeThrough(decoder)) {
        text += piece;
        const lines = text.split("\r\n");
        text = lines.pop() ?? "";
        for (const line of lines) if (!await this.#answer(line)) return;
      }
    } finally {
      this.#passive?.close();
    }
  }

  /** Whether the session goes on. */
  async #answer(line: string): Promise<boolean> {
    const [verb = "", argument = ""] = line.split(" ");
    const said = this.#server.answer(line, this.#session);
    if (verb === "RETR") return await this.#retrieve();
    if (verb === "EPSV") {
      this.#passive?.close();
      this.#passive = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    }
    const answers: Readonly<Record<string, string>> = {
      USER: "230 in",
      TYPE: "200 ok",
      PWD: '257 "/" is here',
      EPSV: `229 here (|||${this.#passive?.addr.port}|)`,
      QUIT: "221 bye",
    };
    const answer = said ?? answers[verb] ?? "502 what";
    if (answer.startsWith("350")) this.#offset = Number(argument);
    await reply(this.#control, answer);
    return verb !== "QUIT";
  }

  async #retrieve(): Promise<boolean> {
    using listener = this.#passive;
    this.#passive = undefined;
    const offset = this.#offset;
    this.#offset = 0;
    await reply(this.#control, "150 here it comes");
    if (listener === undefined) return false;
    using data = await listener.accept();
    const session = this.#session;
    const sent = this.#server.send(data, { session, offset });
    const final = await sent.catch(() => "426 the connection was closed");
    data[Symbol.dispose]();
    if (final !== undefined) await reply(this.#control, final);
    return final !== undefined;
  }
}
