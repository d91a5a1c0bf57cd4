/** `--segments` against real servers: whole, interrupted anywhere, and where connections are few. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { Child } from "../support/child.ts";
import { ftpkit, MAIN, serve } from "../support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { type PeerName, peerTest } from "../support/peers.ts";
import { type PeerServer, SERVER_NAMES, startServer } from "../support/servers.ts";

type Remote = Omit<PeerServer, "name" | "anonymous">;

const MIB = 2 ** 20;

async function startFtpkit(...args: string[]): Promise<Remote> {
  const login = { user: "ftpkit", password: "ftpkit-secret" };
  const users = ["--user", `${login.user}:${login.password}:write`];
  return { ...login, ...await serve({ args: [...users, ...args] }) };
}

const KINDS: readonly {
  readonly name: string;
  readonly needs: readonly PeerName[];
  start(): Promise<Remote>;
}[] = [
  ...SERVER_NAMES.map((name) => ({ name, needs: [name], start: () => startServer(name) })),
  { name: "ftpkit serve", needs: [], start: () => startFtpkit() },
];

function getArgs(server: Remote, ...args: string[]): string[] {
  const login = ["--port", String(server.port), "--user", server.user, "--no-netrc"];
  return ["get", ...login, "--retry-wait", "0.1", ...args];
}

function get(server: Remote, ...args: string[]): ReturnType<typeof ftpkit> {
  return ftpkit(getArgs(server, ...args), { env: { FTPKIT_PASSWORD: server.password } });
}

for (const { name, needs, start } of KINDS) {
  peerTest(`get --segments: four connections bring the whole file from ${name}`, {
    needs,
  }, async () => {
    await using server = await start();
    await using folder = await tempFolder();
    const [remote, local] = [join(server.root, "f"), join(folder.path, "f")];
    await makeFile(remote, 12 * MIB + 17);
    // Slow enough for the others to come before it is over.
    const options = ["-v", "--segments", "4", "--limit-rate", "12M"];
    const { code, stderr } = await get(server, ...options, "127.0.0.1:f", local);
    assertEquals(code, 0, stderr);
    assertEquals(await hashFile(local), await hashFile(remote));
    assert((stderr.match(/connected to/g)?.length ?? 0) > 1, stderr);
    assertEquals(stderr.match(/again|going on/g), null, stderr);
    const { mtime } = await Deno.stat(local);
    const seconds = (date: Date | null): number => Math.floor((date?.getTime() ?? 0) / 1000);
    assertEquals(seconds(mtime), seconds((await Deno.stat(remote)).mtime));
  });

  // Windows has no signals that a program could take.
  if (Deno.build.os === "windows") continue;
  peerTest(`get --segments: interrupted at any time, then --continue, with ${name}`, {
    needs,
  }, async () => {
    await using server = await start();
    await using folder = await tempFolder();
    const [remote, local] = [join(server.root, "f"), join(folder.path, "f")];
    const size = 6 * MIB + 5;
    await makeFile(remote, size);
    const options = ["--limit-rate", "8M", "--segments"];
    const place = ["127.0.0.1:f", local];
    const env = { FTPKIT_PASSWORD: server.password };
    const interruptions = [["SIGINT", "4"], ["SIGKILL", "3"], ["SIGTERM", "1"]] as const;
    for (const [signal, connections] of interruptions) {
      const args = ["-c", ...options, connections, ...place];
      await using child = new Child(Deno.execPath(), {
        args: ["run", "-A", "--quiet", MAIN, ...getArgs(server, ...args)],
        env,
      });
      await grown(`${local}.part`, Math.random() * MIB);
      const { code } = await child.stop(signal);
      if (signal !== "SIGKILL") assertEquals(code, 130, child.stderr);
      // Until it is whole, the part is longer than the file: nobody else takes it for the file.
      assert((await Deno.stat(`${local}.part`)).size > size);
    }
    const { code, stdout, stderr } = await get(server, "-c", "--json", ...place);
    assertEquals(code, 0, stderr);
    assertEquals(await hashFile(local), await hashFile(remote));
    assert(JSON.parse(stdout).bytes < size, stdout);
  });
}

/** Waits until so many bytes more of a file are there. */
async function grown(path: string, bytes: number): Promise<void> {
  const blocks = async (): Promise<number> =>
    (await Deno.stat(path).catch(() => undefined))?.blocks ?? 0;
  const before = await blocks();
  while (await blocks() - before <= 16 + bytes / 512);
}

Deno.test("get --segments: a server that allows two connections is enough", async () => {
  await using server = await startFtpkit("--max-sessions-per-ip", "2");
  await using folder = await tempFolder();
  const [remote, local] = [join(server.root, "f"), join(folder.path, "f")];
  await makeFile(remote, 4 * MIB);
  const { code, stderr } = await get(server, "--segments", "5", "127.0.0.1:f", local);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /f: going on with fewer connections: .*421/);
  assertEquals(await hashFile(local), await hashFile(remote));
});

Deno.test("get --segments --verify --limit-rate: one limit for all, and the whole is compared", async () => {
  await using server = await startFtpkit();
  await using folder = await tempFolder();
  const [remote, local] = [join(server.root, "f"), join(folder.path, "f")];
  await makeFile(remote, 2 * MIB);
  const options = ["-v", "--segments", "4", "--verify", "--limit-rate", "4M"];
  const started = performance.now();
  const { code, stderr } = await get(server, ...options, "127.0.0.1:f", local);
  assertEquals(code, 0, stderr);
  // A tenth of a second's worth goes at once.
  assert(performance.now() - started > 380);
  assertMatch(stderr, /f: its SHA-512 is the server's/);
  assertEquals(await hashFile(local), await hashFile(remote));
});
