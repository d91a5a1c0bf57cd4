/**
 * The shell's table of commands and its help.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { allCommands, commandNames, findCommand } from "../../../client/shell/commands.ts";
import { helpOf, helpTable } from "../../../client/shell/help.ts";
import { SETTINGS } from "../../../client/shell/settings.ts";
import { splitLine } from "../../../client/shell/words.ts";
import { UsageError } from "../../../shared/errors.ts";
import { textWidth } from "../../../shared/text_width.ts";
import { testSettings } from "./shell_io.ts";

Deno.test("commands: each name stands for one command", () => {
  const names = commandNames().map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("commands: all that docs/cli.md promises are there", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/cli.md", import.meta.url));
  const section = page.split(/^## /m).find((text) => text.startsWith("shell\n")) ?? "";
  const rows = section.split("\n").filter((line) => /^\| (`|~)/.test(line));
  assert(rows.length > 5);
  const cells = rows.flatMap((row) => row.split("|").slice(1, 3));
  for (const [, code = ""] of cells.join(" ").matchAll(/`([^`]+)`/g)) {
    const [name = ""] = code.split(" ");
    if (code.includes("=")) continue;
    findCommand(name);
  }
});

for (const { name, examples, completes } of allCommands()) {
  Deno.test(`commands: the examples of ${name} are commands of that name`, () => {
    assert(examples.length > 0 && completes.length > 0);
    for (const example of examples) {
      const first = splitLine(example)[0]?.words[0]?.text ?? "";
      assertEquals(findCommand(first).command.name, name);
      assertStringIncludes(helpOf(findCommand(name)), `  ${example}\n`);
    }
  });
}

for (
  const [name, near] of [["gett", "get"], ["mirorr", "mirror"], ["lsl", "ls"], [
    "exot",
    "exit",
  ]] as const
) {
  Deno.test(`findCommand: "${name}" suggests ${near}`, () => {
    assertThrows(() => findCommand(name), UsageError, `did you mean ${near}?`);
  });
}

Deno.test("findCommand: what resembles nothing leads to the help", () => {
  assertThrows(() => findCommand("\x1b[2Jxxxxxxxxxxxx"), UsageError, "help shows all");
  assertThrows(() => findCommand("\x1b[2Jxxxxxxxxxxxx"), UsageError, "\\x1b[2J");
});

Deno.test("helpOf: another name tells what it stands for", () => {
  assert(helpOf(findCommand("reget")).startsWith("reget is get -c\n"));
  assertStringIncludes(helpOf(findCommand("get")), "Also: retrieve, recv, reget (get -c)\n");
});

Deno.test("helpTable: no line is wider than the terminal, and every command is in it", () => {
  fc.assert(fc.property(fc.integer({ min: 40, max: 200 }), (width) => {
    const lines = helpTable(width).trimEnd().split("\n");
    for (const line of lines) assert(textWidth(line) < width, line);
    for (const { name } of allCommands()) {
      assert(lines.some((line) => line.split(/[ ,]/)[0] === name), name);
    }
  }));
});

Deno.test("helpTable: it ends with how names are quoted", () => {
  assertStringIncludes(helpTable(200), "escaped in $'...': $'\\t' is a tab");
});

Deno.test("settings: what is shown of each can be set", () => {
  const settings = testSettings();
  for (const setting of Object.values(SETTINGS)) {
    const shown = setting.show(settings);
    assertEquals(setting.show(setting.set(settings, shown)), shown);
    assertThrows(() => setting.set(settings, "no such value"), UsageError);
  }
});
