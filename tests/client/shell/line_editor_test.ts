/**
 * What is typed at the prompt, without a terminal.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { LineEditor } from "../../../client/shell/line_editor.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { testIo } from "../dialogue.ts";

Deno.test("LineEditor: Ctrl-C in a completion drops the line, and the next one begins anew", async () => {
  using editor = new LineEditor(testIo({ stdin: "ls x\tpwd\r" }), {
    history: [],
    complete: () => Promise.reject(new InterruptedError("Interrupted")),
  });
  assertEquals(await editor.read("> "), { kind: "interrupt", empty: false });
  assertEquals(await editor.read("> "), { kind: "line", text: "pwd" });
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
