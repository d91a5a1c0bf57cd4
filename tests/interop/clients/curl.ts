/**
 * curl: one call for each step.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { run } from "../../support/run.ts";
import {
  type ClientSession,
  type FtpClient,
  type Mode,
  rawCommands,
  type Step,
} from "../client.ts";

const MODES: Readonly<Record<Mode, readonly string[]>> = {
  PASV: ["--disable-epsv"],
  EPSV: [],
  PORT: ["--ftp-port", "-", "--disable-eprt"],
  EPRT: ["--ftp-port", "-"],
};

function stepArgs(step: Step, url: string): string[] {
  switch (step.do) {
    case "get":
      return ["--output", step.local, url + encodeURIComponent(step.remote)];
    case "resume":
      return ["--continue-at", "-", "--output", step.local, url + encodeURIComponent(step.remote)];
    case "put":
      return ["--upload-file", step.local, url + encodeURIComponent(step.remote)];
    default:
      return [...rawCommands(step).flatMap((command) => ["--quote", command]), url];
  }
}

function tlsArgs({ tls }: ClientSession): string[] {
  if (tls === undefined) return [];
  return ["--ssl-reqd", "--cacert", tls.ca, `--tlsv${tls.version}`, "--tls-max", tls.version];
}

async function runSteps(session: ClientSession, steps: readonly Step[]): Promise<string> {
  const host = session.host.includes(":") ? `[${session.host}]` : session.host;
  const url = `ftp://${host}:${session.port}/`;
  const login = ["--user", `${session.user}:${session.password}`];
  let transcript = "";
  for (const step of steps) {
    const args = [
      "--verbose",
      "--silent",
      "--globoff",
      ...login,
      ...tlsArgs(session),
      ...MODES[session.mode],
      ...stepArgs(step, url),
    ];
    const result = await run("curl", args, { cwd: session.folder });
    transcript += result.stdout + result.stderr;
    assertEquals(result.code, 0, `curl ${args.join(" ")}\n${transcript}`);
  }
  return transcript;
}

/** curl. */
export const curl: FtpClient = {
  name: "curl",
  needs: ["curl"],
  modes: { "127.0.0.1": ["PASV", "EPSV", "PORT", "EPRT"], "::1": ["EPSV", "EPRT"] },
  sent: "> ",
  run: runSteps,
};
