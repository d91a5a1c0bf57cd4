/**
 * lftp: one script for all steps.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { run } from "../../support/run.ts";
import type { ClientSession, FtpClient, Step } from "../client.ts";

/** In double quotes only the backslash and the quote are special; a leading dash would be an option. */
function quote(name: string): string {
  const safe = name.startsWith("-") ? `./${name}` : name;
  return `"${safe.replace(/["\\]/g, "\\$&")}"`;
}

function command(step: Step): string {
  switch (step.do) {
    case "list":
      return "ls";
    case "get":
      return `get ${quote(step.remote)} -o ${step.local}`;
    case "resume":
      return `get -c ${quote(step.remote)} -o ${step.local}`;
    case "put":
      return `put ${step.local} -o ${quote(step.remote)}`;
    case "rename":
      return `mv ${quote(step.from)} ${quote(step.to)}`;
    case "delete":
      return `rm ${quote(step.name)}`;
    default:
      return `${step.do} ${quote(step.name)}`;
  }
}

function tlsSettings({ tls }: ClientSession): string[] {
  if (tls === undefined) return [];
  return [
    "set ftp:ssl-force yes",
    "set ftp:ssl-protect-data yes",
    `set ssl:ca-file ${tls.ca}`,
    `set ssl:priority NORMAL:-VERS-ALL:+VERS-TLS${tls.version}`,
  ];
}

async function runSteps(session: ClientSession, steps: readonly Step[]): Promise<string> {
  const passive = session.mode === "PASV" || session.mode === "EPSV";
  const script = [
    "debug 9",
    "set cmd:fail-exit yes",
    "set net:max-retries 1",
    `set ftp:passive-mode ${passive}`,
    `set ftp:prefer-epsv ${session.mode === "EPSV"}`,
    ...tlsSettings(session),
    `open -u ${session.user},${session.password} -p ${session.port} ${session.host}`,
    ...steps.map(command),
  ];
  const env = { HOME: session.folder };
  const result = await run("lftp", ["-c", script.join("\n")], { cwd: session.folder, env });
  const transcript = result.stdout + result.stderr;
  assertEquals(result.code, 0, transcript);
  return transcript;
}

/** lftp. */
export const lftp: FtpClient = {
  name: "lftp",
  needs: ["lftp"],
  // On ::1 its EPRT names the address `::`, to which nobody could connect.
  modes: { "127.0.0.1": ["PASV", "EPSV", "PORT"], "::1": ["EPSV"] },
  sent: "---> ",
  run: runSteps,
};
