/**
 * `deno task compile`: builds `ftpkit`, one executable for this machine.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/**
 * The program may do what its user may: `serve --run-as` calls the C library, and only with every
 * permission does Deno open what is in `/proc` and `/dev`. The sessions of a server run in workers
 * that have next to none.
 */
const PERMISSIONS = ["--allow-all"];

/**
 * Memory for what is short-lived, in MiB a thread: V8 would take 16 and more and keep it. A large
 * listing or ten thousand sessions take half with it, and nothing measurable becomes slower.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=1";

/**
 * What no static import leads to: the supervisor starts its workers by their address, and what
 * `main.ts` imports later is read only then (`lazy-dynamic-imports` in `deno.json`).
 */
function modulesApart(): readonly string[] {
  const main = Deno.readTextFileSync(join(ROOT, "main.ts"));
  const later = Array.from(main.matchAll(/import\("\.\/([^"]+)"\)/g), ([, path = ""]) => path);
  return ["server/worker.ts", ...later];
}

const ARGUMENTS: readonly string[] = [
  "compile",
  ...PERMISSIONS,
  // A server has nobody to ask.
  "--no-prompt",
  // `deno task check` does that, with the one version whose types the sources are written for.
  "--no-check",
  V8_FLAGS,
  "--config",
  join(ROOT, "deno.json"),
  ...modulesApart().flatMap((module) => ["--include", join(ROOT, module)]),
  "--output",
  join(ROOT, "ftpkit"),
  join(ROOT, "main.ts"),
];

/** What Deno says where the runtime that goes into the executable cannot be had. */
const NO_RUNTIME = /denort|Setting up base binary/;

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

function explain(output: string): string {
  if (!NO_RUNTIME.test(output)) return output.trimEnd();
  const named = Deno.env.get("DENORT_BIN");
  if (named !== undefined) return `Cannot compile: DENORT_BIN names no runtime: "${named}"`;
  return `Cannot compile: the runtime of Deno ${Deno.version.deno} for executables cannot be ` +
    "fetched from dl.deno.land (DENORT_BIN can name one, a denort of the same version line)";
}

async function compile(): Promise<number> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...ARGUMENTS],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) {
    say(`Compiled ${join(ROOT, "ftpkit")} with Deno ${Deno.version.deno}`);
    return 0;
  }
  say(explain(new TextDecoder().decode(stderr)));
  return 1;
}

if (import.meta.main) Deno.exit(await compile());
