/** `ftpkit ls` and its patterns against the servers of others, and its own. */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ftpkit, serve } from "../support/cli.ts";
import { peerTest } from "../support/peers.ts";
import { type PeerServer, SERVER_NAMES, startServer } from "../support/servers.ts";

type Remote = Pick<PeerServer, "user" | "password" | "root" | "port"> & AsyncDisposable;

async function startFtpkit(): Promise<Remote> {
  const login = { user: "ftpkit", password: "ftpkit-secret" };
  return { ...login, ...await serve({ args: ["--user", `${login.user}:${login.password}`] }) };
}

const KINDS = [
  ...SERVER_NAMES.map((name) => ({ name, needs: [name], start: () => startServer(name) })),
  { name: "ftpkit serve", needs: [], start: startFtpkit },
];

const FILES = ["a.txt", "b.md", "[x].txt", " odd  name ", ".hidden", "sub/one.txt", "sub/deep/two"];
/** Lately: LIST tells no time of what is older than half a year. */
const MODIFIED = new Date(Date.now() - 3 * 24 * 60 * 60_000);

async function plant(root: string): Promise<void> {
  await Deno.mkdir(join(root, "sub/deep"), { recursive: true });
  await Deno.mkdir(join(root, "empty"));
  for (const name of FILES) {
    await Deno.writeTextFile(join(root, name), name);
    await Deno.utime(join(root, name), MODIFIED, MODIFIED);
  }
  await Deno.symlink("..", join(root, "sub/up"));
}

async function ls(server: Remote, ...args: readonly string[]): Promise<string> {
  const options = ["--port", String(server.port), "--user", server.user, "--no-netrc"];
  const env = { FTPKIT_PASSWORD: server.password };
  const { code, stdout, stderr } = await ftpkit(["ls", ...options, ...args], { env });
  assertEquals(code, 0, stdout + stderr);
  return stdout;
}

async function paths(server: Remote, ...args: readonly string[]): Promise<readonly string[]> {
  const lines = (await ls(server, "--json", ...args)).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line).path);
}

for (const { name, needs, start } of KINDS) {
  peerTest(`ftpkit ls: patterns, trees with a loop, and times with ${name}`, {
    needs,
  }, async () => {
    await using server: Remote = await start();
    await plant(server.root);
    assertEquals(await paths(server, "127.0.0.1:*.txt"), ["[x].txt", "a.txt"]);
    assertEquals(await paths(server, "127.0.0.1:[x].txt"), ["[x].txt"]);
    assertEquals(await paths(server, "127.0.0.1:{a,b}.*"), ["a.txt", "b.md"]);
    assertEquals(await paths(server, "127.0.0.1:.h*"), [".hidden"]);
    assertEquals(await paths(server, "127.0.0.1:s?b/*.txt"), ["sub/one.txt"]);
    assertEquals(await paths(server, "127.0.0.1:**/t*o"), ["sub/deep/two"]);
    const tree = await paths(server, "-R", "127.0.0.1:");
    const first = [" odd  name ", "[x].txt", "a.txt", "b.md", "empty", "sub", "sub/deep"];
    const all = [...first, "sub/one.txt", "sub/up", "sub/deep/two"];
    assertEquals(tree, all);
    const entries = (await ls(server, "--json", "127.0.0.1:")).trimEnd().split("\n");
    const file = entries.map((line) => JSON.parse(line)).find((entry) => entry.name === "a.txt");
    const minute = MODIFIED.toISOString().slice(0, 16);
    assertEquals([file.size, file.modified.slice(0, 16)], [5, minute]);
    assertEquals(file.modified_zone, undefined);
  });
}
