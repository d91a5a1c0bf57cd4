import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkPath,
  isAddressable,
  isUtf8Name,
  requireFile,
  requireOffset,
} from "../../../server/storage/file_rule.ts";
import { temporaryName } from "../../../server/storage/hidden_name.ts";
import { Refusal } from "../../../server/storage/os_error.ts";

function verdict(path: string, use: "find" | "make"): string {
  try {
    checkPath(path, use);
    return "fine";
  } catch (error) {
    assertInstanceOf(error, Refusal);
    return error.kind;
  }
}

Deno.test("checkPath: only the last name is made, those before it must be there", () => {
  const hidden = temporaryName();
  const cases: [path: string, find: string, make: string][] = [
    ["/", "fine", "fine"],
    ["/a/b c/.d", "fine", "fine"],
    [`/${"a".repeat(255)}`, "fine", "fine"],
    [`/${"a".repeat(256)}`, "not-found", "bad-name"],
    [`/${"é".repeat(127)}a`, "fine", "fine"],
    [`/${"é".repeat(128)}`, "not-found", "bad-name"],
    [`/${"€".repeat(85)}`, "fine", "fine"],
    [`/${"€".repeat(86)}/a`, "not-found", "not-found"],
    [`/${hidden}`, "not-found", "bad-name"],
    [`/${hidden}/a`, "not-found", "not-found"],
    ["/a\0", "not-found", "bad-name"],
    ["/a\ufffd/b", "not-found", "not-found"],
    ["/../a", "bad-name", "bad-name"],
    ["/a/.", "bad-name", "bad-name"],
    ["/a/", "bad-name", "bad-name"],
    ["//a", "bad-name", "bad-name"],
    ["a", "bad-name", "bad-name"],
    ["", "bad-name", "bad-name"],
  ];
  for (const [path, find, make] of cases) {
    assertEquals([verdict(path, "find"), verdict(path, "make")], [find, make], path);
  }
});

Deno.test("checkPath: whatever passes has only names of 1 to 255 bytes and no way up", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    const path = `/${text}`;
    if (path === "/" || verdict(path, "make") !== "fine") return;
    for (const name of path.slice(1).split("/")) {
      const { length } = new TextEncoder().encode(name);
      assertEquals([length >= 1 && length <= 255, name === "..", name === "."], [
        true,
        false,
        false,
      ]);
    }
  }));
});

Deno.test("isAddressable: neither our own names nor bytes that are not UTF-8", () => {
  const bytes = new Uint8Array([0x62, 0xff]);
  assertEquals(isAddressable("täxt"), true);
  assertEquals(isAddressable(temporaryName()), false);
  assertEquals(isAddressable(new TextDecoder().decode(bytes)), false);
  assertEquals([isUtf8Name("ok"), isUtf8Name("\ud800")], [true, false]);
});

Deno.test("requireOffset: from the start to the end, both included", () => {
  for (const offset of [0, 1, 5]) requireOffset(offset, 5);
  for (const offset of [6, -1, 0.5, NaN, Infinity]) {
    assertEquals(assertThrows(() => requireOffset(offset, 5), Refusal).kind, "bad-offset");
  }
});

Deno.test("requireFile: only regular files", () => {
  requireFile({ isFile: true, isDirectory: false });
  const refused = (isDirectory: boolean) =>
    assertThrows(() => requireFile({ isFile: false, isDirectory }), Refusal).kind;
  assertEquals([true, false].map(refused), ["is-a-directory", "not-regular"]);
});
