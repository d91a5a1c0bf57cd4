/**
 * Where a program keeps what is neither configuration nor the user's own work.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";

/** Reads an environment variable; undefined where it is unset. */
export type Environment = (name: string) => string | undefined;

/**
 * The directory for ftpkit's state, as the XDG Base Directory Specification has it:
 * `$XDG_STATE_HOME/ftpkit`, else `~/.local/state/ftpkit`; on Windows `%LOCALAPPDATA%\ftpkit`.
 *
 * @example Usage
 * ```ts
 * import { stateDirectory } from "./state_directory.ts";
 * const path = stateDirectory((name) => name === "XDG_STATE_HOME" ? "/state" : undefined);
 * if (path !== "/state/ftpkit") throw new Error("unexpected");
 * ```
 *
 * @param env The environment.
 * @returns Its path, whether it is there or not; undefined where nothing tells where it should be.
 */
export function stateDirectory(env: Environment): string | undefined {
  const base = stateHome(env);
  return base === undefined ? undefined : join(base, "ftpkit");
}

function stateHome(env: Environment): string | undefined {
  const named = env("XDG_STATE_HOME");
  // Relative paths in it are to be passed over.
  if (named && isAbsolute(named)) return named;
  const home = env("HOME");
  if (home) return join(home, ".local", "state");
  return env("LOCALAPPDATA") || undefined;
}
