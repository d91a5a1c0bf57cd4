/**
 * What is typed at the prompt, without a terminal.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { LineEditor } from "../../../client/shell/line_editor.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { clockThat } from "../../support/steady_clock.ts";
import { testIo } from "../dialogue.ts";

Deno.test("LineEditor: Ctrl-C in a completion drops the line, and the next one begins anew", async () => {
  using editor = new LineEditor(testIo({ stdin: "ls x\tpwd\r" }), {
    history: [],
    complete: () => Promise.reject(new InterruptedError("Interrupted")),
  });
  assertEquals(await editor.read("> "), { kind: "interrupt", empty: false });
  assertEquals(await editor.read("> "), { kind: "line", text: "pwd" });
});

Deno.test("LineEditor: NUL is a Ctrl-D of before the prompt, and later nothing", async () => {
  const typed = ["one\n\0", "\0two\n"];
  let now = 0;
  using _clock = clockThat(() => now);
  const stdinSource = {
    read: (buffer: Uint8Array) => {
      now += 2000;
      return Promise.resolve(new TextEncoder().encodeInto(typed.shift() ?? "", buffer).written);
    },
  };
  using editor = new LineEditor(testIo({ stdinSource }), {
    history: [],
    complete: () => Promise.resolve({ end: "", becomes: "", candidates: [] }),
  });
  assertEquals(await editor.read("> "), { kind: "line", text: "one" });
  assertEquals(await editor.read("> "), { kind: "end" });
  assertEquals(await editor.read("> "), { kind: "line", text: "two" });
});

Deno.test("LineEditor: Escape and Tab complete nothing and interrupt nothing", async () => {
  let asked = 0;
  using editor = new LineEditor(testIo({ stdin: "pw\x1b\td\r" }), {
    history: [],
    complete: () => {
      asked++;
      return Promise.resolve({ end: "", becomes: "", candidates: [] });
    },
  });
  assertEquals(await editor.read("> "), { kind: "line", text: "pwd" });
  assertEquals(asked, 0);
});
