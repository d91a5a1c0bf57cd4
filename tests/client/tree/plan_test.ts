/** What a tree transfer does in one directory, and which paths take part. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { EntryTime } from "../../../client/listing/entry.ts";
import {
  compareTimes,
  type Comparison,
  planDirectory,
  type PlanRules,
  type PlanStep,
} from "../../../client/tree/plan.ts";
import { modeOf, type TreeEntry } from "../../../client/tree/tree_entry.ts";
import { compileFilter } from "../../../client/tree/tree_filter.ts";

const RULES: PlanRules = {
  compare: "differs",
  delete: false,
  ascii: false,
  admits: () => true,
  nameThere: (name) => name,
  refusesName: () => undefined,
};

function at(text: string, parts: Partial<EntryTime> = {}): EntryTime {
  return { date: new Date(text), precision: "second", zoneKnown: true, ...parts };
}

const NOON = at("2026-01-02T12:00:00Z");
const LATER = at("2026-01-02T12:00:07Z");

function file(name: string, size = 1, modified = NOON): TreeEntry {
  return { name, type: "file", size, modified };
}

function dir(name: string): TreeEntry {
  return { name, type: "dir" };
}

function plan(
  source: readonly TreeEntry[],
  target: readonly TreeEntry[],
  rules: Partial<PlanRules> = {},
): string[] {
  const steps = planDirectory({ source, target, sourceIncomplete: false }, { ...RULES, ...rules });
  return steps.map((step) => `${step.kind} ${step.name}`);
}

Deno.test("planDirectory: what is missing is transferred, files first, names in order", () => {
  assertEquals(plan([dir("b"), file("c"), file("a")], []), ["transfer a", "transfer c", "enter b"]);
});

/** What becomes of `x`, where the target has one too. */
const MEETINGS: readonly (readonly [
  what: string,
  source: TreeEntry,
  target: TreeEntry,
  kinds: Readonly<Record<Comparison, PlanStep["kind"]>>,
])[] = [
  ["the same", file("x"), file("x"), {
    always: "transfer",
    never: "pass",
    newer: "pass",
    differs: "pass",
  }],
  ["another size", file("x"), file("x", 2), {
    always: "transfer",
    never: "pass",
    newer: "transfer",
    differs: "transfer",
  }],
  ["newer here", file("x", 1, LATER), file("x"), {
    always: "transfer",
    never: "pass",
    newer: "transfer",
    differs: "transfer",
  }],
  ["newer there", file("x"), file("x", 1, LATER), {
    always: "transfer",
    never: "pass",
    newer: "pass",
    differs: "transfer",
  }],
  ["a time that is not known", { name: "x", type: "file", size: 1 }, file("x"), {
    always: "transfer",
    never: "pass",
    newer: "pass",
    differs: "pass",
  }],
  ["nothing that is known", { name: "x", type: "file" }, { name: "x", type: "file" }, {
    always: "transfer",
    never: "pass",
    newer: "transfer",
    differs: "transfer",
  }],
];

for (const [what, source, target, kinds] of MEETINGS) {
  for (const compare of ["always", "never", "newer", "differs"] as const) {
    Deno.test(`planDirectory: ${what}, ${compare}: ${kinds[compare]}`, () => {
      assertEquals(plan([source], [target], { compare }), [`${kinds[compare]} x`]);
    });
  }
}

Deno.test("planDirectory: of text only the times count", () => {
  assertEquals(plan([file("x")], [file("x", 2)], { ascii: true }), ["pass x"]);
});

Deno.test("planDirectory: a file and a directory of one name replace one another only with delete", () => {
  assertEquals(plan([file("x")], [dir("x")]), ["refuse x"]);
  assertEquals(plan([dir("x")], [file("x")]), ["refuse x"]);
  assertEquals(plan([file("x")], [dir("x")], { delete: true }), ["delete x", "transfer x"]);
  assertEquals(plan([dir("x")], [file("x")], { delete: true }), ["delete x", "enter x"]);
});

Deno.test("planDirectory: delete removes what the source does not have, but no part of what it has", () => {
  const target = [file("a"), file("a.part"), file("b.part"), dir("c"), file("kept.log")];
  const admits = (name: string): boolean => !name.endsWith(".log");
  assertEquals(plan([file("a")], target, { delete: true, admits }), [
    "delete b.part",
    "delete c",
    "pass a",
  ]);
});

