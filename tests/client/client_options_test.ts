/**
 * The options that get, put and ls share.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  CLIENT_OPTIONS,
  type ClientOptions,
  clientOptions,
  FILE_OPTIONS,
  type FileOptions,
  fileOptions,
} from "../../client/client_options.ts";
import { UTF8_NAMES } from "../../client/name_coding.ts";
import { UsageError } from "../../shared/errors.ts";
import { parsedOptions } from "./client_arguments.ts";

function parsed(...args: readonly string[]): ClientOptions & FileOptions {
  const result = parsedOptions(args, { ...FILE_OPTIONS, ...CLIENT_OPTIONS });
  return { ...clientOptions(result), ...fileOptions(result) };
}

Deno.test("clientOptions: the defaults are those of the manual", () => {
  assertEquals(parsed(), {
    port: undefined,
    user: undefined,
    passwordFile: undefined,
    netrcFile: undefined,
    netrc: true,
    tls: {
      mode: "auto",
      authorities: undefined,
      identity: undefined,
      pins: new Set<string>(),
      insecure: false,
      clearData: false,
    },
    active: false,
    activePorts: undefined,
    connectTimeout: 15_000,
    timeout: 60_000,
    proxy: undefined,
    names: UTF8_NAMES,
    retries: 3,
    retryWait: 1000,
    glob: true,
    rateLimit: undefined,
    progress: "auto",
    quiet: false,
    verbosity: 0,
    json: false,
    resume: false,
    noClobber: false,
    update: false,
    ascii: false,
    preserve: true,
    dryRun: false,
    verify: false,
  });
});

const GIVEN: readonly (readonly [args: string, options: Partial<ClientOptions & FileOptions>])[] = [
  ["-P 2121 -u joe", { port: 2121, user: "joe" }],
  ["--password-file - --netrc x", { passwordFile: "-", netrcFile: "x" }],
  ["--no-netrc", { netrc: false }],
  ["--active", { active: true }],
  ["--active-ports 5000-5010", { active: true, activePorts: { first: 5000, last: 5010 } }],
  ["--connect-timeout 1.5 --timeout 0.1", { connectTimeout: 1500, timeout: 100 }],
  ["--retries 0 --retry-wait 2", { retries: 0, retryWait: 2000 }],
  ["--limit-rate 1.5K", { rateLimit: 1536 }],
  ["--no-glob", { glob: false }],
  ["--progress line -q", { progress: "line", quiet: true }],
  ["-v", { verbosity: 1 }],
  ["-vv --json", { verbosity: 2, json: true }],
  ["-v -v -v", { verbosity: 2 }],
  ["-c -n", { resume: true, noClobber: true }],
  ["--update --ascii --no-preserve --dry-run", {
    update: true,
    ascii: true,
    preserve: false,
    dryRun: true,
  }],
];

for (const [args, options] of GIVEN) {
  Deno.test(`clientOptions: ${args}`, () => {
    const all = parsed(...args.split(" "));
    assertEquals({ ...all, ...options }, all);
  });
}

const INVALID = [
  "-P 0",
  "-P 65536",
  "--tls maybe",
  "--active-ports 10-5",
  "--active-ports 5000",
  "--active-ports 0-5",
  "--timeout 0",
  "--timeout soon",
  "--retries -1",
  "--retries 1.5",
  "--limit-rate 0",
  "--limit-rate fast",
  "--progress some",
  "--netrc x --no-netrc",
  "-q -q",
];

for (const args of INVALID) {
  Deno.test(`clientOptions: ${args} is refused`, () => {
    assertThrows(() => parsed(...args.split(" ")), UsageError);
  });
}
