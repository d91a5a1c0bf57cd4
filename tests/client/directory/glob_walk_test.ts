/**
 * Patterns over trees of directories.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { MOST_LEVELS } from "../../../client/directory/ancestry.ts";
import { expandGlob, type GlobEntry } from "../../../client/directory/glob_walk.ts";
import { ProtocolError } from "../../../shared/errors.ts";

/** A directory: its names, each with a directory, "file" or "link". */
interface Tree {
  readonly [name: string]: Tree | "file" | "link";
}

/** What was found, and which directories were listed for it. */
interface Found {
  readonly paths: readonly string[];
  readonly listed: readonly string[];
}

async function find(pattern: string, tree: Tree): Promise<Found> {
  const listed: string[] = [];
  const matches = await expandGlob(pattern, {
    list: (path, { hidden }) => {
      listed.push(path);
      const entries = Object.entries(directoryAt(tree, path) ?? {});
      return Promise.resolve(
        entries.filter(([name]) => hidden || !name.startsWith("."))
          .map(([name, what]): GlobEntry => ({
            name,
            type: typeof what === "string" ? what : "dir",
          })),
      );
    },
  });
  return { paths: matches.map(({ path }) => path), listed: listed.sort() };
}

function directoryAt(tree: Tree, path: string): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const name of path.split("/").filter((each) => each !== "" && each !== ".")) {
    const below: Tree | "file" | "link" | undefined = at?.[name];
    // Every link leads to the same small directory.
    at = below === "link" ? { inside: "file" } : typeof below === "object" ? below : undefined;
  }
  return at;
}

const TREE: Tree = {
  "a.txt": "file",
  "b.md": "file",
  ".hidden": "file",
  ".dot": { "x.txt": "file" },
  "star*": "file",
  "[x]": { "one": "file" },
  "~home": "file",
  link: "link",
  pub: {
    "README": "file",
    "z.txt": "file",
    deep: { "README": "file", deeper: { "README": "file", "a.txt": "file" } },
    ".secret": { "README": "file" },
  },
  src: { "README": "file", "a": "file", empty: {} },
};

const CASES: readonly (readonly [pattern: string, paths: string, listed: string])[] = [
  ["*.txt", "a.txt", ""],
  ["?.*", "a.txt b.md", ""],
  ["{a,b}.*", "a.txt b.md", ""],
  ["[ab].{txt,md}", "a.txt b.md", ""],
  ["*/README", "pub/README src/README", " [x] link pub src"],
  ["pub/*.txt", "pub/z.txt", "pub"],
  ["pub/d*/README", "pub/deep/README", "pub pub/deep"],
  ["{pub,src}/R*", "pub/README src/README", " pub src"],
  ["pub/{z.txt,deep/R*}", "pub/deep/README pub/z.txt", "pub pub/deep"],
  ["pub/**/README", "pub/README pub/deep/README pub/deep/deeper/README", ""],
  ["**/deeper/*", "pub/deep/deeper/README pub/deep/deeper/a.txt", ""],
  ["src/**", "src/README src/a src/empty", "src src/empty"],
  ["src/**/**/a", "src/a", "src src/empty"],
  ["s**", "src star*", ""],
  ["*/", "[x] link pub src", ""],
  ["{.h*,a*}", ".hidden a.txt", ""],
  [".*/x*", ".dot/x.txt", " .dot"],
  ["[.]*", "", ""],
  ["*/../a*", "pub/../a.txt", " [x]/.. link/.. pub/.. src/.."],
  ["pub/../a*", "pub/../a.txt", "pub/.."],
  ["./a*", "./a.txt", "."],
  ["/p*", "/pub", "/"],
  ["pub/{deep/R*,z.txt}", "pub/deep/README pub/z.txt", "pub pub/deep"],
  ["/pub//*.txt", "/pub/z.txt", "/pub"],
  ["{/pub,src}/R*", "/pub/README src/README", " /pub src"],
  ["link/*", "link/inside", "link"],
  ["l*/*", "link/inside", " link"],
  ["~*", "./~home", ""],
  ["star*", "star*", ""],
  ["st\\ar\\*", "star*", ""],
  ["s\\*", "", ""],
  ["[x]", "[x]", ""],
  ["[x]/o*", "[x]/one", " [x]"],
  ["a.txt/*", "", "a.txt"],
  ["nothing/*", "", "nothing"],
];

