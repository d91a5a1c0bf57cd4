/**
 * Logs on a small disk of its own, in a process that may mount one: `full_log.ts DIRECTORY`. Fills
 * it, makes room, and prints what came of it.
 *
 * @module
 */
import { LineFile } from "../../server/system/line_file.ts";
import { SessionLogs } from "../../server/events/session_log.ts";

const [directory = ""] = Deno.args;
const DISK = 64 * 1024;
const LINES = 2000;
const line = (number: number): string => `line ${number} ${"x".repeat(90)}`;

await new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", directory] })
  .output();

let lost = 0;
const troubles: string[] = [];
const options = {
  onTrouble: (message: string): void => void troubles.push(message),
  onLost: (lines: number): void => void (lost += lines),
};

await Deno.writeFile(`${directory}/room`, new Uint8Array(DISK / 2));
{
  await using file = await LineFile.open(`${directory}/log`, { what: "log", ...options });
  for (let number = 0; number < LINES; number++) file.write(line(number));
  while (lost === 0) await new Promise((resolve) => setTimeout(resolve));
  await Deno.remove(`${directory}/room`);
  file.write("last");
}
const written = (await Deno.readTextFile(`${directory}/log`)).split("\n");
const whole = written.filter((text, number) => text === line(number)).length;
const log = {
  whole,
  lost,
  ends: written.slice(-2),
  torn: written.length - whole - 2,
  troubles: [...troubles],
};

troubles.length = 0;
lost = 0;
await Deno.remove(`${directory}/log`);
await Deno.writeFile(`${directory}/room`, new Uint8Array(DISK)).catch(() => {}); // full is the aim
{
  await using logs = await SessionLogs.open(directory, options);
  const event = { session: 1, address: "::1", user: undefined, anonymous: false, at: 0 };
  logs.observe({ ...event, kind: "opened" });
  logs.observe({ ...event, kind: "closed", milliseconds: 1 });
}
await Deno.stdout.write(
  new TextEncoder().encode(JSON.stringify({ log, sessions: { lost, troubles } })),
);