Deno.test("planDirectory: what exists is passed over by never, whatever delete says", () => {
  const rules = { compare: "never", delete: true } as const;
  assertEquals(plan([file("x")], [dir("x")], rules), ["pass x"]);
  assertEquals(plan([dir("x")], [file("x")], rules), ["pass x"]);
});

Deno.test("planDirectory: a link of the target is replaced with delete, else left alone", () => {
  const there: TreeEntry = { name: "x", type: "link", isLink: true, modified: NOON };
  for (const source of [file("x"), dir("x")]) {
    const [arrival = ""] = plan([source], []);
    assertEquals(plan([source], [there]), ["refuse x"]);
    assertEquals(plan([source], [there], { delete: true }), ["delete x", arrival]);
    assertEquals(plan([source], [there], { compare: "never" }), ["pass x"]);
  }
});

Deno.test("planDirectory: nothing is removed where a name of the source cannot be told", () => {
  const refusesName = (name: string): string | undefined => name === "caf?" ? "odd" : undefined;
  const steps = plan([file("a"), file("caf?")], [file("caf\udce9"), dir("d")], {
    delete: true,
    refusesName,
  });
  assertEquals(steps, ["transfer a", "refuse caf?"]);
});

Deno.test("planDirectory: parts with other names than NAME.part are left alone with their file", () => {
  const part = (start: string): TreeEntry => file(`${start}~0123456789abcdef.part`);
  const target = [part("long"), part("gone"), file("long~0123.part")];
  const steps = plan([file("long name")], target, { delete: true });
  assertEquals(steps, [
    "delete gone~0123456789abcdef.part",
    "delete long~0123.part",
    "transfer long name",
  ]);
});

Deno.test("planDirectory: where NAME.part is transferred too, the part of NAME is another one", () => {
  const pair = { source: [file("x"), file("x.part")], target: [], sourceIncomplete: false };
  const taken = planDirectory(pair, RULES).map((step) =>
    step.kind === "transfer" && step.isPartTaken === true
  );
  assertEquals(taken, [true, false]);
});

Deno.test("planDirectory: nothing is removed where not all of the source is known", () => {
  const pair = { source: [file("a")], target: [file("b")], sourceIncomplete: true };
  const steps = planDirectory(pair, { ...RULES, delete: true });
  assertEquals(steps.map(({ kind }) => kind), ["transfer"]);
});

Deno.test("planDirectory: names that cannot be, and two that become one, are refused", () => {
  const rules: Partial<PlanRules> = {
    nameThere: (name) => name.toLowerCase(),
    refusesName: (name) => name === ".." ? "it would leave the destination" : undefined,
  };
  assertEquals(plan([file("A"), file("a"), dir("..")], [], rules), [
    "refuse ..",
    "transfer a",
    "refuse a",
  ]);
});

Deno.test("planDirectory: links to directories and what is no file are passed over, aloud", () => {
  const source: TreeEntry[] = [
    { name: "l", type: "link", isLink: true },
    { name: "o", type: "other" },
    { name: "d", type: "link", isLink: true, fault: new Error("it leads nowhere") },
  ];
  const steps = planDirectory({ source, target: [], sourceIncomplete: false }, RULES);
  const told = steps.map((step) => [step.kind, "minor" in step && step.minor]);
  assertEquals(told, [["refuse", false], ["pass", false], ["pass", false]]);
});

Deno.test("planDirectory: every entry of the source has one fate; without delete nothing goes", () => {
  const type = fc.constantFrom("file", "dir", "link", "other") as fc.Arbitrary<TreeEntry["type"]>;
  const entry = fc.record({ name: fc.string({ minLength: 1, maxLength: 2 }), type });
  const listing = fc.uniqueArray(entry, { selector: ({ name }) => name });
  const compare = fc.constantFrom("always", "never", "newer", "differs") as fc.Arbitrary<
    Comparison
  >;
  fc.assert(fc.property(listing, listing, compare, fc.boolean(), (source, target, way, removes) => {
    const rules = { ...RULES, compare: way, delete: removes };
    const steps = planDirectory({ source, target, sourceIncomplete: false }, rules);
    const fates = steps.filter(({ kind }) => kind !== "delete").map(({ name }) => name);
    assertEquals(fates.toSorted(), source.map(({ name }) => name).toSorted());
    const removed = steps.filter(({ kind }) => kind === "delete").map(({ name }) => name);
    assert(removes || removed.length === 0);
    assertEquals(new Set(removed).size, removed.length);
    assert(removed.every((name) => target.some((there) => there.name === name)));
  }));
});

