/**
 * The client's side of the HTTP method CONNECT (RFC 9110 section 9.3.6), in HTTP/1.1 (RFC 9112).
 *
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import { ConnectError, ProtocolError } from "./errors.ts";
import { escapeControls } from "./safe_text.ts";
import type { ProxyLogin } from "./socks.ts";

/** Most bytes of an answer's head. */
const LONGEST_HEAD = 16 * 1024;

const HEAD_END = /\r?\n\r?\n/;
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})(?: ([^\r\n]*))?\r?\n/;
const HTTP_START = "HTTP/1.";

/**
 * One request for a tunnel, whatever way the proxy's answer is cut.
 *
 * @example Usage
 * ```ts
 * import { ConnectHandshake } from "./http_connect.ts";
 * const handshake = new ConnectHandshake({ hostname: "ftp.example.org", port: 21 });
 * handshake.push(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n220 he"));
 * if (handshake.rest?.length !== 6) throw new Error("unexpected");
 * ```
 */
export class ConnectHandshake {
  readonly #target: Endpoint;
  readonly #login: ProxyLogin | undefined;
  /** What has come of the head, each byte a character. */
  #head = "";
  #rest: Uint8Array | undefined;

  /** Asks for a tunnel to `target`; names are resolved by the proxy. */
  constructor(target: Endpoint, login?: ProxyLogin) {
    this.#target = target;
    this.#login = login;
  }

  /** What is sent first, and all that is sent. */
  begin(): Uint8Array {
    const { hostname, port } = this.#target;
    const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
    if (this.#login !== undefined) lines.push(`Proxy-Authorization: Basic ${basic(this.#login)}`);
    return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes What arrived; not kept beyond the call.
   * @returns What is to be sent now: nothing.
   * @throws {ConnectError} If the proxy refuses; the text is the reason alone.
   * @throws {ProtocolError} If this is not HTTP.
   */
  push(bytes: Uint8Array): Uint8Array {
    this.#head += Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    while (this.#rest === undefined && this.#takeHead());
    return new Uint8Array();
  }

  /** Once the tunnel stands: the bytes of the host behind the proxy's answer. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /** Takes one head; whether there was one. */
  #takeHead(): boolean {
    if (!this.#head.startsWith(HTTP_START.slice(0, this.#head.length))) {
      throw new ProtocolError("does not speak HTTP");
    }
    const end = HEAD_END.exec(this.#head);
    if (end === null) {
      if (this.#head.length <= LONGEST_HEAD) return false;
      throw new ProtocolError(`answers with more than ${LONGEST_HEAD} bytes`);
    }
    const behind = this.#head.slice(end.index + end[0].length);
    const code = this.#status();
    // Whatever length a 2xx names, no content belongs to it (RFC 9110 section 9.3.6).
    if (code >= 200) this.#rest = Uint8Array.from(behind, (character) => character.charCodeAt(0));
    this.#head = behind;
    return true;
  }

  #status(): number {
    const [, digits, reason = ""] = STATUS_LINE.exec(this.#head) ?? [];
    if (digits === undefined) throw new ProtocolError("does not speak HTTP");
    const code = Number(digits);
    if (code < 300) return code;
    const text = escapeControls(reason).trim();
    throw new ConnectError(`refused: ${text === "" ? digits : `${digits} ${text}`}`);
  }
}

/** RFC 7617 section 2. */
function basic({ user, password }: ProxyLogin): string {
  return new TextEncoder().encode(`${user}:${password.reveal()}`).toBase64();
}
