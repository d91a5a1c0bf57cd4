/** `ftpkit completions`: what each shell is given, and what it makes of it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { completedCommand } from "../../shared/completion/completion.ts";
import { powershellScript } from "../../shared/completion/powershell.ts";
import { zshScript } from "../../shared/completion/zsh.ts";
import type { CommandUsage } from "../../shared/options.ts";
import { ftpkit } from "../support/cli.ts";
import { tempFolder } from "../support/files.ts";
import { run } from "../support/run.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
const COMMANDS = ["serve", "get", "put", "ls", "mirror", "shell", "user", "completions"];

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await ftpkit(["completions", shell]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

/** The long options that a command's help names. */
async function optionsOf(command: string): Promise<readonly string[]> {
  const { stdout } = await ftpkit([command, "--help"]);
  return [...stdout.matchAll(/^ {2}(?:-\w, | {4})(--[a-z-]+)/gm)].map(([, name = ""]) => name);
}

Deno.test("ftpkit completions: each script knows every command and every option of its help", async () => {
  const scripts = await Promise.all(SHELLS.map(script));
  for (const command of COMMANDS) {
    const options = await optionsOf(command);
    assert(options.includes("--help"), command);
    for (const text of scripts) {
      assertStringIncludes(text, command);
      // fish writes them without the dashes.
      for (const option of options) assert(new RegExp(`(--|-l )${option.slice(2)}\\b`).test(text));
    }
  }
});

/** What bash offers for the last of some words. */
const BASH = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ftpkit
if (( \${#COMPREPLY[@]} )); then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;

/** A line as a shell splits it, with a bar between the words; what may stand in place of the last. */
const LINES: readonly (readonly [line: string, offered: string])[] = [
  ["ftpkit|", [...COMMANDS, "--help", "--version"].join(" ")],
  ["ftpkit|s", "serve shell"],
  ["ftpkit|nothing|", ""],
  ["ftpkit|ls|--so", "--sort"],
  ["ftpkit|ls|--sort|", "name size time"],
  ["ftpkit|ls|--sort|=", "name size time"],
  ["ftpkit|ls|--sort|=|s", "size"],
  ["ftpkit|ls|-P|", ""],
  ["ftpkit|ls|o", ""],
  ["ftpkit|get|--netrc|", "a*b o ne.txt sub"],
  ["ftpkit|get|--netrc|=|o", "o ne.txt"],
  ["ftpkit|get|o", "o ne.txt"],
  ["ftpkit|get|host|:", ""],
  ["ftpkit|get|host|:|o", ""],
  ["ftpkit|serve|", "sub"],
  ["ftpkit|serve|--session-logs|", "sub"],
  ["ftpkit|user|", "add passwd remove list"],
  ["ftpkit|user|add|", ""],
  ["ftpkit|completions|z", "zsh"],
];

Deno.test("ftpkit completions bash: what bash offers", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "script");
  await Deno.writeTextFile(file, await script("bash"));
  const here = join(folder.path, "here");
  await Deno.mkdir(join(here, "sub"), { recursive: true });
  for (const name of ["o ne.txt", "a*b"]) await Deno.writeTextFile(join(here, name), "");
  for (const [line, offered] of LINES) {
    const words = ["bash", file, ...line.split("|")];
    const { code, stdout, stderr } = await run("/bin/bash", ["-c", BASH, ...words], { cwd: here });
    const candidates = stdout.split("\n").slice(0, -1);
    assertEquals([code, stderr], [0, ""], line);
    const isLocal = /netrc|get|serve/.test(line) && line !== "ftpkit|s";
    assertEquals((isLocal ? candidates.sort() : candidates).join(" "), offered, line);
  }
  const loaded = await run("/bin/bash", ["-c", `source "$0"; complete -p ftpkit`, file]);
  assertEquals(loaded.stdout, "complete -F _ftpkit ftpkit\n");
});

async function installed(shell: string): Promise<boolean> {
  return await run(`/usr/bin/${shell}`, ["--version"]).then(({ code }) => code === 0, () => false);
}

Deno.test("ftpkit completions fish: what fish offers", {
  ignore: !await installed("fish"),
}, async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "ftpkit.fish");
  await Deno.writeTextFile(file, await script("fish"));
  const lines = {
    "ftpkit ls --sort ": "name size time",
    "ftpkit user ": "add list passwd remove",
    "ftpkit user add ": "",
    "ftpkit completions z": "zsh",
  };
  for (const [line, offered] of Object.entries(lines)) {
    const args = ["--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, file, line];
    const { code, stdout } = await run("/usr/bin/fish", args, { env: { HOME: folder.path } });
    const words = stdout.split("\n").slice(0, -1).map((each) => each.split("\t")[0]);
    assertEquals([code, words.join(" ")], [0, offered], line);
  }
});

