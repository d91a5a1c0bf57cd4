/**
 * A download in segments from a server that fails at random, again and again: it ends with the right
 * file or with a failure, and what is left behind leads to the right file.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run as get } from "../../client/get_command.ts";
import { InterruptedError } from "../../shared/errors.ts";
import { testIo } from "../client/dialogue.ts";
import { tempFolder } from "../support/files.ts";
import { type RangedFaults, RangedServer } from "../support/ranged_server.ts";

const ROUNDS = 15;
const MOST_TRIES = 100;

const FILE = new Uint8Array(1_500_000);
for (let at = 0; at < FILE.length; at += 65_536) {
  crypto.getRandomValues(FILE.subarray(at, at + 65_536));
}

const chance = (share: number): boolean => Math.random() < share;
const random = (below: number): number => Math.floor(Math.random() * below);

/** Some transfers begin at the wrong byte, some end too early, whatever the server says to that. */
function randomFaults(): RangedFaults {
  const ignores = chance(0.3) ? 0.15 : 0;
  const cuts = Math.random() * 0.5;
  const replies = [undefined, "426 cut", "451 broken", "226 done"];
  return {
    begin: ({ offset }) => chance(ignores) ? 0 : offset,
    end: () =>
      chance(cuts) ? { bytes: random(400_000), reply: replies[random(replies.length)] } : undefined,
    sessions: chance(0.2) ? 2 : Infinity,
    // Others come before the first session has fetched everything.
    pause: () => new Promise((resolve) => setTimeout(resolve)),
  };
}

/** One run of the command; gives its exit code. */
async function tryOnce(target: string): Promise<number> {
  await using server = new RangedServer(FILE, randomFaults());
  const controller = new AbortController();
  const stopAt = chance(0.3) ? random(FILE.length) : Infinity;
  server.onSent = (bytes) => {
    if (bytes >= stopAt) controller.abort(new InterruptedError("Interrupted"));
  };
  const limits = ["--retries", String(random(3)), "--retry-wait", "0.001", "--no-netrc"];
  const segments = ["--segments", String(1 + random(6))];
  const args = ["-c", "-P", String(server.port), ...limits, ...segments, "127.0.0.1:f", target];
  return await get(args, testIo({ signal: controller.signal }));
}

Deno.test("get --segments: whatever fails whenever, exit code 0 means the right file", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await using folder = await tempFolder();
    const target = join(folder.path, "f");
    let code = -1;
    for (let tries = 0; code !== 0 && tries < MOST_TRIES; tries++) {
      const before = await Deno.stat(target).catch(() => undefined);
      assertEquals(before, undefined, `a file in spite of exit code ${code}`);
      code = await tryOnce(target);
    }
    assertEquals(code, 0);
    const file = await Deno.readFile(target);
    assertEquals(file.length, FILE.length);
    assert(file.every((byte, index) => byte === FILE[index]), "other bytes");
  }
});
