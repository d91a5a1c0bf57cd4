/**
 * `ftpkit user` as a program.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ftpkit } from "../support/cli.ts";
import type { RunResult } from "../support/run.ts";

async function withFile(test: (file: string, user: Run) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ftpkit-user-" });
  try {
    await Deno.writeTextFile(`${folder}/password`, "secret\nnot this\n");
    const file = `${folder}/users.toml`;
    await test(file, (...args) => ftpkit(["user", ...args, "--users", file]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type Run = (...args: readonly string[]) => Promise<RunResult>;

function passwordFile(file: string): readonly string[] {
  return ["--password-file", file.replace(/users\.toml$/, "password")];
}

Deno.test("ftpkit user: add, list, passwd, remove", async () => {
  await withFile(async (file, user) => {
    const added = await user(
      "add",
      "alice",
      ...passwordFile(file),
      "--permissions",
      "write",
      "--home",
      "/a",
      "--make-home",
      "--directory",
      "/in=upload",
      "--quota",
      "5G",
      "--expires",
      "2099-12-31",
      "--allow-from",
      "10.0.0.0/8",
    );
    assertEquals(added, { code: 0, stdout: 'Added user "alice"\n', stderr: "" });
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    const before = await Deno.readTextFile(file);
    assert(!before.includes("secret"));
    assertMatch(before, /password = "\$scrypt\$ln=15,r=8,p=1\$/);
    assertEquals(
      (await user("list")).stdout,
      "alice  list,read,upload,write,rename,delete,mkdir,times  /a\n",
    );
    const { stdout } = await user("list", "alice", "--json");
    const shown = JSON.parse(stdout);
    assertEquals([shown.directories, shown.quota, shown.allowFrom], [
      { "/in": ["list", "upload"] },
      5 * 1024 ** 3,
      ["10.0.0.0/8"],
    ]);
    assert(!stdout.includes("scrypt"));
    assertEquals((await user("passwd", "alice", ...passwordFile(file))).code, 0);
    assert(await Deno.readTextFile(file) !== before);
    assertEquals((await user("remove", "alice")).stdout, 'Removed user "alice"\n');
    assertEquals((await user("list")).stdout, "");
  });
});

Deno.test("ftpkit user: eight at once lose nothing", async () => {
  await withFile(async (file, user) => {
    const names = Array.from({ length: 8 }, (_, index) => `user${index}`);
    const results = await Promise.all(
      names.map((name) => user("add", name, ...passwordFile(file))),
    );
    assertEquals(results.map(({ code }) => code), names.map(() => 0));
    const listed = (await user("list")).stdout.split("\n").map((line) => line.split(" ")[0]);
    assertEquals(listed.filter(Boolean).sort(), names);
  });
});

const REFUSED: readonly (readonly [args: readonly string[], code: number, words: RegExp])[] = [
  [[], 2, /Missing add, passwd, remove or list/],
  [["ad", "x"], 2, /Unknown action "ad": must be one of .* \(did you mean add\?\)/],
  [["add"], 2, /Missing NAME/],
  [["add", "a:b"], 2, /Invalid user name "a:b"/],
  [["add", "new"], 4, /A password is needed, and there is no terminal \(see --password-file\)/],
  [["passwd", "nobody"], 1, /There is no user "nobody"/],
  [["remove", "nobody"], 1, /There is no user "nobody"/],
  [["list", "nobody"], 1, /There is no user "nobody"/],
  [["add", "alice"], 1, /Cannot add user "alice": there is one of that name/],
  [["add", "new", "--directory", "x"], 2, /Invalid --directory "x"/],
  [["add", "new", "--expires", "soon"], 2, /Invalid --expires "soon"/],
];

Deno.test("ftpkit user: what is refused, in one line, with the file as it was", async () => {
  await withFile(async (file, user) => {
    await user("add", "alice", ...passwordFile(file));
    const before = await Deno.readTextFile(file);
    for (const [args, code, words] of REFUSED) {
      const result = await user(...args);
      assertEquals([result.code, result.stdout], [code, ""], args.join(" "));
      assertMatch(result.stderr, words);
      assertEquals(result.stderr.split("\n").length, 2);
    }
    const bad = await user(
      "add",
      "new",
      ...passwordFile(file),
      "--permissions",
      "all",
      "--home",
      "x",
    );
    assertEquals(bad.code, 2);
    assertEquals(await Deno.readTextFile(file), before);
  });
});

Deno.test("ftpkit user: a file with faults is not touched", async () => {
  await withFile(async (file, user) => {
    await Deno.writeTextFile(file, '[users.bob]\npassword = "x"\nhme = "/"\n');
    const { code, stderr } = await user("add", "alice", ...passwordFile(file));
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /users\.toml:2: Invalid users\.bob\.password: not a scrypt hash.*users\.toml:3: Invalid users\.bob\.hme: unknown key/,
    );
    assertMatch(await Deno.readTextFile(file), /^\[users\.bob\]/);
  });
});
