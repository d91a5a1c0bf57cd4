/**
 * The servers that ftpkit's client is tried against: those of others, and its own.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { ftpkit, serve } from "../support/cli.ts";
import type { PeerName } from "../support/peers.ts";
import type { RunResult } from "../support/run.ts";
import { type PeerServer, SERVER_NAMES, startServer } from "../support/servers.ts";

export const HOSTS = ["127.0.0.1", "::1"] as const;

/** What a test needs to know of a server, whoever wrote it. */
export type Remote = Omit<PeerServer, "name" | "anonymous">;

/** How one server is started. */
export interface Kind {
  readonly name: string;
  readonly needs: readonly PeerName[];
  /** Names that it refuses or stores under another one. */
  readonly unstorable: readonly string[];
  start(host: string): Promise<Remote>;
}

async function startFtpkit(host: string): Promise<Remote> {
  const login = { user: "ftpkit", password: "ftpkit-secret" };
  const args = ["--user", `${login.user}:${login.password}:write`];
  return { ...login, ...await serve({ host, args }) };
}

export const KINDS: readonly Kind[] = [
  ...SERVER_NAMES.map((name) => ({
    name,
    needs: [name],
    // It makes an underscore of a leading space.
    unstorable: name === "pure-ftpd" ? [" leading", "back\\slash"] : [],
    start: (host: string) => startServer(name, host),
  })),
  { name: "ftpkit serve", needs: [], unstorable: [], start: startFtpkit },
];

/** Everything that servers and clients are known to stumble over in names. */
export const NAMES: readonly string[] = [
  "plain.bin",
  "two  spaces",
  " leading",
  'dou"ble',
  "sin'gle",
  "ünïcödé ☃ 文字.txt",
  "100%",
  "%2F",
  "back\\slash",
  "-dash",
  "#hash",
  "semi;colon",
];

function options(server: Remote): string[] {
  return ["--port", String(server.port), "--user", server.user, "--no-netrc"];
}

export function target(server: Remote, path = ""): string {
  return `${server.host.includes(":") ? `[${server.host}]` : server.host}:${path}`;
}

/** Runs one subcommand with the server's login; nothing is tried again unless `args` say so. */
export function call(
  server: Remote,
  args: readonly string[],
  password?: string,
): Promise<RunResult> {
  const [command = "", ...rest] = args;
  const retries = rest.includes("--retries") ? [] : ["--retries", "0"];
  return ftpkit([command, ...options(server), ...retries, ...rest], {
    env: { FTPKIT_PASSWORD: password ?? server.password },
  });
}

export function assertDone(result: RunResult): void {
  assertEquals(result.code, 0, result.stdout + result.stderr);
}

export function assertRefused(result: RunResult, code: number): void {
  assertEquals(result.code, code, result.stdout + result.stderr);
  assertMatch(result.stderr, /^ftpkit: .+\n$/, "one line that says why");
}
