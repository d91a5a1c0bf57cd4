/** What `--json` prints, against `docs/json.schema.json`. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { run as get } from "../../../client/get_command.ts";
import { permissionLetters } from "../../../client/listing/entry.ts";
import { run as ls } from "../../../client/ls_command.ts";
import { run as mirror } from "../../../client/mirror_command.ts";
import { jsonEntry } from "../../../client/output/ls_output.ts";
import { run as put } from "../../../client/put_command.ts";
import schema from "../../../docs/json.schema.json" with { type: "json" };
import { reasonOf } from "../../../shared/errors.ts";
import { tempFolder } from "../../support/files.ts";
import { schemaProblems } from "../../support/json_schema.ts";
import { TestServer } from "../../support/test_server.ts";
import { testIo } from "../dialogue.ts";

const COMMANDS = { get, put, ls, mirror };

type Line = Readonly<Record<string, unknown>>;

/** Runs a command with `--json`, as a user who may do so much, and checks each line. */
async function lines(
  server: TestServer,
  call: readonly [command: keyof typeof COMMANDS, ...args: string[]],
  user = "alice",
): Promise<readonly Line[]> {
  const [name, ...args] = call;
  const common = ["-P", String(server.address.port), "-u", user, "--no-netrc", "--retries", "0"];
  const io = testIo({ env: { FTPKIT_PASSWORD: "secret" } });
  await COMMANDS[name](["--json", ...common, ...args], io).catch((error) => {
    io.err(reasonOf(error));
  });
  const texts = io.stdoutText.split("\n");
  assertEquals(texts.pop(), "", "the last line has no end");
  return texts.map((text) => {
    const line = JSON.parse(text);
    assertEquals(schemaProblems(line, schema), [], text);
    return line;
  });
}

/** What the lines say was done, and what came of it. */
function told(all: readonly Line[]): readonly string[] {
  return [...new Set(all.map(({ action, status }) => `${action} ${status}`))].sort();
}

Deno.test("--json: get and put in each outcome are as the schema says", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const here = join(folder.path, "sent\x1b ünïcödé");
  await Deno.writeTextFile(here, "content");
  const place = "127.0.0.1:";
  assertEquals(told(await lines(server, ["put", here, `${place}f`])), ["put done"]);
  assertEquals(told(await lines(server, ["put", "-n", here, `${place}f`])), ["put skipped"]);
  assertEquals(told(await lines(server, ["put", "--dry-run", here, `${place}g`])), ["put planned"]);
  assertEquals(told(await lines(server, ["put", here, `${place}x/y`])), ["put failed"]);
  const target = join(folder.path, "got");
  assertEquals(told(await lines(server, ["get", `${place}f`, target])), ["get done"]);
  assertEquals(told(await lines(server, ["get", "-n", `${place}f`, target])), ["get skipped"]);
  assertEquals(told(await lines(server, ["get", "--dry-run", `${place}f`, here])), ["get planned"]);
  assertEquals(told(await lines(server, ["get", `${place}none`, target])), ["get failed"]);
  assertEquals(told(await lines(server, ["get", `${place}f`, target], "nobody")), ["get failed"]);
});

Deno.test("--json: trees in each outcome are as the schema says", async () => {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  const tree = join(folder.path, "tree");
  await Deno.mkdir(join(tree, "sub/empty"), { recursive: true });
  await Deno.writeTextFile(join(tree, "sub/f"), "content");
  await Deno.symlink(".", join(tree, "loop"));
  const steps = ["mkdir done", "put done", "put skipped"];
  assertEquals(told(await lines(server, ["put", "-r", tree, "127.0.0.1:t"])), steps);
  assertEquals(told(await lines(server, ["mirror", "--dry-run", tree, "127.0.0.1:u"])), [
    "mkdir planned",
    "put planned",
    "put skipped",
  ]);
  await Deno.remove(join(tree, "sub"), { recursive: true });
  const removed = await lines(server, ["mirror", "--delete", tree, "127.0.0.1:t"]);
  assert(told(removed).includes("delete done"), told(removed).join());
  const refused = await lines(server, ["put", "-r", tree, "127.0.0.1:v"], "bob");
  assertEquals(told(refused), ["mkdir failed"]);
  assertEquals(told(await lines(server, ["mirror", "127.0.0.1:none", folder.path])), [
    "list failed",
  ]);
});

Deno.test("--json: ls is as the schema says", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(join(server.root, "d"));
  await Deno.writeTextFile(join(server.root, 'd/f"ü'), "content");
  const all = await lines(server, ["ls", "-R", "127.0.0.1:"]);
  assertEquals(all.map(({ path }) => path), ["d", 'd/f"ü']);
  assertEquals((await lines(server, ["ls", "127.0.0.1:d/*"])).length, 1);
});

Deno.test("--json: entries with everything that a server may tell, or nothing", () => {
  const date = new Date("2026-02-03T04:05:06.789Z");
  const times = [
    { date, precision: "second", zoneKnown: true },
    { date, precision: "minute", zoneKnown: false },
    { date, precision: "day", zoneKnown: false },
  ] as const;
  for (const modified of times) {
    const entry = {
      name: "a",
      type: "link",
      size: 0,
      modified,
      permissions: permissionLetters(0o7777),
      owner: "",
      group: "g",
      target: "\udce9",
      id: "not told",
    } as const;
    assertEquals(schemaProblems(JSON.parse(jsonEntry(entry, "")), schema), []);
  }
  assertEquals(
    schemaProblems(JSON.parse(jsonEntry({ name: "a", type: "other" }, "a")), schema),
    [],
  );
});

const TRANSFER = {
  action: "get",
  source: "h:f",
  target: "f",
  status: "done",
  bytes: 1,
  seconds: 0.5,
};
const ENTRY = { name: "a", path: "a", type: "file" };

/** Lines that are not as the schema says. */
const WRONG: readonly unknown[] = [
  null,
  [],
  "x",
  {},
  { ...TRANSFER, more: 1 },
  { ...TRANSFER, bytes: -1 },
  { ...TRANSFER, bytes: 1.5 },
  { ...TRANSFER, seconds: "1" },
  { ...TRANSFER, source: "" },
  { ...TRANSFER, status: "failed" },
  { ...TRANSFER, action: "mkdir" },
  { action: "get", status: "failed", error: "x", code: 0 },
  { action: "get", status: "failed", error: "", code: 1 },
  { ...ENTRY, type: "directory" },
  { ...ENTRY, modified: "2026-02-03" },
  { ...ENTRY, modified_zone: "UTC" },
  { path: "d", status: "failed", error: "x" },
];

Deno.test("schemaProblems: tells what is not as the schema says", () => {
  for (const right of [TRANSFER, ENTRY]) assertEquals(schemaProblems(right, schema), []);
  for (const wrong of WRONG) {
    assert(schemaProblems(wrong, schema).length > 0, JSON.stringify(wrong));
  }
  assertThrows(() => schemaProblems({}, { maxItems: 1 }), TypeError, "unknown keyword maxItems");
});
