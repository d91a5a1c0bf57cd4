/**
 * Which proxy leads to a host: `--proxy`, `ALL_PROXY` and `NO_PROXY`.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { UsageError } from "../../shared/errors.ts";
import { Secret } from "../../shared/safe_text.ts";
import { inNetwork, parseNetwork } from "../../shared/network.ts";
import { LONGEST_SOCKS_TEXT, type ProxyLogin } from "../../shared/socks.ts";
import type { ClientOptions } from "../client_options.ts";

/** How a proxy is spoken to; with `socks5` names are resolved here, else by the proxy. */
export type ProxyKind = "socks5" | "socks5h" | "http";

/** A proxy. */
export interface Proxy {
  readonly kind: ProxyKind;
  /** Where it is. */
  readonly address: Endpoint;
  /** Who logs in to it. */
  readonly login: ProxyLogin | undefined;
}

const KINDS: readonly ProxyKind[] = ["socks5", "socks5h", "http"];

/** The port where none is named, whatever the kind: curl's. */
const DEFAULT_PORT = 1080;

const PROXY_URL =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:(.*)@)?(\[[^\]]+\]|[^\s:/@[\]]+)(?::(\d+))?\/?$/is;

/**
 * Reads the URL of a proxy. Without a scheme it is HTTP, as curl has it.
 *
 * @example Usage
 * ```ts
 * import { parseProxy } from "./proxy.ts";
 * const proxy = parseProxy("socks5h://me:secret@proxy.example.org", "--proxy");
 * if (proxy.address.port !== 1080) throw new Error("unexpected");
 * ```
 *
 * @param text `[socks5|socks5h|http://][user[:password]@]host[:port]`, user and password with `%XX`.
 * @param from Where it stands, for messages.
 * @returns The proxy.
 * @throws {UsageError} If it is anything else; the message never quotes it: there may be a password
 * in it.
 */
export function parseProxy(text: string, from: string): Proxy {
  const refuse = (why: string): UsageError => new UsageError(`Invalid ${from}: ${why}`);
  const match = text.match(PROXY_URL);
  if (match === null) throw refuse("not a URL like socks5://[user:password@]host:port");
  const [, scheme = "http", userInfo, host = "", digits] = match;
  const kind = KINDS.find((known) => known === scheme.toLowerCase());
  if (kind === undefined) throw refuse(`its scheme is none of ${KINDS.join(", ")}`);
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65535) throw refuse("the port is not 1 to 65535");
  const address = { hostname: host.replace(/^\[|\]$/g, "").replace(/%25(?=.)/, "%"), port };
  if (userInfo === undefined) return { kind, address, login: undefined };
  const login = parseLogin(userInfo);
  if (login === undefined) throw refuse('"%" needs two hexadecimal digits behind it');
  const problem = loginProblem(kind, login);
  if (problem !== undefined) throw refuse(problem);
  return { kind, address, login };
}

function parseLogin(userInfo: string): ProxyLogin | undefined {
  const [, user = "", password = ""] = userInfo.match(/^([^:]*)(?::(.*))?$/s) ?? [];
  try {
    return { user: decodeURIComponent(user), password: new Secret(decodeURIComponent(password)) };
  } catch {
    return undefined;
  }
}

/** What the kind of proxy cannot take. */
function loginProblem(kind: ProxyKind, { user, password }: ProxyLogin): string | undefined {
  if (user === "") return "the user name is empty";
  if (kind === "http") {
    // RFC 7617 section 2.
    return user.includes(":") ? "HTTP takes no user name with a colon" : undefined;
  }
  const lengths = [user, password.reveal()].map((text) => new TextEncoder().encode(text).length);
  if (Math.max(...lengths) <= LONGEST_SOCKS_TEXT) return undefined;
  return `user name or password is longer than ${LONGEST_SOCKS_TEXT} bytes`;
}

/**
 * The proxy that leads to a host: that of `--proxy`, else that of `all_proxy` or `ALL_PROXY`, unless
 * `no_proxy` or `NO_PROXY` has the host.
 *
 * @param host Name or address.
 * @param options What the command line says.
 * @param io The process, for its environment.
 * @returns The proxy; undefined: none.
 * @throws {UsageError} If the environment's is not valid, or active mode is asked for: no proxy
 * passes on a connection that the server opens.
 */
export function proxyFor(
  host: string,
  { options, io }: { readonly options: ClientOptions; readonly io: CommandIo },
): Proxy | undefined {
  const proxy = options.proxy === undefined ? proxyOfEnvironment(host, io) : options.proxy;
  if (proxy === "none" || proxy === undefined) return undefined;
  if (!options.active) return proxy;
  throw new UsageError("Cannot use active mode through the proxy of ALL_PROXY (see --no-proxy)");
}

function proxyOfEnvironment(host: string, io: CommandIo): Proxy | undefined {
  const name = ["all_proxy", "ALL_PROXY"].find((name) => io.env(name));
  const text = io.env(name ?? "");
  if (name === undefined || text === undefined) return undefined;
  const exceptions = io.env("no_proxy") ?? io.env("NO_PROXY") ?? "";
  return isExcepted(host, exceptions) ? undefined : parseProxy(text, name);
}

/**
 * Whether a host is on a list such as that of `NO_PROXY`.
 *
 * @example Usage
 * ```ts
 * import { isExcepted } from "./proxy.ts";
 * if (!isExcepted("ftp.example.org", "localhost, .example.org")) throw new Error("unexpected");
 * if (!isExcepted("10.1.2.3", "10.0.0.0/8")) throw new Error("unexpected");
 * ```
 *
 * @param host Name or address.
 * @param list Names (each with all below it), addresses and networks, with commas or spaces between
 * them; `*`: every host.
 * @returns Whether it is.
 */
export function isExcepted(host: string, list: string): boolean {
  const name = withoutDots(host.toLowerCase());
  return list.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== "").some((entry) => {
    const bare = withoutDots(entry.replace(/^\[|\]$/g, "").replace(/^\*(?=\.)/, ""));
    return entry === "*" || name === bare || name.endsWith(`.${bare}`) || isInNetwork(name, bare);
  });
}

/** Neither a dot in front, which some write, nor that of the root behind. */
function withoutDots(name: string): string {
  return name.replace(/^\.|\.$/g, "");
}

function isInNetwork(host: string, entry: string): boolean {
  try {
    return inNetwork(parseNetwork(entry), host);
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
