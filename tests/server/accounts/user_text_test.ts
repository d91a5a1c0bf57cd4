/**
 * Changes in the text of a user file, and what of it stays.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "smol-toml";
import { changeUserText, type UserTables } from "../../../server/accounts/user_text.ts";
import { isTable, type Table } from "../../../server/toml/toml_table.ts";

const FILE = `# Staff of the print shop

# Ann, accounting
[users.ann]   # since 2020
password = "a" # changed in May
quota = "5G"

[users.ann.directories]
"/incoming" = "upload"  # scans

# until the end of May
[users."bob smith"]
home = '/b'
password = 'b'

# the last line
`;

function usersIn(text: string): Map<string, Table> {
  const users = parse(text.replace(/^\ufeff/, ""))["users"];
  const entries = Object.entries(isTable(users) ? users : {});
  return new Map(entries.flatMap(([name, table]) => isTable(table) ? [[name, table]] : []));
}

function changed(text: string, change: (users: Map<string, Table>) => void): string {
  const before = usersIn(text);
  const after = new Map(before);
  change(after);
  return changeUserText(text, { before, after });
}

Deno.test("changeUserText: a new password is one line, the rest stays", () => {
  const text = changed(FILE, (users) => {
    users.set("bob smith", { ...users.get("bob smith"), password: "$1 $& new" });
  });
  assertEquals(text, FILE.replace("'b'", '"$1 $& new"'.replaceAll("$", "$$$$")));
});

Deno.test("changeUserText: a user goes with the comment above it and the tables below it", () => {
  const text = changed(FILE, (users) => users.delete("ann"));
  const [top, bob] = [FILE.indexOf("# Ann"), FILE.indexOf("# until")];
  assertEquals(text, FILE.slice(0, top) + FILE.slice(bob));
});

Deno.test("changeUserText: a new user comes last", () => {
  const text = changed(FILE, (users) => {
    users.set("carol", { password: "c", directories: { "/x": ["list"] } });
  });
  assertEquals(
    text,
    `${FILE}\n[users.carol]\npassword = "c"\n\n[users.carol.directories]\n"/x" = [ "list" ]\n`,
  );
});

Deno.test("changeUserText: an empty file gets a heading, and stays valid without users", () => {
  const text = changed("", (users) => users.set("ann", { password: "a" }));
  assertEquals(
    text,
    '# Users of ftpkit serve, kept by ftpkit user\n\n[users.ann]\npassword = "a"\n',
  );
  assertEquals(
    changed(text, (users) => users.delete("ann")),
    "# Users of ftpkit serve, kept by ftpkit user\n",
  );
});

/** Ways to write users that cannot be cut by lines. */
const LAYOUTS = [
  'users = { ann = { password = "a" }, bob = { password = "b" } }\n',
  'users.ann.password = "a"\nusers.bob.password = "b"\n',
  '[users]\nann = { password = "a" }\nbob = { password = "b" }\n',
  '[users]\nann.password = "a"\nbob.password = "b"\n',
  '[users.ann]\nnote = """\n[users.bob]\npassword = "x"\n"""\npassword = "a"\n[users.bob]\npassword = "b"\n',
  '[users.ann]\npassword = """a"""\n[users.bob]\n"password" = "b"\n',
  '\ufeff[users.ann]\r\npassword = "a"\r\n[users.bob]\r\npassword = "b"\r\n',
];

for (const layout of LAYOUTS) {
  Deno.test(`changeUserText: every layout is right afterwards: ${JSON.stringify(layout)}`, () => {
    const added = changed(layout, (users) => users.set("carol", { password: "c" }));
    const moved = changed(layout, (users) => users.set("bob", { password: "new" }));
    const removed = changed(layout, (users) => users.delete("ann"));
    assertEquals([...usersIn(added).keys()], ["ann", "bob", "carol"]);
    assertEquals(usersIn(moved).get("bob")?.["password"], "new");
    assertEquals([...usersIn(removed).keys()], ["bob"]);
    for (const text of [added, moved]) assertEquals(usersIn(text).get("ann")?.["password"], "a");
  });
}

Deno.test("changeUserText: any changes of any users give exactly those users", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.isWellFormed()),
    fc.constantFrom("constructor", "__proto__", "a.b", "[users.x]", "#", '"', "users"),
  );
  const table = fc.record({
    password: fc.string(),
    permissions: fc.constantFrom("read", ["list", "read"]),
    directories: fc.dictionary(fc.constantFrom("/a", "/b c", "/#"), fc.constantFrom("read")),
  }, { requiredKeys: ["password"] });
  const users = fc.array(fc.tuple(name, table)).map((entries): UserTables => new Map(entries));
  fc.assert(fc.property(users, users, (first, second) => {
    const empty: UserTables = new Map();
    const text = changeUserText("", { before: empty, after: first });
    assertEquals(usersIn(text), new Map(first));
    const before = usersIn(text);
    // As the command does it: new users last, those that stay as they are or with a new password.
    const after = new Map(
      [...before].filter(([name], index) => second.has(name) || index % 2 === 0),
    );
    for (const [name, user] of second) {
      const old = after.get(name);
      after.set(name, old === undefined ? user : { ...old, password: user["password"] });
    }
    const next = changeUserText(text, { before, after });
    assert(next.startsWith("# Users of ftpkit serve"));
    assertEquals(usersIn(next), after);
  }));
});
