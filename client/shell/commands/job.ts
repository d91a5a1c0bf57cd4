/**
 * Commands in the background: `jobs`, `fg`, `wait`, `kill`.
 *
 * @module
 */
import { EXIT } from "../../../shared/exit_code.ts";
import { displayName } from "../../remote_name.ts";
import { type Call, NO_OPERANDS, NO_OPTIONS, type ShellCommand } from "../command.ts";
import { jobResult } from "../jobs.ts";
import { printResults } from "../results.ts";
import type { Shell } from "../shell.ts";

async function list(shell: Shell): Promise<number> {
  await printResults(shell, shell.jobs.all.map(jobResult));
  return EXIT.done;
}

/** Ctrl-C stops the job: it is what is seen. */
async function foreground(shell: Shell, { parsed: { operands: [number] } }: Call): Promise<number> {
  const { io, jobs } = shell;
  const job = jobs.find(number);
  await printResults(shell, [{ ...jobResult(job), text: displayName(job.text) }]);
  using _shown = await job.output.show(io);
  const stop = (): void => job.stop();
  io.signal.addEventListener("abort", stop, { once: true });
  // Ctrl-C may have come while the line was written.
  if (io.signal.aborted) stop();
  try {
    return await job.ended;
  } finally {
    io.signal.removeEventListener("abort", stop);
    jobs.takeEnded();
  }
}

async function wait(shell: Shell, { parsed: { operands: [number] } }: Call): Promise<number> {
  const { jobs } = shell;
  const waiting = number === undefined ? jobs.all : [jobs.find(number)];
  for (const job of [...waiting]) await jobs.wait(job, shell.io.signal);
  return await tellEnded(shell);
}

async function kill(shell: Shell, { parsed: { operands } }: Call): Promise<number> {
  const { jobs } = shell;
  const doomed = operands.map((number) => jobs.find(number));
  for (const job of doomed) job.stop();
  for (const job of doomed) await jobs.wait(job, shell.io.signal);
  await tellEnded(shell);
  return EXIT.done;
}

/**
 * Tells of the jobs that have ended since.
 *
 * @param shell Whose.
 * @returns The exit code of the first that failed.
 */
export async function tellEnded(shell: Shell): Promise<number> {
  const ended = shell.jobs.takeEnded();
  for (const job of ended) {
    await job.output.flush(shell.io);
    await printResults(shell, [jobResult(job)]);
  }
  return ended.map(({ code }) => code ?? EXIT.done).find((code) => code !== EXIT.done) ?? EXIT.done;
}

/** The commands. */
export const JOB_COMMANDS: readonly ShellCommand[] = [
  {
    name: "jobs",
    aliases: [],
    synopsis: "",
    summary: "show the commands in the background, where & behind a transfer sends it",
    examples: ["jobs"],
    options: NO_OPTIONS,
    operands: NO_OPERANDS,
    completes: ["nothing"],
    run: list,
  },
  {
    name: "fg",
    aliases: [],
    synopsis: "[N]",
    summary: "wait for a job and show what it prints; Ctrl-C stops it",
    examples: ["fg", "fg 2"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["nothing"],
    run: foreground,
  },
  {
    name: "wait",
    aliases: [],
    synopsis: "[N]",
    summary: "wait for a job, or for all",
    examples: ["wait", "wait 1"],
    options: NO_OPTIONS,
    operands: { min: 0, max: 1, missing: "" },
    completes: ["nothing"],
    run: wait,
  },
  {
    name: "kill",
    aliases: [],
    synopsis: "N...",
    summary: "stop jobs; what has arrived is kept",
    examples: ["kill 1"],
    options: NO_OPTIONS,
    operands: { min: 1, max: Infinity, missing: "N" },
    completes: ["nothing"],
    run: kill,
  },
];
