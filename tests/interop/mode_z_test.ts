/** MODE Z with clients of others: lftp, and Python's zlib over its ftplib. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { serve, type Serving } from "../support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { run } from "../support/run.ts";

const SIZE = 8 * 2 ** 20;
const LOGIN = { user: "writer", password: "secret:word" };

function startServer(): Promise<Serving> {
  return serve({ args: ["--user", `${LOGIN.user}:${LOGIN.password}:write`] });
}

/** Two files: one that packs well, and one that does not pack at all. */
async function makeFiles(folder: string): Promise<void> {
  const line = "a line that comes again and again, number ";
  let text = "";
  for (let number = 0; text.length < SIZE; number++) text += `${line}${number}\n`;
  await Deno.writeTextFile(join(folder, "text.bin"), text);
  await makeFile(join(folder, "random.bin"), SIZE);
}

async function assertSame(one: string, other: string): Promise<void> {
  for (const name of ["text.bin", "random.bin"]) {
    assertEquals(await hashFile(join(one, name)), await hashFile(join(other, name)), name);
  }
}

peerTest("serve: lftp lists and moves 8 MiB in MODE Z both ways", { needs: ["lftp"] }, async () => {
  await using server = await startServer();
  await using here = await tempFolder();
  await using back = await tempFolder();
  await makeFiles(here.path);
  const script = [
    "debug 9",
    "set cmd:fail-exit yes",
    "set net:max-retries 1",
    "set ftp:use-mode-z yes",
    `open -u ${LOGIN.user},${LOGIN.password} -p ${server.port} ${server.host}`,
    "ls",
    "put text.bin",
    "put random.bin",
    "ls",
    `lcd ${back.path}`,
    "get text.bin",
    "get random.bin",
  ];
  const env = { HOME: here.path };
  const result = await run("lftp", ["-c", script.join("\n")], { cwd: here.path, env });
  const transcript = result.stdout + result.stderr;
  assertEquals(result.code, 0, transcript);
  assertMatch(transcript, /---> MODE Z/);
  assert(!/---> MODE S/.test(transcript), transcript);
  assertMatch(result.stdout, /8388608.* random\.bin/);
  await assertSame(here.path, server.root);
  await assertSame(here.path, back.path);
});

peerTest("serve: Python's zlib packs and unpacks MODE Z", { needs: ["python3"] }, async () => {
  await using server = await startServer();
  await using here = await tempFolder();
  await using back = await tempFolder();
  await makeFiles(here.path);
  const script = fromFileUrl(new URL("clients/ftplib_mode_z.py", import.meta.url));
  const args = [script, server.host, String(server.port), LOGIN.user, LOGIN.password];
  const names = ["text.bin", "random.bin"];
  const result = await run("python3", [...args, here.path, back.path, ...names]);
  assertEquals(result, { code: 0, stdout: "moved 2 files\n", stderr: "" });
  await assertSame(here.path, server.root);
  await assertSame(here.path, back.path);
});
