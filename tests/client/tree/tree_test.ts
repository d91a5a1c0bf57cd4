/** Trees: get -r, put -r and mirror against our own server, and against sides that fail. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { run as get } from "../../../client/get_command.ts";
import { run as mirror } from "../../../client/mirror_command.ts";
import { run as put } from "../../../client/put_command.ts";
import type { CommandEntry } from "../../../shared/command_io.ts";
import { UsageError } from "../../../shared/errors.ts";
import { FaultyServer } from "../../support/faulty_server.ts";
import { tempFolder } from "../../support/files.ts";
import { TestServer } from "../../support/test_server.ts";
import { type CommandResult, testIo } from "../dialogue.ts";

const COMMANDS: Readonly<Record<string, CommandEntry>> = { get, put, mirror };

/** Runs a command as alice, who may write. */
async function call(
  server: TestServer | FaultyServer,
  args: readonly string[],
): Promise<CommandResult> {
  const [name = "", ...rest] = args;
  const { port } = server instanceof TestServer ? server.address : server;
  const common = ["-P", String(port), "-u", "alice", "--no-netrc", "--retries", "0"];
  const io = testIo({ env: { FTPKIT_PASSWORD: "secret" } });
  const command = COMMANDS[name];
  assert(command !== undefined);
  const code = await command([...common, ...rest], io);
  return { code, stdout: io.stdoutText, stderr: io.stderrText };
}

/** Path → content; a path that ends with a slash is an empty directory. */
type Files = Readonly<Record<string, string>>;

async function plant(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const place = join(root, path);
    await Deno.mkdir(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (!path.endsWith("/")) await Deno.writeTextFile(place, content);
  }
}

/** All that is below a directory, links as ` -> target`. */
async function harvest(root: string, path = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(join(root, path))) {
    const inner = path === "" ? name : `${path}/${name}`;
    if (isSymlink) found[inner] = ` -> ${await Deno.readLink(join(root, inner))}`;
    else if (!isDirectory) found[inner] = await Deno.readTextFile(join(root, inner));
    else {
      const below = await harvest(root, inner);
      if (Object.keys(below).length === 0) found[`${inner}/`] = "";
      Object.assign(found, below);
    }
  }
  return found;
}

const TREE: Files = {
  "a": "alpha",
  ".hidden": "dot",
  "empty/": "",
  "d/b": "beta",
  "d/e/ünïcödé ☃": "snow",
  "d/e/two  spaces": "",
};

Deno.test("get -r and put -r: a tree comes whole, empty directories and dot files too", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(join(folder.path, "tree"), TREE);
  const up = await call(server, ["put", "-r", join(folder.path, "tree"), "127.0.0.1:"]);
  assertEquals([up.code, await harvest(server.path("tree"))], [0, TREE]);
  const down = await call(server, ["get", "-r", "127.0.0.1:tree", join(folder.path, "copy")]);
  assertEquals([down.code, await harvest(join(folder.path, "copy"))], [0, TREE]);
  assertStringIncludes(down.stderr, "5 files, ");
});

Deno.test("get -r: into DEST/NAME where DEST is there, else DEST is the new name", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "t/x": "1" });
  await call(server, ["get", "-r", "127.0.0.1:t", folder.path]);
  await call(server, ["get", "-r", "127.0.0.1:t/", folder.path]);
  await call(server, ["get", "-r", "127.0.0.1:t", join(folder.path, "new")]);
  await call(server, ["get", "-r", "127.0.0.1:", join(folder.path, "all")]);
  assertEquals(await harvest(folder.path), { "t/x": "1", "new/x": "1", "all/t/x": "1" });
});

Deno.test("put -r: into DEST/NAME where DEST is there; . is its content; --mkdir makes the rest", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(folder.path, { "t/x": "1" });
  await plant(server.root, { "there/": "" });
  const source = join(folder.path, "t");
  await call(server, ["put", "-r", source, "127.0.0.1:there"]);
  await call(server, ["put", "-r", source, "127.0.0.1:new"]);
  await call(server, ["put", "-r", `${source}/.`, "127.0.0.1:there/"]);
  assertEquals((await call(server, ["put", "-r", source, "127.0.0.1:a/b/c"])).code, 6);
  assertEquals((await call(server, ["put", "-r", "--mkdir", source, "127.0.0.1:a/b/c"])).code, 0);
  const expected = { "there/t/x": "1", "new/x": "1", "there/x": "1", "a/b/c/x": "1" };
  assertEquals(await harvest(server.root), expected);
});

