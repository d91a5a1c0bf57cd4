/**
 * Files of the user's own: state that may be lost, and configuration (XDG Base Directory
 * Specification).
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import type { CommandIo } from "../shared/command_io.ts";

const KINDS = {
  state: { variable: "XDG_STATE_HOME", below: [".local", "state"], windows: "LOCALAPPDATA" },
  config: { variable: "XDG_CONFIG_HOME", below: [".config"], windows: "APPDATA" },
} as const;

/**
 * Where a file of the user's own is.
 *
 * @param io The process, for its environment.
 * @param kind What kind of file it is.
 * @param name Its name.
 * @returns Its path; undefined where nobody knows the user's home.
 */
export function userFile(
  io: CommandIo,
  kind: keyof typeof KINDS,
  name: string,
): string | undefined {
  const { variable, below, windows } = KINDS[kind];
  const named = io.env(variable);
  // The specification: a relative path there is to be ignored.
  if (named && isAbsolute(named)) return join(named, "ftpkit", name);
  const system = Deno.build.os === "windows" ? io.env(windows) : undefined;
  if (system) return join(system, "ftpkit", name);
  const home = io.env("HOME") || io.env("USERPROFILE");
  return home ? join(home, ...below, "ftpkit", name) : undefined;
}

/**
 * Writes such a file, whole or not at all; nobody else may read it.
 *
 * @param path Where it is; the directories above are made.
 * @param text What is in it.
 * @throws {Error} If the system refuses.
 */
export async function writeUserFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await Deno.writeTextFile(temporary, text, { mode: 0o600, createNew: true });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may not have been made
    throw error;
  }
}
