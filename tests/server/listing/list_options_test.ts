import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type ListOptions,
  parseListArgument,
  PLAIN,
} from "../../../server/listing/list_options.ts";

const CASES: readonly (readonly [string, Partial<ListOptions>, string])[] = [
  ["", {}, ""],
  ["path with spaces", {}, "path with spaces"],
  ["-a", { hidden: true }, ""],
  ["-la", { hidden: true, form: "long" }, ""],
  ["-l -a dir", { hidden: true, form: "long" }, "dir"],
  ["-lR  two spaces", { form: "long", recursive: true }, " two spaces"],
  ["-tr x", { sort: "time", reverse: true }, "x"],
  ["-tS", { sort: "size" }, ""],
  ["-l1", { form: "names" }, ""],
  ["-d dir", { itself: true }, "dir"],
  ["-FZ~ dir", {}, "dir"],
  ["-- -a", {}, "-a"],
  ["-a -- -l", { hidden: true }, "-l"],
  ["-", {}, "-"],
  ["dir -a", {}, "dir -a"],
];

for (const [argument, options, path] of CASES) {
  Deno.test(`parseListArgument: ${JSON.stringify(argument)}`, () => {
    assertEquals(parseListArgument(argument), { options: { ...PLAIN, ...options }, path });
  });
}

Deno.test("parseListArgument: a path behind -- comes out as it is", () => {
  fc.assert(fc.property(fc.string(), (path) => {
    assertEquals(parseListArgument(`-la -- ${path}`).path, path);
  }));
});

Deno.test("parseListArgument: what it leaves of any argument is its end", () => {
  fc.assert(fc.property(fc.string(), (argument) => {
    assertEquals(argument.endsWith(parseListArgument(argument).path), true);
  }));
});