Deno.test("get -r -c, put -r -c: a new copy in a directory that may itself be one is told, and no other", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "t/x": "1", "u/y": "1" });
  const [here, source] = [join(folder.path, "here"), join(folder.path, "s")];
  await plant(source, { "x": "1" });
  for (
    const [command, from, to] of [
      ["get", "127.0.0.1:t", here],
      ["put", source, "127.0.0.1:there"],
    ] as const
  ) {
    const copy = `${to.replace("127.0.0.1:", "")}/${from.slice(-1)}`;
    const notice = `is there already, so this is a new copy in "${copy}" (mirror -c goes on`;
    for (
      const [args, isTold] of [
        [[command, "-r", "-c", from, to], false],
        [[command, "-r", "-c", "--dry-run", from, to], true],
        [[command, "-r", "--dry-run", from, to], false],
        [[command, "-r", "-c", "--dry-run", from, `${to}/`], false],
        [[command, "-r", "-c", "--dry-run", `${from}/.`, to], false],
        [[command, "-r", "-c", "-q", "--dry-run", from, to], false],
        [[command, "-r", "-c", from, to], true],
        [[command, "-r", "-c", from, to], false],
      ] as const
    ) {
      const { code, stderr } = await call(server, args);
      assertEquals([code, stderr.includes(notice)], [0, isTold], `${args.join(" ")}: ${stderr}`);
    }
    assertEquals((await call(server, ["mirror", "-c", from, to])).code, 0);
  }
  const several = ["get", "-r", "-c", "127.0.0.1:t", "127.0.0.1:u", folder.path];
  assertEquals((await call(server, several)).stderr.includes("new copy"), false);
});

Deno.test("get -r: what fails is named, the rest is there, exit code 8", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "t/a": "1", "t/b": "2", "t/c/d": "3" });
  await plant(folder.path, { "t/b/in the way": "" });
  const { code, stdout } = await call(server, ["get", "-r", "--json", "127.0.0.1:t", folder.path]);
  assertEquals([code, await harvest(folder.path)], [
    8,
    { "t/a": "1", "t/b/in the way": "", "t/c/d": "3" },
  ]);
  const results = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const failed = results.filter(({ status }) => status === "failed");
  assertEquals(failed.map(({ source }) => source), ["127.0.0.1:t/b"]);
});

Deno.test("get, put: a directory without -r fails, and the message names -r", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "t/a": "1" });
  const down = await call(server, ["get", "127.0.0.1:t", folder.path]);
  const up = await call(server, ["put", folder.path, "127.0.0.1:"]);
  assertEquals([down.code, up.code], [1, 1]);
  for (const { stderr } of [down, up]) assertStringIncludes(stderr, "(-r transfers directories)");
});

Deno.test("mirror: a second run moves nothing, in both directions", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const [here, back] = [join(folder.path, "here"), join(folder.path, "back")];
  await plant(here, TREE);
  await Deno.utime(
    join(here, "a"),
    new Date("2001-02-03T04:05:06Z"),
    new Date("2001-02-03T04:05:06Z"),
  );
  for (const [from, to] of [[here, "127.0.0.1:there"], ["127.0.0.1:there", back]] as const) {
    const first = await call(server, ["mirror", from, to]);
    assertStringIncludes(first.stderr, "5 files, ");
    const second = await call(server, ["mirror", from, to]);
    assertEquals([second.code, second.stdout], [0, ""]);
    assertStringIncludes(second.stderr, "0 files, 0 B");
    assertStringIncludes(second.stderr, "5 skipped");
  }
  assertEquals(await harvest(back), TREE);
  assertEquals((await Deno.stat(join(back, "a"))).mtime, new Date("2001-02-03T04:05:06Z"));
});

