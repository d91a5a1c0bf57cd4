/**
 * One session of a {@linkcode FaultyServer}, and the faults that it can have.
 *
 * @module
 */

import { type MemoryTree, parentOf, resolvePath } from "./faulty_tree.ts";
import type { Ending, FaultyWire } from "./faulty_wire.ts";

/**
 * What a reply becomes: a text in place of what the command does, a change of the usual text, or an
 * end of the connection. Texts have no line end behind the last line, and `""` is no reply at all.
 */
export type Act =
  | string
  | ((usual: string) => string)
  | { readonly say?: string; readonly then: Ending | "stall" };

/** How the data of a transfer goes. */
export interface DataFault {
  /** How many bytes of it move at most; all by default. */
  readonly bytes?: number;
  /** What follows behind the last byte that moves. */
  readonly then?: Ending | "stall";
  /** The final reply comes before the first byte, in one segment with the preliminary one. */
  readonly early?: boolean;
}

/** What is wrong with a server. */
export interface Faults {
  /** In how many sessions, the first ones; all by default. */
  readonly sessions?: number;
  /** In how many transfers, the first ones, data and final replies are wrong; all by default. */
  readonly transfers?: number;
  /**
   * By moment: `greeting`, a verb, a verb and its argument, or `end` behind the verb of a transfer
   * for its final reply. A number counts the replies of a session, from 0.
   */
  readonly acts?: Readonly<Record<string, Act>>;
  /** By verb. */
  readonly data?: Readonly<Record<string, DataFault>>;
  /** Commands it does not know. */
  readonly without?: readonly string[];
  /** REST is answered well and forgotten. */
  readonly ignoresRest?: boolean;
  /** The control connection ends behind so many bytes of a session. */
  readonly controlBytes?: number;
  /** Each byte of a reply is a segment of its own. */
  readonly split?: boolean;
  /** CRLF by default. */
  readonly lineEnd?: string;
}

/** A passive port; a session has one for all its transfers. */
export interface DataPort {
  readonly number: number;
  /** The next connection; undefined: another one is expected instead, or the port was closed. */
  readonly expect: () => Promise<FaultyWire | undefined>;
  readonly close: () => void;
}

/** What all sessions of a server share. */
export interface SessionHome {
  readonly tree: MemoryTree;
  /** The moments of all sessions, in order. */
  readonly moments: string[];
  /** Told of each moment before its reply goes out. */
  readonly onMoment: (index: number) => void;
  /** Told when the data of a transfer has moved, before its end. */
  readonly onData: () => void;
  /** Bytes sent on control connections. */
  controlBytes: number;
  /** Transfers so far. */
  transfers: number;
  /** Opens a port, which is closed with the server. */
  openPort(): Promise<DataPort>;
}

const TRANSFERS: ReadonlySet<string> = new Set(["RETR", "STOR", "LIST", "MLSD"]);

/** Why a session goes no further. */
class Over extends Error {}

/** A session. */
export class FaultySession {
  readonly #server: SessionHome;
  readonly #control: FaultyWire;
  readonly #faults: Faults;
  #replies = 0;
  #sent = 0;
  #directory = "/";
  #offset = 0;
  #renamed = "";
  #port: DataPort | undefined;
  #data: Promise<FaultyWire | undefined> | undefined;
  /** A transfer that runs; resolves when its final reply is out. */
  #running: Promise<void> = Promise.resolve();
  #stalled = false;

  /** Takes the control connection over. */
  constructor(server: SessionHome, control: FaultyWire, faults: Faults) {
    this.#server = server;
    this.#control = control;
    this.#faults = faults;
  }

  /** Plays it to its end. */
  async run(): Promise<void> {
    try {
      await this.#reply("greeting", () => "220 ready");
      for (;;) {
        const line = await this.#control.line();
        if (line === undefined) break;
        await this.#command(line);
      }
    } catch (error) {
      if (!(error instanceof Over)) throw error;
    } finally {
      this.#port?.close();
      await this.#running.catch(() => {});
    }
  }

  async #command(line: string): Promise<void> {
    const [, verb = "", argument = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    if (this.#stalled) return;
    if (verb === "ABOR") await this.#abort();
    await this.#running;
    const moment = this.#faults.acts?.[line] === undefined ? verb : line;
    if (this.#faults.without?.includes(verb)) await this.#say("502 what");
    else if (TRANSFERS.has(verb)) await this.#transfer(moment, { verb, argument });
    else await this.#reply(moment, () => this.#perform(verb, argument));
    if (verb !== "REST") this.#offset = 0;
    if (verb === "QUIT") this.#control.end("close");
  }

  /** Says what the faults make of a reply. */
  async #reply(moment: string, perform: () => string | Promise<string>): Promise<string> {
    const index = this.#replies++;
    this.#server.moments.push(moment);
    this.#server.onMoment(this.#server.moments.length - 1);
    const act = this.#faults.acts?.[moment] ?? this.#faults.acts?.[index];
    if (typeof act === "object") {
      if (act.say !== undefined) await this.#say(act.say);
      this.#stop(act.then);
      return "";
    }
    const text = typeof act === "string" ? act : await perform();
    return await this.#say(typeof act === "function" ? act(text) : text);
  }

  async #say(text: string): Promise<string> {
    const { lineEnd = "\r\n", controlBytes = Infinity, split = false } = this.#faults;
    const wire = text === "" ? "" : `${text}\n`.replaceAll("\n", lineEnd);
    const bytes = new TextEncoder().encode(wire).subarray(0, controlBytes - this.#sent);
    this.#sent += bytes.length;
    this.#server.controlBytes += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const next = split ? at + 1 : bytes.length;
      await this.#control.send(bytes.subarray(at, next));
      if (split) await new Promise((resolve) => setTimeout(resolve));
      at = next;
    }
    if (this.#sent >= controlBytes) this.#stop("close");
    return text;
  }

  #stop(how: Ending | "stall"): void {
    if (how === "stall") {
      this.#stalled = true;
      return;
    }
    this.#control.end(how);
    throw new Over();
  }

