/**
 * The remote places that the patterns of a command line stand for.
 *
 * @module
 */
import { FtpkitError, InterruptedError } from "../../shared/errors.ts";
import type { ClientRun } from "../client_run.ts";
import { expandRemote, hostLister } from "../directory/remote_glob.ts";
import { formatRemote, type RemoteLocation } from "../location.ts";
import { orFailure } from "./queue.ts";

/**
 * Finds what the sources stand for. One that cannot be found is told as a failure, and so is a
 * directory that could not be looked into.
 *
 * @param run The run.
 * @param sources As they were named.
 * @returns What is there, in order; the places themselves where they are no patterns, or where
 * `--no-glob` was given.
 * @throws {InterruptedError} If the user ends it.
 */
export async function expandSources(
  run: ClientRun,
  sources: readonly RemoteLocation[],
): Promise<readonly RemoteLocation[]> {
  const found: RemoteLocation[] = [];
  for (const source of sources) {
    const places = await orFailure(() => expandSource(run, source));
    if (places instanceof InterruptedError) throw places;
    if (!(places instanceof FtpkitError)) found.push(...places);
    else await tell(run, { source, path: source.path, error: places });
  }
  return found;
}

async function expandSource(
  run: ClientRun,
  source: RemoteLocation,
): Promise<readonly RemoteLocation[]> {
  const { pattern, ...place } = source;
  const { hosts, report, rateLimit, context } = run;
  if (pattern === undefined || !context.options.glob) return [source];
  const lister = hostLister(hosts.at(source), { rateLimit, report });
  const { matches, failures } = await expandRemote(lister, pattern);
  for (const { path, error } of failures) await tell(run, { source, path, error });
  return matches.map(({ path }) => ({ ...place, path }));
}

async function tell(
  run: ClientRun,
  failure: {
    readonly source: RemoteLocation;
    readonly path: string;
    readonly error: FtpkitError;
  },
): Promise<void> {
  const { source, path, error } = failure;
  const place = formatRemote(source.host, path);
  await run.report.add({ action: "list", source: place, outcome: error, seconds: 0 });
}
