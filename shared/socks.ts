/**
 * The client's side of SOCKS5 (RFC 1928), with user name and password (RFC 1929).
 *
 * @module
 */
import { concatBytes } from "./byte_buffer.ts";
import type { Endpoint } from "./endpoint.ts";
import { ConnectError, ProtocolError } from "./errors.ts";
import type { Secret } from "./safe_text.ts";
import { addressBytes } from "./network.ts";

/** Who logs in to a proxy. */
export interface ProxyLogin {
  readonly user: string;
  readonly password: Secret;
}

/** The longest name, user or password in bytes: each has one byte for its length. */
export const LONGEST_SOCKS_TEXT = 255;

const VERSION = 5;
const LOGIN_VERSION = 1;
const NO_LOGIN = 0;
const USER_AND_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;
const ADDRESS_TYPE = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** RFC 1928 section 6, from code 1 on. */
const REFUSALS: readonly string[] = [
  "general failure",
  "not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused by the host",
  "TTL expired",
  "it does not know CONNECT",
  "it does not know this type of address",
];

const encoder = new TextEncoder();

/**
 * One handshake, whatever way the proxy's answers are cut.
 *
 * @example Usage
 * ```ts
 * import { SocksHandshake } from "./socks.ts";
 * const handshake = new SocksHandshake({ hostname: "ftp.example.org", port: 21 });
 * if (handshake.begin().join() !== "5,1,0") throw new Error("unexpected");
 * if (handshake.push(Uint8Array.of(5, 0)).length !== 22) throw new Error("unexpected");
 * ```
 */
export class SocksHandshake {
  readonly #target: Endpoint;
  readonly #login: ProxyLogin | undefined;
  #step: "method" | "login" | "reply" | "done" = "method";
  #held: Uint8Array = new Uint8Array();

  /** Asks for a connection to `target`; what is no address there is resolved by the proxy. */
  constructor(target: Endpoint, login?: ProxyLogin) {
    this.#target = target;
    this.#login = login;
  }

  /** What is sent first: the ways to log in (RFC 1928 section 3). */
  begin(): Uint8Array {
    return this.#login === undefined
      ? Uint8Array.of(VERSION, 1, NO_LOGIN)
      : Uint8Array.of(VERSION, 2, NO_LOGIN, USER_AND_PASSWORD);
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes What arrived; not kept beyond the call.
   * @returns What is to be sent now; may be empty.
   * @throws {ConnectError} If the proxy refuses; the text is the reason alone.
   * @throws {ProtocolError} If this is not SOCKS5.
   */
  push(bytes: Uint8Array): Uint8Array {
    this.#held = concatBytes([this.#held, bytes]);
    const answers: Uint8Array[] = [];
    for (let answer = this.#advance(); answer !== undefined; answer = this.#advance()) {
      answers.push(answer);
    }
    return concatBytes(answers);
  }

  /** Once the connection stands: the bytes of the host behind the proxy's answer. */
  get rest(): Uint8Array | undefined {
    return this.#step === "done" ? this.#held : undefined;
  }

  /** Takes one answer; undefined while it is not complete, or the handshake is over. */
  #advance(): Uint8Array | undefined {
    if (this.#step === "method") return this.#takeMethod();
    if (this.#step === "login") return this.#takeLogin();
    return this.#step === "reply" ? this.#takeReply() : undefined;
  }

  #takeMethod(): Uint8Array | undefined {
    this.#checkVersion();
    const answer = this.#take(2);
    if (answer === undefined) return undefined;
    const [, method] = answer;
    if (method === NO_LOGIN) return this.#request();
    if (method === USER_AND_PASSWORD && this.#login !== undefined) {
      this.#step = "login";
      return loginRequest(this.#login);
    }
    if (method !== NO_METHOD) {
      throw new ProtocolError("chose a way to log in that we did not offer");
    }
    const wish = this.#login === undefined ? "no way in without a login" : "no way to log in";
    throw new ConnectError(`refused: ${wish}`);
  }

  #takeLogin(): Uint8Array | undefined {
    // Some proxies give a wrong version here; only the status counts.
    const answer = this.#take(2);
    if (answer === undefined) return undefined;
    if (answer[1] !== 0) throw new ConnectError("refused: wrong user name or password");
    return this.#request();
  }

  /** RFC 1928 section 4. */
  #request(): Uint8Array {
    this.#step = "reply";
    const { hostname, port } = this.#target;
    const address = addressBytes(hostname);
    const name = encoder.encode(hostname);
    const place = address === undefined
      ? Uint8Array.of(ADDRESS_TYPE.name, name.length, ...name)
      : Uint8Array.of(address.length === 4 ? ADDRESS_TYPE.ipv4 : ADDRESS_TYPE.ipv6, ...address);
    return Uint8Array.of(VERSION, CONNECT, 0, ...place, port >> 8, port & 255);
  }

  /** RFC 1928 section 6. The address in it is of no use: the proxy's own. */
  #takeReply(): Uint8Array | undefined {
    this.#checkVersion();
    const code = this.#held[1];
    // A proxy that refuses may leave the address out.
    if (code !== undefined && code !== 0) {
      throw new ConnectError(`refused: ${REFUSALS[code - 1] ?? "no reason"} (SOCKS reply ${code})`);
    }
    const [, , , type, nameLength] = this.#held;
    if (type === undefined) return undefined;
    const length = addressLength(type, nameLength);
    if (length === undefined || this.#take(4 + length + 2) === undefined) return undefined;
    this.#step = "done";
    return new Uint8Array();
  }

  #checkVersion(): void {
    const [first] = this.#held;
    if (first !== undefined && first !== VERSION) throw new ProtocolError("does not speak SOCKS5");
  }

  #take(length: number): Uint8Array | undefined {
    if (this.#held.length < length) return undefined;
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }
}

/** RFC 1929 section 2. */
function loginRequest({ user, password }: ProxyLogin): Uint8Array {
  const [name, secret] = [encoder.encode(user), encoder.encode(password.reveal())];
  return Uint8Array.of(LOGIN_VERSION, name.length, ...name, secret.length, ...secret);
}

/** Bytes of the address in a reply; undefined while that is not clear yet. */
function addressLength(type: number, nameLength: number | undefined): number | undefined {
  if (type === ADDRESS_TYPE.ipv4) return 4;
  if (type === ADDRESS_TYPE.ipv6) return 16;
  if (type !== ADDRESS_TYPE.name) throw new ProtocolError("does not speak SOCKS5");
  return nameLength === undefined ? undefined : 1 + nameLength;
}
