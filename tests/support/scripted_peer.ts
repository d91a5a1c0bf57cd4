/**
 * A server that plays an FTP dialogue word by word, for tests of the client.
 *
 * It expects lines and sends bytes, whole or one at a time, and cuts. A cut is an end of stream:
 * Deno has no SO_LINGER, so a reset cannot be played.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Connection } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import type { TlsPurpose, TlsServer } from "../../shared/tls_server.ts";

/** Milliseconds a peer waits for a line or a connection before it cuts, which fails the test. */
const PATIENCE = 10_000;

const encoder = new TextEncoder();

/** A connection whose other end is the code under test. */
export class ScriptedConnection implements Disposable {
  #connection: Connection;
  #unread = new Uint8Array();

  /** Takes over `connection`. */
  constructor(connection: Deno.TcpConn) {
    connection.setNoDelay();
    this.#connection = asConnection(connection);
  }

  /** The address and port of this side. */
  get local(): Endpoint {
    return this.#connection.local;
  }

  /** Goes on inside TLS, as the server. */
  async secure(server: TlsServer, purpose: TlsPurpose = "control"): Promise<TlsConnection> {
    const secured = await server.secure(this.#connection, { purpose, timeout: PATIENCE });
    this.#connection = secured;
    return secured;
  }

  /** Reads what is there, at least one byte; undefined at the end. */
  async #fill(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const buffer = new Uint8Array(65_536);
    const timer = setTimeout(() => this.close(), PATIENCE);
    try {
      const count = await this.#connection.read(buffer);
      return count === null ? undefined : buffer.subarray(0, count);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Reads one line.
   *
   * @returns It without its CRLF or LF; undefined at the end of the stream.
   */
  async line(): Promise<string | undefined> {
    let end = this.#unread.indexOf(10);
    while (end < 0) {
      const more = await this.#fill();
      if (more === undefined) return undefined;
      this.#unread = new Uint8Array([...this.#unread, ...more]);
      end = this.#unread.indexOf(10);
    }
    const text = new TextDecoder().decode(this.#unread.subarray(0, end));
    this.#unread = this.#unread.slice(end + 1);
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }

  /**
   * Reads one line that must be this one.
   *
   * @param wanted The whole line, or what it must match.
   * @returns The line.
   * @throws {AssertionError} If it is another one, or the stream ended.
   */
  async expect(wanted: string | RegExp): Promise<string> {
    const line = await this.line() ?? "(end of stream)";
    if (typeof wanted === "string") assertEquals(line, wanted);
    else assertMatch(line, wanted);
    return line;
  }

  /**
   * Reads exactly so many bytes.
   *
   * @throws {AssertionError} If the stream ends before.
   */
  async bytes(count: number): Promise<Uint8Array> {
    while (this.#unread.length < count) {
      const more = await this.#fill();
      assert(more !== undefined, `the stream ended ${count - this.#unread.length} bytes early`);
      this.#unread = new Uint8Array([...this.#unread, ...more]);
    }
    const taken = this.#unread.slice(0, count);
    this.#unread = this.#unread.slice(count);
    return taken;
  }

  /** Sends bytes, or text as UTF-8, exactly as given. */
  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? encoder.encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** Sends each line with a CRLF, all in one write. */
  async sendLines(...lines: string[]): Promise<void> {
    await this.send(lines.map((line) => `${line}\r\n`).join(""));
  }

  /** Sends one byte at a time, each in a segment of its own where the system lets it. */
  async sendSplit(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let at = 0; at < bytes.length; at++) {
      await this.send(bytes.subarray(at, at + 1));
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Reads all that comes until the end of the stream. */
  async rest(): Promise<Uint8Array> {
    const chunks = [this.#unread];
    this.#unread = new Uint8Array();
    for (let chunk = await this.#fill(); chunk !== undefined; chunk = await this.#fill()) {
      chunks.push(chunk);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  }

  /** Ends our direction; the other one stays open. */
  async end(): Promise<void> {
    await this.#connection.finish();
  }

  /** Cuts the connection. */
  close(): void {
    this[Symbol.dispose]();
  }

  /** Cuts the connection, if it is not cut yet. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

function asConnection(connection: Deno.TcpConn): Connection {
  const close = (): void => connection[Symbol.dispose]();
  return {
    local: connection.localAddr,
    remote: connection.remoteAddr,
    read: (buffer) => connection.read(buffer),
    write: (bytes) => connection.write(bytes),
    finish: () => connection.closeWrite(),
    close,
    [Symbol.dispose]: close,
  };
}

/** A listener on loopback, for control or data connections. */
export class ScriptedListener implements Disposable {
  readonly #listener: Deno.TcpListener;

  /** Listens on a free port of `hostname`. */
  constructor(hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
  }

  /** Its port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** The argument of PORT and of the reply 227 for it (RFC 959). */
  get hostPort(): string {
    return `127,0,0,1,${this.port >> 8},${this.port & 255}`;
  }

  /** Takes the next connection. */
  async accept(): Promise<ScriptedConnection> {
    const timer = setTimeout(() => this[Symbol.dispose](), PATIENCE);
    try {
      return new ScriptedConnection(await this.#listener.accept());
    } finally {
      clearTimeout(timer);
    }
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }
}

/** What a {@linkcode ScriptedServer} plays with one connection. */
export type Script = (control: ScriptedConnection) => Promise<void>;

/** A server that plays one script for each connection that comes, in order. */
export class ScriptedServer implements AsyncDisposable {
  readonly #listener = new ScriptedListener();
  readonly #played: Promise<void>;

  /** Waits for as many connections as there are scripts. */
  constructor(...scripts: readonly Script[]) {
    this.#played = this.#play(scripts);
    this.#played.catch(() => {}); // `done` and the disposal report it.
  }

  /** Its control port on 127.0.0.1. */
  get port(): number {
    return this.#listener.port;
  }

  async #play(scripts: readonly Script[]): Promise<void> {
    for (const script of scripts) {
      using control = await this.#listener.accept();
      await script(control);
    }
  }

  /** Resolves when every script was played to its end; rejects with what went wrong in one. */
  get done(): Promise<void> {
    return this.#played;
  }

  /** Waits for the scripts that have begun; throws what went wrong in one, or if one never began. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener[Symbol.dispose]();
    await this.#played;
  }
}

/** Plays the start that most client tests share: greeting, USER and PASS, any names. */
export async function playLogin(control: ScriptedConnection): Promise<void> {
  await control.sendLines("220 scripted");
  await control.expect(/^USER /);
  await control.sendLines("331 password");
  await control.expect(/^PASS /);
  await control.sendLines("230 in");
}

/** Plays a server that opens a passive listener when it is asked with EPSV (RFC 2428). */
export async function playEpsv(control: ScriptedConnection): Promise<ScriptedListener> {
  await control.expect("EPSV");
  const listener = new ScriptedListener(control.local.hostname);
  await control.sendLines(`229 Entering Extended Passive Mode (|||${listener.port}|)`);
  return listener;
}

/** Connects to a client's data port, as a server does in active mode. */
export async function dial(to: Endpoint): Promise<ScriptedConnection> {
  return new ScriptedConnection(await Deno.connect({ hostname: to.hostname, port: to.port }));
}
