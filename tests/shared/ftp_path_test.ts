/** Paths in 257 replies. */

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ProtocolError } from "../../shared/errors.ts";
import { quotePath, unquotePath } from "../../shared/ftp_path.ts";

Deno.test("quotePath, unquotePath: any path comes back, whatever stands around it", () => {
  const anyPath = fc.array(fc.constantFrom('"', "/", "a", " ", "ü", "'", "\\")).map((parts) =>
    parts.join("")
  );
  const anyText = fc.constantFrom("", " is current", ' "more"', " created.");
  fc.assert(fc.property(anyPath, anyText, (path, behind) => {
    assertEquals(unquotePath(`${quotePath(path)}${behind}`), path);
  }));
});

Deno.test("unquotePath: any other text is its first word, or no path", () => {
  assertEquals(unquotePath("/a/b is current"), "/a/b");
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      unquotePath(text);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }));
});