Deno.test("mirror: a second run moves nothing where only LIST tells times", async () => {
  const without = ["MLSD", "MLST", "MDTM", "SIZE"];
  await using server = await FaultyServer.start({ "m/a": "1", "m/d/b": "2" }, { without });
  await using folder = await tempFolder();
  const back = join(folder.path, "back");
  const first = await call(server, ["mirror", "127.0.0.1:m", back]);
  assertEquals([first.code, await harvest(back)], [0, { "a": "1", "d/b": "2" }]);
  assertEquals((await Deno.stat(join(back, "a"))).mtime, new Date("2024-01-02T00:00:00Z"));
  const second = await call(server, ["mirror", "127.0.0.1:m", back]);
  assertEquals([second.code, second.stdout], [0, ""]);
});

Deno.test("mirror -c, put -r -c: nothing is glued to an older file, or taken for a newer one", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const [here, old] = [join(folder.path, "m"), new Date("2020-01-01T00:00:00Z")];
  const texts = { "longer": "new and longer", "same size": "new" };
  await plant(here, texts);
  for (const command of [["mirror", "-c", here], ["put", "-r", "-c", `${here}/.`]]) {
    for (const name of Object.keys(texts)) {
      await plant(server.root, { [`m/${name}`]: "old" });
      await Deno.utime(server.path(`m/${name}`), old, old);
    }
    assertEquals((await call(server, [...command, "127.0.0.1:m"])).code, 0);
    assertEquals(await harvest(server.path("m")), texts);
  }
  await Deno.utime(join(here, "same size"), old, old);
  await Deno.writeTextFile(server.path("m/same size"), "odd");
  assertEquals((await call(server, ["mirror", "-c", here, "127.0.0.1:m"])).code, 0);
  assertEquals(await harvest(server.path("m")), texts);
});

/** Both sides of the changes that a mirror makes good. */
const SOURCE: Files = {
  "same": "1",
  "changed": "new!",
  "new": "2",
  "swap": "file",
  "swap2/f": "3",
};
const TARGET: Files = {
  "same": "1",
  "changed": "old",
  "extra": "x",
  "gone/in/deep": "",
  "swap/y": "",
  "swap2": "",
};

for (const way of ["down", "up"] as const) {
  Deno.test(`mirror --delete, ${way}: a dry run tells what a run then does, and does nothing`, async () => {
    await using server = await TestServer.start();
    await using folder = await tempFolder();
    const here = join(folder.path, "m");
    const [source, target] = way === "down" ? [server.path("m"), here] : [here, server.path("m")];
    await plant(source, SOURCE);
    await plant(target, TARGET);
    const time = new Date("2020-01-01T00:00:00Z");
    for (const place of [source, target]) await Deno.utime(join(place, "same"), time, time);
    const args = way === "down" ? ["127.0.0.1:m", here] : [here, "127.0.0.1:m"];
    const dry = await call(server, ["mirror", "--delete", "--json", "--dry-run", ...args]);
    assertEquals([dry.code, await harvest(target)], [0, TARGET]);
    const done = await call(server, ["mirror", "--delete", "--json", ...args]);
    assertEquals([done.code, await harvest(target)], [0, SOURCE]);
    assertEquals(stepsOf(done), stepsOf(dry));
  });
}

function stepsOf({ stdout }: CommandResult): string[] {
  return stdout.trimEnd().split("\n").map((line) => {
    const { action, target, status } = JSON.parse(line);
    return `${action} ${target}: ${status === "planned" ? "done" : status}`;
  });
}

Deno.test("mirror: without --delete nothing is removed, and a directory in the way is a failure", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.path("m"), SOURCE);
  await plant(folder.path, TARGET);
  const { code, stderr } = await call(server, ["mirror", "127.0.0.1:m", folder.path]);
  assertEquals(code, 8);
  assertStringIncludes(stderr, 'Cannot download "127.0.0.1:m/swap": it is a directory there');
  assertStringIncludes(stderr, 'Cannot download "127.0.0.1:m/swap2": it is no directory there');
  const { same, changed, extra } = await harvest(folder.path);
  assertEquals([same, changed, extra], ["1", "new!", "x"]);
});

