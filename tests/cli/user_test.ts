/**
 * `ftpkit user` as a program.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ftpkit, ftpkitOnTerminal } from "../support/cli.ts";
import { peerTest } from "../support/peers.ts";
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
      "--limit-rate-total",
      "20M",
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
    assertEquals([shown.directories, shown.quota, shown.limitRateTotal, shown.allowFrom], [
      { "/in": ["list", "upload"] },
      5 * 1024 ** 3,
      20 * 1024 ** 2,
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
  [["add", "new", "--expires", "soon"], 2, /Invalid --expires "soon": must be a day/],
  [["add", "new", "--expires", "2027-02-30"], 2, /Invalid --expires "2027-02-30": must be a day/],
  [["add", "new", "--permissions", ""], 2, /Invalid --permissions ""/],
  [
    ["add", "new", "--permissions", "list,nope"],
    2,
    /^ftpkit: Invalid --permissions: "nope" is none/,
  ],
  [
    ["add", "new", "--directory", "in=read"],
    2,
    /^ftpkit: Invalid --directory: "in" must begin with/,
  ],
  [["add", "new", "--quota", "5X"], 2, /^ftpkit: Invalid --quota: Cannot read the size "5X"/],
  [
    ["add", "new", "--limit-rate-total", "0"],
    2,
    /^ftpkit: Invalid --limit-rate-total: must be a number of bytes above 0/,
  ],
  [["add", "new", "--json"], 2, /Option --json does not go with add/],
  [["passwd", "alice", "--home", "/x"], 2, /Option --home does not go with passwd/],
  [["remove", "alice", "--password-file", "x"], 2, /--password-file does not go with remove/],
  [["list", "--disabled"], 2, /Option --disabled does not go with list/],
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

Deno.test("ftpkit user: a file that cannot be used is exit code 7, and nothing is left beside it", async () => {
  await withFile(async (file, user) => {
    for (const args of [["list"], ["remove", "bob"], ["passwd", "bob", ...passwordFile(file)]]) {
      const { code, stderr } = await user(...args);
      assertEquals(code, 7);
      assertMatch(
        stderr,
        /^ftpkit: Cannot read the user file ".*": no such file( or directory)?\n$/,
      );
    }
    const elsewhere = `${file}-no/users.toml`;
    const { code, stderr } = await ftpkit(
      ["user", "add", "bob", "--users", elsewhere, ...passwordFile(file)],
    );
    assertEquals(
      [code, stderr],
      [7, `ftpkit: Cannot write the user file "${elsewhere}": no such file or directory\n`],
    );
    const left = await Array.fromAsync(Deno.readDir(file.replace(/\/users\.toml$/, "")));
    assertEquals(left.map(({ name }) => name), ["password"]);
  });
});

Deno.test("ftpkit user: comments stay, and so does everything that is not asked for", async () => {
  await withFile(async (file, user) => {
    await user("add", "alice", ...passwordFile(file), "--expires", "2099-12-31");
    const noted = (await Deno.readTextFile(file)).replace("[users", "# Alice, until 2099\n[users");
    await Deno.writeTextFile(file, noted);
    await user("add", "bob", ...passwordFile(file));
    await user("passwd", "alice", ...passwordFile(file));
    const both = await Deno.readTextFile(file);
    assertMatch(
      both,
      /\n\n# Alice, until 2099\n\[users\.alice\]\npassword = "\$scrypt.*"\nexpires/,
    );
    await user("remove", "bob");
    const password = /password = ".*"/;
    const after = await Deno.readTextFile(file);
    assertEquals(after.replace(password, ""), noted.replace(password, ""));
    assert(after !== noted);
  });
});

Deno.test({
  name: "ftpkit user: one file under two names has one lock, and a link stays one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFile(async (file, user) => {
      await user("add", "first", ...passwordFile(file));
      await Deno.mkdir(`${file}-links`);
      const link = `${file}-links/link.toml`;
      await Deno.symlink(file, link);
      const names = Array.from({ length: 6 }, (_, index) => `user${index}`);
      await Promise.all(names.map((name, index) => {
        const users = index % 2 === 0 ? file : link;
        return ftpkit(["user", "add", name, "--users", users, ...passwordFile(file)]);
      }));
      const listed = (await user("list")).stdout.split("\n").map((line) => line.split(" ")[0]);
      assertEquals(listed.filter(Boolean).sort(), ["first", ...names]);
      assert((await Deno.lstat(link)).isSymlink);
      const beside = await Array.fromAsync(Deno.readDir(`${file}-links`));
      assertEquals(beside.map(({ name }) => name), ["link.toml"]);
    });
  },
});

Deno.test({
  name: "ftpkit user: a file that others can read is told, and mended at the next change",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFile(async (file, user) => {
      await user("add", "alice", ...passwordFile(file));
      assertEquals((await user("list")).stderr, "");
      await Deno.chmod(file, 0o640);
      assertMatch((await user("list")).stderr, /others can read .*users\.toml", its mode is 640/);
      await user("passwd", "alice", ...passwordFile(file));
      assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    });
  },
});

const ON_TERMINAL: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ["the same twice", ["s\u00e9cret\r", "s\u00e9cret\r"], 0, /Added user "alice"/],
  ["mended by Backspace", ["secx\x7fret\r", "secret\n"], 0, /Added user "alice"/],
  ["different ones", ["secret\r", "Secret\r"], 2, /The two passwords differ/],
  ["none", ["\r"], 2, /The password is empty/],
];

for (const [what, typed, code, words] of ON_TERMINAL) {
  peerTest(
    `ftpkit user: asks twice on a terminal and shows nothing of it: ${what}`,
    { needs: ["python3"] },
    async () => {
      await withFile(async (file, user) => {
        const answers = typed.map((text, index) => ({
          after: index === 0 ? "Password for alice: " : "Again: ",
          type: text,
        }));
        const result = await ftpkitOnTerminal(["user", "add", "alice", "--users", file], answers);
        assertEquals(result.code, code, result.stdout);
        assertMatch(result.stdout, words);
        assert(!/s.cret/i.test(result.stdout), result.stdout);
        if (code === 0) assertMatch((await user("list")).stdout, /^alice /);
        else assertEquals((await user("list")).code, 7);
      });
    },
  );
}
