/**
 * The real FTP programs that ftpkit is tested against: where they are, which version they have, and
 * a `Deno.test` that is left out, saying so, where one is missing. `scripts/peers.sh` installs them.
 *
 * @module
 */

import { assertExists } from "@std/assert";
import { join } from "@std/path";

/** What `scripts/peers.sh` installs. */
export type PeerName =
  | "curl"
  | "lftp"
  | "ncftp"
  | "ncftpget"
  | "ncftpput"
  | "ncftpls"
  | "tnftp"
  | "python3"
  | "pyftpdlib"
  | "openssl"
  | "tmux"
  | "vsftpd"
  | "proftpd"
  | "pure-ftpd"
  | "pure-pw";

/** A real program on this machine. */
export interface Peer {
  /** Its name, as in the test's `needs`. */
  readonly name: PeerName;
  /** The program, or for pyftpdlib the folder of the Python package. */
  readonly path: string;
  /** What its environment must have beside ours. */
  readonly env: Readonly<Record<string, string>>;
}

/** Debian's own Python: the one that sees Debian's packages, whichever comes first in PATH. */
const PYTHON = "/usr/bin/python3";
const PYFTPDLIB = "/usr/lib/python3/dist-packages/pyftpdlib";

/** These change to another user for each session, which only root can. */
const ROOT_ONLY: ReadonlySet<PeerName> = new Set(["vsftpd", "proftpd", "pure-ftpd"]);

/** Servers are unpacked there, since their packages cannot be installed side by side. */
export function peersFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/root", ".cache");
  return Deno.env.get("FTPKIT_PEERS") ?? join(cache, "ftpkit-peers");
}

function candidates(name: PeerName): string[] {
  if (name === "python3") return [PYTHON];
  if (name === "pyftpdlib") return [PYFTPDLIB];
  const unpacked = ["usr/sbin", "usr/bin"].map((folder) => join(peersFolder(), folder, name));
  const inPath = (Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, name));
  return [...unpacked, ...inPath];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks for a program on this machine.
 *
 * @param name The peer.
 * @returns Where it is, or undefined.
 */
export function findPeer(name: PeerName): Peer | undefined {
  const path = candidates(name).find(exists);
  if (path === undefined) return undefined;
  const unpacked = path.startsWith(peersFolder());
  return { name, path, env: unpacked ? { LD_LIBRARY_PATH: join(peersFolder(), "libraries") } : {} };
}

/**
 * A peer that the caller cannot do without.
 *
 * @param name The peer.
 * @returns Where it is.
 * @throws {AssertionError} Where it is not installed.
 */
export function requirePeer(name: PeerName): Peer {
  const peer = findPeer(name);
  assertExists(peer, `${name} is not installed (scripts/peers.sh)`);
  return peer;
}

/** How each one is asked for its version, where it is not `--version`. */
const VERSION_COMMANDS: Partial<Record<PeerName, readonly string[]>> = {
  "openssl": ["version"],
  "pure-ftpd": ["-h"],
  "proftpd": ["-v"],
  "tmux": ["-V"],
  "tnftp": ["dpkg-query", "-W", "-f", "${Version}", "tnftp"],
  "pyftpdlib": [PYTHON, "-c", "import pyftpdlib; print(pyftpdlib.__ver__)"],
  // It writes the version to its standard input, a socket where it usually runs.
  "vsftpd": ["sh", "-c", '"$0" -v 0>&1'],
};

/**
 * Asks a program for its version.
 *
 * @param peer The program.
 * @returns The number, as `3.0.3`, or "unknown".
 */
export async function peerVersion(peer: Peer): Promise<string> {
  const [first = "--version", ...rest] = VERSION_COMMANDS[peer.name] ?? [];
  const [program, args] = rest.length > 0 ? [first, [...rest, peer.path]] : [peer.path, [first]];
  const output = await new Deno.Command(program, { args, env: peer.env, stdin: "null" }).output();
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  return /\d+(?:\.\d+)+[a-z]?|\d{8}/.exec(text)?.[0] ?? "unknown";
}

/** Why a test that needs these peers cannot run here, or undefined where it can. */
function obstacle(needs: readonly PeerName[]): string | undefined {
  const missing = needs.filter((name) => findPeer(name) === undefined);
  if (missing.length > 0) {
    return `${missing.join(", ")} ${
      missing.length > 1 ? "are" : "is"
    } not installed (scripts/peers.sh)`;
  }
  const rootOnly = needs.find((name) => ROOT_ONLY.has(name));
  return rootOnly !== undefined && Deno.uid() !== 0 ? `${rootOnly} needs root` : undefined;
}

/** What a {@linkcode peerTest} needs. */
export interface PeerTestOptions {
  /** The programs without which it cannot run. */
  readonly needs: readonly PeerName[];
}

/**
 * Registers a test that needs real programs. Where one is missing the test is ignored and its name
 * says why; with `FTPKIT_REQUIRE_PEERS=1`, as in CI, it fails instead.
 *
 * @param name As for `Deno.test`.
 * @param options What it needs.
 * @param fn As for `Deno.test`.
 */
export function peerTest(
  name: string,
  options: PeerTestOptions,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const reason = obstacle(options.needs);
  if (reason === undefined) return Deno.test(name, fn);
  if (Deno.env.get("FTPKIT_REQUIRE_PEERS") === "1") {
    return Deno.test(name, () => {
      throw new Error(`FTPKIT_REQUIRE_PEERS=1, but ${reason}`);
    });
  }
  Deno.test.ignore(`${name} (ignored: ${reason})`, fn);
}