Deno.test("mirror --delete: nothing goes in a directory, or below it, that cannot be listed", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "m/a": "1" });
  await plant(folder.path, { "kept": "2" });
  const { code, stderr } = await call(server, [
    "mirror",
    "--delete",
    "127.0.0.1:none",
    folder.path,
  ]);
  assertEquals([code, await harvest(folder.path)], [6, { kept: "2" }]);
  assertStringIncludes(stderr, 'Cannot list "none"');
});

Deno.test("mirror: links to files are copied, links to directories only with --follow, circles cut", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const here = join(folder.path, "here");
  await plant(here, { "f": "1", "d/g": "2" });
  for (const [name, to] of [["lf", "f"], ["ld", "d"], ["up", "."], ["none", "nowhere"]] as const) {
    await Deno.symlink(to, join(here, name));
  }
  const plain = await call(server, ["mirror", here, "127.0.0.1:plain"]);
  assertEquals(plain.code, 8);
  assertStringIncludes(
    plain.stdout,
    "ld -> 127.0.0.1:plain/ld  skipped: it is a link to a directory",
  );
  assertStringIncludes(plain.stderr, `Cannot upload "${here}/none"`);
  assertEquals(await harvest(server.path("plain")), { "f": "1", "d/g": "2", "lf": "1" });
  const follow = await call(server, ["mirror", "--follow", here, "127.0.0.1:follow"]);
  assertStringIncludes(follow.stdout, "skipped: it leads back to a directory above it");
  const all = { "f": "1", "d/g": "2", "lf": "1", "ld/g": "2" };
  assertEquals(await harvest(server.path("follow")), all);
});

Deno.test("mirror: a link below DEST is never followed to where it leads", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const [copy, outside] = [join(folder.path, "copy"), join(folder.path, "outside")];
  await plant(server.root, { "m/d/f": "1" });
  await plant(folder.path, { "copy/": "", "outside/precious": "2" });
  await Deno.symlink(outside, join(copy, "d"));
  const plain = await call(server, ["mirror", "127.0.0.1:m", copy]);
  assertEquals(plain.code, 8);
  const removing = await call(server, ["mirror", "--delete", "127.0.0.1:m", copy]);
  assertEquals([removing.code, await harvest(copy)], [0, { "d/f": "1" }]);
  assertEquals(await harvest(outside), { precious: "2" });
});

Deno.test("mirror: a link below DEST to a file is not written through", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "m/f": "1", "m/g": "2" });
  await plant(folder.path, { "copy/": "", "outside": "precious" });
  const [copy, link] = [join(folder.path, "copy"), join(folder.path, "copy", "f")];
  await Deno.symlink("../outside", link);
  const plain = await call(server, ["mirror", "127.0.0.1:m", copy]);
  assertEquals(plain.code, 8);
  assertStringIncludes(plain.stderr, 'Cannot download "127.0.0.1:m/f": it is a link there');
  const removing = await call(server, ["mirror", "--delete", "127.0.0.1:m", copy]);
  const all = { "copy/f": "1", "copy/g": "2", "outside": "precious" };
  assertEquals([removing.code, await harvest(folder.path)], [0, all]);
});

Deno.test("mirror --delete: a link that the server shows as a directory goes, not what it leads to", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "outside/precious": "1", "m/real/deep/f": "2" });
  await Deno.symlink("../outside", server.path("m/link"));
  await plant(folder.path, { "a": "3" });
  const { code, stdout } = await call(server, ["mirror", "--delete", folder.path, "127.0.0.1:m"]);
  assertEquals([code, await harvest(server.root)], [0, { "outside/precious": "1", "m/a": "3" }]);
  assertEquals(stdout.split("\n").filter((line) => line.includes("link")), [
    "127.0.0.1:m/link  removed",
  ]);
});

