/**
 * Programs on a terminal: a pseudo-terminal held by Python, which types what a test says.
 *
 * @module
 */
import { requirePeer } from "./peers.ts";
import { run, type RunOptions, type RunResult } from "./run.ts";

/** What is typed once a text has been shown and, unless it may be seen, the echo is off. */
export interface TypedAnswer {
  /** The text to wait for, behind what was shown before. */
  readonly after: string;
  /** What is typed. */
  readonly type: string;
  /** It is no secret. */
  readonly shown?: boolean;
}

const SCRIPT = `
import json, os, pty, sys, termios, time

answers, command = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execv(command[0], command)
shown, seen, end = b"", 0, time.monotonic() + 60

def read():
    global shown
    try:
        bytes = os.read(terminal, 4096)
    except OSError:
        bytes = b""
    shown += bytes
    return bytes != b""

for answer in answers:
    while shown.find(answer["after"].encode(), seen) < 0 and read():
        pass
    seen = len(shown)
    hidden = not answer.get("shown")
    while hidden and termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < end:
        time.sleep(0.005)
    os.write(terminal, answer["type"].encode())
while read():
    pass
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

/**
 * Runs a program on a terminal to its end. Needs `python3`.
 *
 * @param command The program's path and its arguments.
 * @param answers What is typed, in order; a secret is not typed while the terminal would show it.
 * @param options What its environment has beside ours.
 * @returns The exit code; `stdout` is everything that the terminal showed.
 */
export function runOnTerminal(
  command: readonly string[],
  answers: readonly TypedAnswer[],
  options: Pick<RunOptions, "env"> = {},
): Promise<RunResult> {
  const { path } = requirePeer("python3");
  return run(path, ["-c", SCRIPT, JSON.stringify(answers), ...command], options);
}