const UNKNOWN_ZONE = { zoneKnown: false, precision: "minute" } as const;

const TIMES: readonly (readonly [EntryTime | undefined, EntryTime | undefined, string])[] = [
  [NOON, NOON, "same"],
  [LATER, NOON, "later"],
  [NOON, LATER, "earlier"],
  [undefined, NOON, "unknown"],
  [LATER, at("2026-01-02T12:00:00Z", { precision: "minute" }), "same"],
  [at("2026-01-02T23:00:00Z"), at("2026-01-02T00:00:00Z", { precision: "day" }), "same"],
  [NOON, at("2026-01-02T14:00:00Z", UNKNOWN_ZONE), "same"],
  [NOON, at("2026-01-02T06:30:00Z", UNKNOWN_ZONE), "same"],
  [NOON, at("2026-01-02T14:01:00Z", UNKNOWN_ZONE), "later"],
  [NOON, at("2026-01-05T12:00:00Z", UNKNOWN_ZONE), "earlier"],
  [at("2026-01-05T12:00:00Z"), at("2026-01-02T12:00:00Z", UNKNOWN_ZONE), "later"],
];

for (const [source, target, expected] of TIMES) {
  const name = [source, target].map((time) => time?.date.toISOString() ?? "nothing").join(" and ");
  Deno.test(`compareTimes: ${name}: ${expected}`, () => {
    assertEquals(compareTimes(source, target), expected);
  });
}

Deno.test("modeOf: letters of ls, and nothing else", () => {
  const known = [["rwxr-xr-x", 0o755], ["rw-------", 0o600], ["rwsr-sr-T", 0o754]] as const;
  for (const [letters, mode] of known) assertEquals(modeOf(letters), mode);
  assertEquals(["rwx", "", "rwxr-xr-?", "rwxrwxrwxr"].map(modeOf), Array(4).fill(undefined));
});

const FILTERS: readonly (readonly [
  options: Parameters<typeof compileFilter>[0],
  path: string,
  type: "file" | "dir",
  admitted: boolean,
])[] = [
  [{ include: [], exclude: [] }, "a/b", "file", true],
  [{ include: [], exclude: ["*.tmp"] }, "a/b.tmp", "file", false],
  [{ include: [], exclude: ["a/*.tmp"] }, "a/b.tmp", "file", false],
  [{ include: [], exclude: ["a/*.tmp"] }, "x/a/b.tmp", "file", true],
  [{ include: [], exclude: ["**/a/*.tmp"] }, "x/y/a/b.tmp", "file", false],
  [{ include: [], exclude: ["**/a/*.tmp"] }, "a/b.tmp", "file", false],
  [{ include: [], exclude: ["/build/"] }, "build", "dir", false],
  [{ include: [], exclude: ["/build/"] }, "build", "file", true],
  [{ include: [], exclude: ["/build/"] }, "a/build", "dir", true],
  [{ include: [], exclude: ["a/**"] }, "a/b/c", "file", false],
  [{ include: ["*.jpg"], exclude: [] }, "a/b.jpg", "file", true],
  [{ include: ["*.jpg"], exclude: [] }, "a/b.png", "file", false],
  [{ include: ["*.jpg"], exclude: [] }, "a", "dir", true],
  [{ include: ["*.{jpg,png}"], exclude: [] }, "a/b.png", "file", true],
  [{ include: [], exclude: ["{/x,**/y}/*.tmp"] }, "x/b.tmp", "file", false],
  [{ include: [], exclude: ["{/x,**/y}/*.tmp"] }, "a/y/b.tmp", "file", false],
  [{ include: [], exclude: ["{/x,**/y}/*.tmp"] }, "a/x/b.tmp", "file", true],
  [{ include: ["*.jpg"], exclude: ["b*"] }, "a/b.jpg", "file", false],
];

for (const [options, path, type, admitted] of FILTERS) {
  const rules = JSON.stringify(options);
  Deno.test(`compileFilter: ${rules}: ${type} ${path}: ${admitted}`, () => {
    assertEquals(compileFilter(options)(path, type), admitted);
  });
}