Deno.test("mirror --delete: what has a name that cannot be read here stays on the server", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(folder.path, { "a": "1" });
  await plant(server.root, { "m/caf\u00e9": "2", "m/d/e": "3" });
  const odd = new Deno.Command("sh", {
    args: ["-c", "touch \"$(printf 'caf\\351')\""],
    cwd: folder.path,
  });
  assert((await odd.output()).success);
  const { code, stderr } = await call(server, ["mirror", "--delete", folder.path, "127.0.0.1:m"]);
  assertEquals([code, await harvest(server.path("m"))], [
    8,
    { "a": "1", "caf\u00e9": "2", "d/e": "3" },
  ]);
  assertStringIncludes(stderr, "its name is not UTF-8");
});

Deno.test("get -r, put -r --atomic, mirror: x and x.part side by side", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const here = join(folder.path, "here");
  const files = { "x": "1".repeat(100_000), "x.part": "2", "x.part.part": "3" };
  await plant(here, files);
  const place = "127.0.0.1:m";
  assertEquals((await call(server, ["put", "-r", "--atomic", here, place])).code, 0);
  assertEquals(await harvest(server.path("m")), files);
  const back = join(folder.path, "back");
  assertEquals((await call(server, ["get", "-r", place, back])).code, 0);
  assertEquals(await harvest(back), files);
  await Deno.writeTextFile(server.path("m/x"), "another one");
  assertEquals((await call(server, ["mirror", place, back])).code, 0);
  assertEquals(await harvest(back), { ...files, "x": "another one" });
});

Deno.test("get -r --include --exclude: only what is wanted, and no empty directories around it", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, {
    "m/a.jpg": "1",
    "m/b.txt": "2",
    "m/d/c.jpg": "3",
    "m/e/f.txt": "4",
    "m/x/g.jpg": "5",
  });
  const args = ["--include", "*.jpg", "--exclude", "/x/", "127.0.0.1:m", join(folder.path, "c")];
  const { code } = await call(server, ["get", "-r", ...args]);
  assertEquals([code, await harvest(folder.path)], [0, { "c/a.jpg": "1", "c/d/c.jpg": "3" }]);
});

Deno.test("get -r -n, --update: what is passed over is no failure", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "m/a": "new!", "m/b": "1" });
  await plant(folder.path, { "m/a": "old" });
  const kept = await call(server, ["get", "-r", "-n", "127.0.0.1:m", folder.path]);
  assertEquals([kept.code, await harvest(folder.path)], [0, { "m/a": "old", "m/b": "1" }]);
  const updated = await call(server, ["get", "-r", "--update", "127.0.0.1:m", folder.path]);
  assertEquals([updated.code, await harvest(folder.path)], [0, { "m/a": "new!", "m/b": "1" }]);
  assertStringIncludes(updated.stderr, "1 file, 4 B");
});

Deno.test("get -r: two hundred levels deep", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const deep = `${"d/".repeat(200)}f`;
  await plant(server.root, { [`m/${deep}`]: "1" });
  const { code, stderr } = await call(server, ["get", "-r", "127.0.0.1:m", join(folder.path, "c")]);
  assertEquals([code, await Deno.readTextFile(join(folder.path, "c", deep))], [0, "1"], stderr);
});

Deno.test("get -r: two allowed sessions are enough for eight", async () => {
  let sessions = 0;
  await using server = await TestServer.start({
    authority: {
      admit: () =>
        Promise.resolve(
          ++sessions > 2
            ? { kind: "turned-away", reason: "two are enough" }
            : { kind: "admitted", session: sessions },
        ),
    },
  });
  await using folder = await tempFolder();
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, `${at}`]));
  await plant(server.path("m"), files);
  const args = ["--parallel", "8", "-v", "127.0.0.1:m", join(folder.path, "c")];
  const { code, stderr } = await call(server, ["get", "-r", ...args]);
  assertEquals([code, await harvest(join(folder.path, "c"))], [0, files], stderr);
  assertStringIncludes(stderr, "going on with 2 sessions");
});