  async #perform(verb: string, argument: string): Promise<string> {
    const { tree } = this.#server;
    const path = resolvePath(this.#directory, argument);
    const orNone = (done: boolean, reply: string): string => done ? reply : "550 no";
    switch (verb) {
      case "USER":
        return "331 who";
      case "PASS":
        return "230 in";
      case "FEAT":
        return `211-ok\n${this.#features}\n211 end`;
      case "TYPE":
      case "OPTS":
      case "NOOP":
        return "200 ok";
      case "PWD":
        return `257 "${this.#directory}"`;
      case "CWD":
        if (tree.isDirectory(path)) this.#directory = path;
        return orNone(tree.isDirectory(path), "250 ok");
      case "MLST": {
        const facts = tree.facts(path);
        return orNone(facts !== undefined, `250-ok\n ${facts}\n250 end`);
      }
      case "SIZE":
        return orNone(tree.read(path) !== undefined, `213 ${tree.read(path)?.length}`);
      case "MDTM":
        return orNone(tree.read(path) !== undefined, "213 20240102030405");
      case "REST":
        this.#offset = this.#faults.ignoresRest ? 0 : Number(argument);
        return "350 ok";
      case "EPSV":
        return `229 ok (|||${await this.#listen()}|)`;
      case "PASV": {
        const port = await this.#listen();
        return `227 ok (127,0,0,1,${port >> 8},${port & 255})`;
      }
      case "MKD":
        return orNone(tree.makeDirectory(path), "257 ok");
      case "DELE":
        return orNone(tree.removeFile(path), "250 ok");
      case "RMD":
        return orNone(tree.removeDirectory(path), "250 ok");
      case "RNFR":
        this.#renamed = path;
        return orNone(tree.read(path) !== undefined, "350 ok");
      case "RNTO":
        return orNone(tree.rename(this.#renamed, path), "250 ok");
      case "ABOR":
        return "226 ok";
      case "QUIT":
        return "221 bye";
      default:
        return "502 what";
    }
  }

  /** Few: each byte of it is cut somewhere. */
  get #features(): string {
    return this.#faults.without?.includes("MLSD") ? " UTF8" : " MLST size*;modify*;\n UTF8";
  }

  async #listen(): Promise<number> {
    this.#port ??= await this.#server.openPort();
    this.#data = this.#port.expect();
    return this.#port.number;
  }

  async #abort(): Promise<void> {
    (await this.#data)?.destroy();
  }

  async #transfer(
    moment: string,
    asked: { readonly verb: string; readonly argument: string },
  ): Promise<void> {
    const { verb, argument } = asked;
    const option = verb === "LIST" && argument.startsWith("-");
    const path = resolvePath(this.#directory, option ? "" : argument);
    const isFaulty = this.#server.transfers < (this.#faults.transfers ?? Infinity);
    const { early = false, ...fault } = (isFaulty ? this.#faults.data?.[verb] : undefined) ?? {};
    const content = this.#content(verb, path);
    if (content === undefined) {
      await this.#reply(moment, () => "550 no");
      return;
    }
    const said = await this.#reply(moment, () => early ? "150 ok\n226 done" : "150 ok");
    if (this.#stalled || /^[45]/.test(said)) return;
    this.#server.transfers++;
    const end = isFaulty ? `${verb} end` : "end";
    const work = { verb, path, content, fault, end };
    this.#running = this.#move(work, early);
    this.#running.catch(() => {}); // The next command tells.
  }

  /** What is to be sent, or what is kept of a file that comes; undefined: it cannot be had. */
  #content(verb: string, path: string): Uint8Array | undefined {
    const { tree } = this.#server;
    if (verb === "RETR") return tree.read(path)?.subarray(this.#offset);
    if (verb === "STOR") {
      if (!tree.isDirectory(parentOf(path))) return undefined;
      return tree.read(path)?.subarray(0, this.#offset) ?? new Uint8Array();
    }
    if (!tree.isDirectory(path)) return undefined;
    return new TextEncoder().encode(tree.listing(path, verb === "MLSD" ? "MLSD" : "LIST"));
  }

  async #move(work: Work, early: boolean): Promise<void> {
    const wire = await this.#data;
    if (wire === undefined) return;
    const { fault, verb } = work;
    if (verb === "STOR") await this.#store(wire, work);
    else await wire.send(work.content.subarray(0, fault.bytes ?? Infinity));
    this.#server.onData();
    if (fault.then === "stall") return;
    wire.end(fault.then ?? "close");
    if (!early) await this.#reply(work.end, () => "226 done");
  }

  /** In place, as it comes. */
  async #store(wire: FaultyWire, { path, content, fault }: Work): Promise<void> {
    const { tree } = this.#server;
    const most = content.length + (fault.bytes ?? Infinity);
    let stored = content;
    tree.write(path, stored);
    while (stored.length < most) {
      const chunk = await wire.chunk();
      if (chunk === undefined) return;
      stored = new Uint8Array([...stored, ...chunk.subarray(0, most - stored.length)]);
      tree.write(path, stored);
    }
  }
}

/** A transfer that was accepted. */
interface Work {
  readonly verb: string;
  readonly path: string;
  readonly content: Uint8Array;
  readonly fault: DataFault;
  /** The moment of its final reply. */
  readonly end: string;
}