Deno.test("ftpkit completions zsh: zsh can read it", {
  ignore: !await installed("zsh"),
}, async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "_ftpkit");
  await Deno.writeTextFile(file, await script("zsh"));
  const { code, stderr } = await run("/usr/bin/zsh", ["-f", "-n", file]);
  assertEquals([code, stderr], [0, ""]);
});

const USAGE: CommandUsage = {
  name: "try",
  synopsis: "",
  summary: "Do what isn't [done]: now. And more.",
  examples: [],
  options: {
    size: { short: "s", value: "N:M", help: "a 'size' [of it]: $x `y` \\z" },
    mode: { value: "MODE", choices: ["a", "b"], repeatable: true, help: "how" },
    file: { value: "FILE", help: "which" },
    dir: { value: "DIR", help: "where" },
    quick: { short: "q", help: "at once" },
  },
  operands: { min: 0, max: 1, missing: "X", complete: ["one", "two"] },
};

Deno.test("zshScript: specifications in its language, with its characters escaped", () => {
  const text = zshScript([completedCommand(USAGE)]);
  const specs = [
    `'try:Do what isn'\\''t \\[done\\]\\: now'`,
    `'(-s --size)'{-s+,--size=}'[a '\\''size'\\'' \\[of it\\]\\: $x \`y\` \\\\z]:N\\:M: ' \\`,
    `'*'--mode='[how]:MODE:(a b)' \\`,
    `--file='[which]:FILE:_files' \\`,
    `--dir='[where]:DIR:_files -/' \\`,
    `'(-q --quick)'{-q,--quick}'[at once]' \\`,
    `'1:argument:(one two)'\n`,
  ];
  for (const spec of specs) assertStringIncludes(text, spec);
});

Deno.test("powershellScript: tables in its language, with its quotes doubled", () => {
  const text = powershellScript([completedCommand(USAGE)]);
  const entries = [
    `'try' = @{`,
    `Help = 'Do what isn''t [done]: now'`,
    `Words = @('one', 'two')`,
    `@{ Names = @('-s', '--size'); Valued = $true; Words = @(); Help = 'a ''size'' [of it]: $x \`y\` \\z' }`,
    `@{ Names = @('--mode'); Valued = $true; Words = @('a', 'b'); Help = 'how' }`,
    `@{ Names = @('-q', '--quick'); Valued = $false; Words = @(); Help = 'at once' }`,
  ];
  for (const entry of entries) assertStringIncludes(text, entry);
});

const REFUSED: readonly (readonly [args: readonly string[], words: string])[] = [
  [[], "Missing the shell: ftpkit completions bash|zsh|fish|powershell"],
  [["fisch"], 'Unknown shell "fisch" (did you mean fish?)'],
  [["toString"], 'Unknown shell "toString": must be one of bash, zsh, fish, powershell'],
  [["bash", "zsh"], 'Unexpected argument "zsh"'],
];

for (const [args, words] of REFUSED) {
  Deno.test(`ftpkit completions ${args.join(" ")}: one line and exit code 2`, async () => {
    const { code, stdout, stderr } = await ftpkit(["completions", ...args]);
    assertEquals([code, stdout, stderr], [2, "", `ftpkit: ${words}\n`]);
  });
}