Deno.test("get -r, put -r: times and permissions are kept, unless --no-preserve", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const time = new Date("2001-02-03T04:05:06Z");
  await plant(folder.path, { "t/x": "1" });
  const file = join(folder.path, "t", "x");
  await Deno.chmod(file, 0o750);
  await Deno.utime(file, time, time);
  await call(server, ["put", "-r", join(folder.path, "t"), "127.0.0.1:"]);
  await call(server, ["get", "-r", "127.0.0.1:t", join(folder.path, "copy")]);
  await call(server, ["get", "-r", "--no-preserve", "127.0.0.1:t", join(folder.path, "not")]);
  const looked = await Promise.all(
    [server.path("t/x"), join(folder.path, "copy/x"), join(folder.path, "not/x")].map(
      async (path) => {
        const { mtime, mode } = await Deno.stat(path);
        return [mtime?.getTime() === time.getTime(), ((mode ?? 0) & 0o777).toString(8)];
      },
    ),
  );
  assertEquals(looked.slice(0, 2), [[true, "750"], [true, "750"]]);
  assertEquals(looked[2]?.[0], false);
});

Deno.test("get -r: eight sessions tell the same in the same order as one", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const files = Array.from({ length: 60 }, (_, at) => [`d${at % 20}/e/f${at}`, `${at}`]);
  await plant(server.path("m"), Object.fromEntries(files));
  const tell = async (parallel: string): Promise<string[]> => {
    const copy = join(folder.path, "copy");
    const args = ["--parallel", parallel, "--json", "127.0.0.1:m", copy];
    const { code, stdout } = await call(server, ["get", "-r", ...args]);
    assertEquals([code, await harvest(copy)], [0, Object.fromEntries(files)]);
    await Deno.remove(copy, { recursive: true });
    return stdout.trimEnd().split("\n").map((line) => JSON.parse(line).target);
  };
  assertEquals(await tell("8"), await tell("1"));
});

Deno.test("get: a pattern stands for what matches, here and there; one that matches nothing is 6", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "m/a1": "1", "m/a2": "2", "m/b[1]": "3", "m/b1": "4", "m/d/a3": "5" });
  const copy = async (...patterns: string[]): Promise<[number, Record<string, string>]> => {
    const to = await Deno.makeTempDir({ dir: folder.path });
    const { code } = await call(server, ["get", ...patterns.map((p) => `127.0.0.1:${p}`), to]);
    return [code, await harvest(to)];
  };
  assertEquals(await copy("m/a?"), [0, { a1: "1", a2: "2" }]);
  assertEquals(await copy("m/b[1]"), [0, { "b[1]": "3" }]);
  assertEquals(await copy("m/{a1,**/a3}"), [0, { a1: "1", a3: "5" }]);
  assertEquals(await copy("m/x*"), [6, {}]);
  assertEquals(await copy("m/x*", "m/a1"), [8, { a1: "1" }]);
  assertEquals((await copy("-r", "m/*"))[0], 8);
});

Deno.test("get -r, mirror: patterns of directories; --no-glob takes names as they are", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(server.root, { "x1/f": "1", "x2/g": "2", "*/h": "3" });
  const to = (name: string): string => join(folder.path, name);
  await plant(folder.path, { "all/": "" });
  assertEquals((await call(server, ["get", "-r", "127.0.0.1:x?", to("all")])).code, 0);
  assertEquals(await harvest(to("all")), { "x1/f": "1", "x2/g": "2" });
  assertEquals((await call(server, ["mirror", "127.0.0.1:*1", to("one")])).code, 0);
  assertEquals(await harvest(to("one")), { "f": "1" });
  assertEquals((await call(server, ["mirror", "--no-glob", "127.0.0.1:*", to("star")])).code, 0);
  assertEquals(await harvest(to("star")), { "h": "3" });
  await assertRejects(
    () => call(server, ["mirror", "127.0.0.1:x?", to("two")]),
    UsageError,
    'Cannot mirror "127.0.0.1:x?": it stands for 2 places',
  );
});

Deno.test("put: a pattern that no shell has expanded stands for what matches", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await plant(folder.path, { "a1": "1", "a2": "2", "b*": "3", "b1": "4" });
  assertEquals((await call(server, ["put", join(folder.path, "a?"), "127.0.0.1:"])).code, 0);
  assertEquals((await call(server, ["put", join(folder.path, "b*"), "127.0.0.1:"])).code, 0);
  assertEquals(await harvest(server.root), { "a1": "1", "a2": "2", "b*": "3" });
});
