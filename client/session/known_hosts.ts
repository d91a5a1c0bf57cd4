/**
 * Certificates that a person has accepted: one line for each, `HOST:PORT sha256:HEX`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parsePin } from "../../shared/certificate.ts";
import { formatTarget } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { LocalFileError, systemReason } from "../../shared/errors.ts";
import { type Environment, stateDirectory } from "../../shared/state_directory.ts";
import { displayName } from "../remote_name.ts";

/** The servers that somebody trusts. */
export class KnownHosts {
  /** The file. */
  readonly path: string;

  /** Reads nothing yet. */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Those of the user.
   *
   * @param env Tells where they are.
   * @returns Them; undefined where the user has no place for them.
   */
  static ofUser(env: Environment): KnownHosts | undefined {
    const directory = stateDirectory(env);
    return directory === undefined ? undefined : new KnownHosts(join(directory, "known_hosts"));
  }

  /**
   * Which certificates are accepted for a server.
   *
   * @param server Its name and port.
   * @returns Their fingerprints; several where it was behind several machines.
   * @throws {LocalFileError} If the file is there and cannot be read.
   */
  async find(server: Endpoint): Promise<ReadonlySet<string>> {
    const lines = (await this.#read()).split("\n");
    const name = nameOf(server);
    const pins = lines.flatMap((line) => {
      const [host, pin = ""] = line.trim().split(/\s+/);
      return host === name ? [parsePin(pin)] : [];
    });
    return new Set(pins.filter((pin) => pin !== undefined));
  }

  /**
   * Accepts a certificate for a server from now on.
   *
   * @param server Its name and port.
   * @param fingerprint The certificate's.
   * @throws {LocalFileError} If the file cannot be written.
   */
  async add(server: Endpoint, fingerprint: string): Promise<void> {
    try {
      await Deno.mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      const before = await this.#read();
      const gap = before === "" || before.endsWith("\n") ? "" : "\n";
      const line = `${gap}${nameOf(server)} ${fingerprint}\n`;
      // One write at the end of the file: others may add their own meanwhile.
      await Deno.writeTextFile(this.path, line, { append: true, mode: 0o600 });
    } catch (error) {
      if (error instanceof LocalFileError) throw error;
      throw this.#fault("write", error);
    }
  }

  async #read(): Promise<string> {
    try {
      return await Deno.readTextFile(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw this.#fault("read", error);
    }
  }

  #fault(action: string, error: unknown): LocalFileError {
    const message = `Cannot ${action} "${displayName(this.path)}": ${systemReason(error)}`;
    return new LocalFileError(message, { cause: error });
  }
}

function nameOf({ hostname, port }: Endpoint): string {
  return formatTarget({ hostname: hostname.toLowerCase(), port });
}
