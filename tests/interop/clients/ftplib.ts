/**
 * ftplib, of Python's standard library: one program for all steps.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { run } from "../../support/run.ts";
import type { ClientSession, FtpClient, Step } from "../client.ts";

const SCRIPT = fromFileUrl(new URL("ftplib_steps.py", import.meta.url));

async function runSteps(session: ClientSession, steps: readonly Step[]): Promise<string> {
  const result = await run("python3", [SCRIPT], {
    cwd: session.folder,
    stdin: JSON.stringify({ ...session, steps }),
  });
  const transcript = result.stdout + result.stderr;
  assertEquals(result.code, 0, transcript);
  return transcript;
}

/** Python's ftplib. */
export const ftplib: FtpClient = {
  name: "ftplib",
  needs: ["python3"],
  modes: { "127.0.0.1": ["PASV", "PORT"], "::1": ["EPSV", "EPRT"] },
  sent: "*cmd* '",
  run: runSteps,
};
