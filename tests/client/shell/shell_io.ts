/**
 * A shell in a test: its commands, and what they print.
 *
 * @module
 */

import { clientOptions } from "../../../client/client_options.ts";
import type { RemoteLocation } from "../../../client/location.ts";
import type { Settings } from "../../../client/shell/settings.ts";
import { run } from "../../../client/shell_command.ts";
import { failureLine } from "../../../shared/errors.ts";
import { exitCodeOf } from "../../../shared/exit_code.ts";
import type { Endpoint } from "../../../shared/endpoint.ts";
import { parsedOptions } from "../client_arguments.ts";
import { type CommandResult, testIo, type TestIoOptions } from "../dialogue.ts";

/** Where a shell goes, and what is around it. */
export interface ShellRun extends TestIoOptions {
  /** Options of `ftpkit shell` beside the address and the login; no TLS unless they say so. */
  readonly args?: readonly string[];
  /** The place behind the host. */
  readonly path?: string;
}

/**
 * Runs `ftpkit shell` as alice with a server that runs beside it.
 *
 * @param server Where it listens.
 * @param script The commands for `-c`; undefined: standard input has them.
 * @param options What is around it.
 * @returns As `main.ts` would end.
 */
export async function runShell(
  server: Pick<Endpoint, "port">,
  script: string | undefined,
  options: ShellRun = {},
): Promise<CommandResult> {
  const io = testIo({ env: { FTPKIT_PASSWORD: "secret" }, ...options });
  const args = [
    ...["-P", String(server.port), "--no-netrc", "--retry-wait", "0.01"],
    ...(options.args?.includes("--tls") ? [] : ["--tls", "off"]),
    ...(script === undefined ? [] : ["-c", script]),
    ...options.args ?? [],
    `alice@127.0.0.1:${options.path ?? ""}`,
  ];
  const code = await run(args, io).catch((error: unknown) => {
    io.err(failureLine(error));
    return exitCodeOf(error);
  });
  return { code, stdout: io.stdoutText, stderr: io.stderrText };
}

/** Where a server of a test is, whatever its port. */
export const LOOPBACK: RemoteLocation = {
  kind: "remote",
  scheme: "ftp",
  host: "127.0.0.1",
  path: "",
  ascii: false,
};

/** The settings of a shell that was started without options. */
export function testSettings(): Settings {
  const parsed = parsedOptions(["--retry-wait", "1.5", "--tls", "off"]);
  return { client: clientOptions(parsed), ascii: false, preserve: true, parallel: undefined };
}
