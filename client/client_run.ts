/**
 * One run of a command of the client: what it has open, and what its parts share.
 *
 * @module
 */
import type { CommandIo } from "../shared/command_io.ts";
import type { ParsedOptions } from "../shared/options.ts";
import { RateLimit } from "../shared/rate_limit.ts";
import { clientOptions } from "./client_options.ts";
import { Credentials } from "./credentials.ts";
import { Report } from "./output/report.ts";
import { RemoteHosts, type RunContext } from "./session/remote_host.ts";
import { Trust } from "./session/trust.ts";

/** A run. Disposing it leaves all servers. */
export interface ClientRun extends AsyncDisposable {
  readonly context: RunContext;
  readonly hosts: RemoteHosts;
  readonly report: Report;
  /** One for all its transfers together. */
  readonly rateLimit: RateLimit | undefined;
}

/**
 * Begins a run; nothing is connected yet.
 *
 * @param parsed The command line.
 * @param way The process around it, and how many sessions with one server it may have at a time.
 * @returns The run.
 * @throws {UsageError} If an option is not valid.
 */
export function openRun(
  parsed: ParsedOptions,
  way: { readonly io: CommandIo; readonly parallel: number },
): ClientRun {
  const { io, parallel } = way;
  const options = clientOptions(parsed);
  const report = new Report(options, io);
  const credentials = new Credentials(options, io);
  const trust = new Trust({ options: options.tls, io, notice: (text) => report.notice(text) });
  const context: RunContext = { options, io, report, credentials, trust, parallel };
  const hosts = new RemoteHosts(context);
  const { rateLimit } = options;
  return {
    context,
    hosts,
    report,
    rateLimit: rateLimit === undefined ? undefined : new RateLimit(rateLimit),
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  };
}