for (const [pattern, paths, listed] of CASES) {
  Deno.test(`expandGlob: ${pattern}`, async () => {
    const tree = { ...TREE, ...(pattern.includes("..") ? { pub: { "..": TREE } } : {}) };
    const found = await find(pattern, tree);
    assertEquals(found.paths.join(" "), paths);
    if (!pattern.includes("**")) assertEquals(found.listed.join(" "), listed);
    assertEquals(new Set(found.listed).size, found.listed.length, "a directory is listed twice");
  });
}

/** Every path of a tree, without what lies in links. */
function* pathsOf(tree: Tree, above = ""): Generator<string> {
  for (const [name, what] of Object.entries(tree)) {
    yield above + name;
    if (typeof what === "object") yield* pathsOf(what, `${above}${name}/`);
  }
}

const NAMES = ["a", "b", "ab", ".a"];

const { tree: anyTree } = fc.letrec<{ tree: Tree; what: Tree | "file" }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...NAMES), tie("what"), { maxKeys: 4 }),
  what: fc.oneof({ depthSize: "small" }, fc.constant("file" as const), tie("tree")),
}));

/** Pieces of patterns, with the regular expression for one name. */
const PIECES: Readonly<Record<string, string>> = {
  "*": "[^./][^/]*",
  "?": "[^./]",
  a: "a",
  "a*": "a[^/]*",
  "[ab]": "[ab]",
  ".*": "\\.[^/]*",
  "{a,b}": "[ab]",
  "**": "**",
};

Deno.test("expandGlob: finds what the regular expression finds among all paths", async () => {
  const pattern = fc.array(fc.constantFrom(...Object.keys(PIECES)), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(fc.asyncProperty(pattern, anyTree, async (pieces, tree) => {
    const source = pieces.map((piece, index) => {
      const last = index === pieces.length - 1;
      if (piece !== "**") return (PIECES[piece] ?? "") + (last ? "" : "/");
      return last ? "[^./][^/]*(?:/[^./][^/]*)*" : "(?:[^./][^/]*/)*";
    }).join("");
    const expected = [...pathsOf(tree)].filter((path) => new RegExp(`^${source}$`).test(path));
    assertEquals((await find(pieces.join("/"), tree)).paths, expected.sort());
  }));
});

Deno.test("expandGlob: ** cuts a loop where the server tells which directory is which", async () => {
  let listings = 0;
  const { length } = await expandGlob("**/f", {
    list: () => {
      listings++;
      return Promise.resolve([
        { name: "f", type: "file", id: "id-1" },
        { name: "up", type: "dir", id: "id-2" },
        { name: "down", type: "dir", id: "id-3" },
      ]);
    },
  });
  // The start, up, up/down, down, down/up: none of them below itself.
  assertEquals([length, listings], [5, 5]);
});

Deno.test("expandGlob: ** ends in a tree without an end", async () => {
  const endless = {
    list: () => Promise.resolve([{ name: "d", type: "dir" } as const]),
  };
  await assertRejects(
    () => expandGlob("**/x", endless),
    ProtocolError,
    `more than ${MOST_LEVELS} directories in one another`,
  );
});

Deno.test("expandGlob: an entry that would lead elsewhere matches nothing", async () => {
  const names = ["a/../../etc", "/etc", ""];
  const found = await expandGlob("**", {
    list: () => Promise.resolve(names.map((name) => ({ name, type: "dir" }) as const)),
  });
  assertEquals(found, []);
});

Deno.test("expandGlob: many stars and alternatives over many names end at once", async () => {
  const names = Array.from({ length: 2000 }, (_, index) => `${"a".repeat(40)}${index}`);
  const found = await expandGlob(`{${"*a".repeat(20)}b,${"?".repeat(44)}}`, {
    list: () => Promise.resolve(names.map((name) => ({ name, type: "file" }) as const)),
  });
  assert(found.length === 1000);
});
