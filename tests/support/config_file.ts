/**
 * A configuration file, read as `serve` reads it.
 *
 * @module
 */
import { join } from "@std/path";
import { LoginMemory } from "../../server/accounts/login_memory.ts";
import type { ServerConfig } from "../../server/configuration/config.ts";
import { loadConfig } from "../../server/configuration/configuration.ts";
import { SERVE_USAGE } from "../../server/configuration/serve_usage.ts";
import { parseOptions } from "../../shared/options.ts";

/** A folder with a configuration file, which goes away with the test. */
export class ConfigFolder implements AsyncDisposable {
  /** Real path of the folder. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder. */
  static async make(): Promise<ConfigFolder> {
    const path = await Deno.makeTempDir({ prefix: "ftpkit-config-" });
    return new ConfigFolder(await Deno.realPath(path));
  }

  /** The configuration file. */
  get file(): string {
    return join(this.path, "ftpkit.toml");
  }

  /** Writes a file into the folder. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.path, name), text);
  }

  /** Reads the settings of a configuration file, and of a command line beside it. */
  async load(toml: string, args: readonly string[] = []): Promise<ServerConfig> {
    await this.write("ftpkit.toml", toml);
    return await loadServe(["--config", this.file, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/**
 * Reads the settings of a command line.
 *
 * @param args What follows `serve`; no `--help`.
 * @returns The settings.
 */
export async function loadServe(args: readonly string[]): Promise<ServerConfig> {
  const options = parseOptions(SERVE_USAGE, args);
  if (options === null) throw new TypeError("help has no settings");
  return await loadConfig(options, new LoginMemory());
}
