import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { findPeer, type PeerName, peerTest, peerVersion } from "./peers.ts";
import { run } from "./run.ts";
import { SERVER_NAMES, startServer } from "./servers.ts";

/** Whether the other side ends or resets the connection within five seconds. */
async function endsSoon(connection: Deno.Conn): Promise<boolean> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.close();
  }, 5000);
  const read = (): Promise<number | null> => connection.read(new Uint8Array(512)).catch(() => null);
  while (await read() !== null);
  clearTimeout(timer);
  if (!late) connection.close();
  return !late;
}

for (const name of SERVER_NAMES) {
  for (const host of ["127.0.0.1", "::1"]) {
    peerTest(`startServer: ${name} on ${host}`, { needs: ["curl", name] }, async () => {
      await using server = await startServer(name, host);
      const url = `ftp://${host === "::1" ? "[::1]" : host}:${server.port}/`;
      const login = `${server.user}:${server.password}`;
      await Deno.writeTextFile(join(server.root, "here.txt"), "here\n");

      const download = await run("curl", ["-sS", "-u", login, `${url}here.txt`]);
      assertEquals(download, { code: 0, stdout: "here\n", stderr: "" });
      const upload = await run("curl", ["-sS", "-u", login, "-T", "-", `${url}new.txt`], {
        stdin: "new\n",
      });
      assertEquals(upload.code, 0, upload.stderr);
      assertEquals(await Deno.readTextFile(join(server.root, "new.txt")), "new\n");
      const refused = await run("curl", ["-sS", "-u", `${server.user}:wrong`, url]);
      assertEquals(refused.code, 67, "curl's code for a refused login");
    });
  }

  peerTest(`startServer: ${name} takes anonymous to read only`, {
    needs: ["curl", name],
  }, async () => {
    await using server = await startServer(name);
    const url = `ftp://127.0.0.1:${server.port}/`;
    const list = await run("curl", ["-sS", url]);
    assertEquals(list.code === 0, server.anonymous);
    const upload = await run("curl", ["-sS", "-T", "-", `${url}new.txt`], { stdin: "new\n" });
    assertNotEquals(upload.code, 0);
  });

  peerTest(`startServer: ${name} leaves no process and no file behind`, {
    needs: [name],
  }, async () => {
    const server = await startServer(name);
    const session = await Deno.connect({ hostname: server.host, port: server.port });
    await session.read(new Uint8Array(512));
    await server[Symbol.asyncDispose]();
    assert(await endsSoon(session), "its session lives on");
    assertEquals(await Deno.stat(server.root).catch(() => "gone"), "gone");
  });
}

const PEERS: readonly PeerName[] = [
  ...SERVER_NAMES,
  "curl",
  "lftp",
  "ncftpget",
  "tnftp",
  "python3",
  "openssl",
  "tmux",
];

for (const name of PEERS) {
  peerTest(`peerVersion: ${name} says it`, { needs: [name] }, async () => {
    const peer = findPeer(name);
    assertMatch(peer === undefined ? "" : await peerVersion(peer), /^\d/);
  });
}
