/**
 * tnftp, the ftp command of the BSDs and macOS: one script for all steps.
 *
 * @module
 */

import { run } from "../../support/run.ts";
import type { ClientSession, FtpClient, Step } from "../client.ts";

/** A backslash protects any character; its quotes cannot hold a quote. */
function quote(name: string): string {
  return name.replace(/[^\w.]/gu, "\\$&");
}

function commands(step: Step): string[] {
  switch (step.do) {
    case "list":
      return ["ls"];
    case "get":
      return [`get ${quote(step.remote)} ${step.local}`];
    case "resume":
      return [`reget ${quote(step.remote)} ${step.local}`];
    case "put":
      return [`put ${step.local} ${quote(step.remote)}`];
    case "rename":
      return [`rename ${quote(step.from)} ${quote(step.to)}`];
    default:
      return [`${step.do} ${quote(step.name)}`];
  }
}

async function runSteps(session: ClientSession, steps: readonly Step[]): Promise<string> {
  const { mode, host, port } = session;
  const old = host === "127.0.0.1" && (mode === "PASV" || mode === "PORT");
  const active = mode === "PORT" || mode === "EPRT";
  const script = [
    `user ${session.user} ${session.password}`,
    ...old ? ["epsv4 off"] : [],
    ...steps.flatMap(commands),
    "quit",
  ];
  const flags = ["-d", "-n", "-v", ...active ? ["-A"] : []];
  // Its exit code is always 0: the test looks at what it did.
  const { stdout, stderr } = await run("tnftp", [...flags, host, String(port)], {
    cwd: session.folder,
    env: { HOME: session.folder },
    stdin: script.join("\n") + "\n",
  });
  return stdout + stderr;
}

/** tnftp. */
export const tnftp: FtpClient = {
  name: "tnftp",
  needs: ["tnftp"],
  modes: { "127.0.0.1": ["PASV", "EPSV", "PORT", "EPRT"], "::1": ["EPSV", "EPRT"] },
  sent: "---> ",
  run: runSteps,
};
