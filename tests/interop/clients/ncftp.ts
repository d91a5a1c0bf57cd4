/**
 * NcFTP, as the shell `ncftp` and as the tools `ncftpget`, `ncftpput` and `ncftpls`. It knows no IPv6.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { run, type RunResult } from "../../support/run.ts";
import { type ClientSession, type FtpClient, rawCommands, type Step } from "../client.ts";

const MODES: FtpClient["modes"] = { "127.0.0.1": ["PASV", "PORT"], "::1": [] };

/** The tools read a leading dash as an option. */
function operand(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}

/** The shell knows both quotes, and no way to put one into itself. */
function quote(name: string): string {
  const mark = name.includes('"') ? "'" : '"';
  return `${mark}${operand(name)}${mark}`;
}

function shellCommand(step: Step): string {
  switch (step.do) {
    case "list":
      return "ls -l";
    case "get":
      return `get -z -f ${quote(step.remote)} ${step.local}`;
    case "resume":
      return `get -z ${quote(step.remote)} ${step.local}`;
    case "put":
      return `put -z -f ${step.local} ${quote(step.remote)}`;
    case "rename":
      return `rename ${quote(step.from)} ${quote(step.to)}`;
    case "delete":
      return `rm ${quote(step.name)}`;
    default:
      return `${step.do} ${quote(step.name)}`;
  }
}

function login(session: ClientSession): string[] {
  return ["-u", session.user, "-p", session.password, "-P", String(session.port)];
}

async function runShell(session: ClientSession, steps: readonly Step[]): Promise<string> {
  const script = [
    "debug 1",
    "set auto-ascii no",
    `set passive ${session.mode === "PASV" ? "on" : "off"}`,
    ...steps.map(shellCommand),
    "quit",
  ];
  // Its exit code is always 0: the test looks at what it did.
  const { stdout, stderr } = await run("ncftp", [...login(session), session.host], {
    cwd: session.folder,
    env: { HOME: session.folder },
    stdin: script.join("\n") + "\n",
  });
  return stdout + stderr;
}

function runTool(session: ClientSession, step: Step): Promise<RunResult> {
  const direction = session.mode === "PASV" ? "-F" : "-E";
  const common = ["-d", "stdout", direction, ...login(session)];
  const options = { cwd: session.folder, env: { HOME: session.folder } };
  switch (step.do) {
    case "get":
    case "resume": {
      const again = step.do === "get" ? ["-Z"] : [];
      const names = [operand(step.remote), step.local];
      return run("ncftpget", [...common, ...again, "-C", session.host, ...names], options);
    }
    case "put": {
      const names = [step.local, operand(step.remote)];
      return run("ncftpput", [...common, "-C", session.host, ...names], options);
    }
    default: {
      const commands = rawCommands(step).flatMap((command) => ["-W", command]);
      return run("ncftpls", [...common, "-l", ...commands, `ftp://${session.host}/`], options);
    }
  }
}

async function runTools(session: ClientSession, steps: readonly Step[]): Promise<string> {
  let transcript = "";
  for (const step of steps) {
    const result = await runTool(session, step);
    transcript += result.stdout + result.stderr;
    assertEquals(result.code, 0, transcript);
  }
  return transcript;
}

/** NcFTP's shell. */
export const ncftp: FtpClient = {
  name: "ncftp",
  needs: ["ncftp"],
  modes: MODES,
  sent: "Cmd: ",
  run: runShell,
};

/** NcFTP's tools. */
export const ncftpTools: FtpClient = {
  name: "ncftpget, ncftpput and ncftpls",
  needs: ["ncftpget", "ncftpput", "ncftpls"],
  modes: MODES,
  sent: "Cmd: ",
  run: runTools,
};
