/**
 * The shell at a terminal: prompt, line, command, and again.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { EXIT } from "../../shared/exit_code.ts";
import { InterruptedError } from "../../shared/errors.ts";
import { displayName } from "../remote_name.ts";
import { tellEnded } from "./commands/job.ts";
import { completeLine } from "./completion.ts";
import { History } from "./history.ts";
import { LineEditor } from "./line_editor.ts";
import { performLine } from "./perform.ts";
import type { Shell } from "./shell.ts";

/**
 * Lets commands be typed until somebody leaves.
 *
 * @param shell Where they are done.
 * @param io The process, with a terminal.
 * @returns 0, or 130 where somebody left by Ctrl-C.
 * @throws {InterruptedError} If the process is to end.
 */
export async function runRepl(shell: Shell, io: CommandIo): Promise<number> {
  const { interrupts } = shell;
  const history = await History.open(io);
  using editor = new LineEditor(io, {
    history: history.lines,
    complete: (line) => completeLine(shell, line),
  });
  using _diverted = io.onInterrupt(() => interrupts.interrupt());
  shell.lines = () => history.lines;
  shell.ask = (question) => editor.ask(question, interrupts.signal);
  for (;;) {
    await tellEnded(shell);
    if (!shell.atLineStart) await io.out("\n");
    shell.atLineStart = true;
    // Between two prompts, Ctrl-C is a signal.
    if (interrupts.twice) return EXIT.interrupted;
    const input = await editor.read(promptOf(shell));
    if (input.kind === "end") await io.out("\n");
    if (input.kind === "interrupt") {
      if (input.empty) interrupts.interrupt();
      // No command runs that its sessions could be cut for.
      interrupts.end();
      if (input.empty && !interrupts.twice) await io.out("(Ctrl-C once more, or Ctrl-D, leaves)\n");
    }
    if (input.kind === "line") {
      await history.add(input.text);
      await Promise.race([
        performLine(shell, input.text, { keepGoing: true }),
        interrupts.left,
      ]);
    }
    if (interrupts.twice) return EXIT.interrupted;
    shell.leaving ||= input.kind === "end";
    if (shell.leaving && await mayLeave(shell)) {
      return interrupts.twice ? EXIT.interrupted : EXIT.done;
    }
    shell.leaving = false;
  }
}

/** Running jobs would be stopped. */
async function mayLeave(shell: Shell): Promise<boolean> {
  const { interrupts } = shell;
  const { length } = shell.jobs.running;
  if (length === 0) return true;
  const what = length === 1 ? "A job is running" : `${length} jobs are running`;
  interrupts.begin();
  try {
    return await shell.confirm(`${what}: stop and leave? [y/N] `);
  } catch (error) {
    if (error instanceof InterruptedError) return interrupts.twice;
    throw error;
  } finally {
    interrupts.end();
  }
}

function promptOf({ site }: Shell): string {
  return site === undefined ? "ftpkit> " : `ftpkit ${displayName(site.name)}> `;
}
