/** ftpkit's client inside TLS, against the servers of others at their strictest. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { type TempFolder, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import type { RunResult } from "../support/run.ts";
import { type PeerServer, SERVER_NAMES, startTlsServer } from "../support/servers.ts";
import { LOCAL_IDENTITY, TLS_VERSIONS } from "../support/tls_pair.ts";
import { assertDone, call, target } from "./remote.ts";

/** Files in a row, and in a tree. */
const COUNT = 50;

/** From nothing to more than fits into the buffers on the way, each of another size. */
function content(index: number): Uint8Array {
  return new Uint8Array(index ** 3 * 5).fill(index + 1);
}

/** A folder with a CA file, and files in a folder of their own. */
async function sourceFolder(): Promise<TempFolder> {
  const folder = await tempFolder();
  await Deno.writeTextFile(join(folder.path, "ca.pem"), LOCAL_IDENTITY.cert);
  await Deno.mkdir(join(folder.path, "files"));
  for (let index = 0; index < COUNT; index++) {
    await Deno.writeFile(join(folder.path, "files", `${index}`), content(index));
  }
  return folder;
}

async function assertFiles(folder: string): Promise<void> {
  for (let index = 0; index < COUNT; index++) {
    const there = await Deno.readFile(join(folder, `${index}`));
    assertEquals(there.length, content(index).length, `file ${index}`);
    assertEquals(there, content(index));
  }
}

const NAMES = Array.from({ length: COUNT }, (_, index) => `${index}`);

for (const version of TLS_VERSIONS) {
  for (const name of SERVER_NAMES) {
    // Pure-FTPd takes no session of TLS 1.3 up again.
    const resumes = name !== "pure-ftpd" || version === "TLSv1.2";

    /** Runs ftpkit; all of its data connections must be inside TLS. */
    const run = async (server: PeerServer, args: readonly string[]): Promise<RunResult> => {
      const [command = "", ...rest] = args;
      const result = await call(server, [command, "-vv", "--tls", "require", ...rest]);
      assertDone(result);
      const handshakes = result.stderr.split("\n").filter((line) => line.startsWith("* "));
      for (const line of handshakes) assertStringIncludes(line, `${version}, `);
      const data = handshakes.filter((line) => line.startsWith("* data: "));
      const transfers = result.stderr.match(/^> (RETR|STOR|MLSD|LIST|NLST)/gm) ?? [];
      assertEquals(data.length, transfers.length);
      // What did not resume the session was refused, and begun again.
      const fresh = data.filter((line) => !line.endsWith(", session resumed")).length;
      const refused = result.stderr.match(/^< 425 /gm)?.length ?? 0;
      assertEquals(fresh, resumes ? refused : data.length);
      return result;
    };

    peerTest(`ftpkit --tls: ${COUNT} files in a row with ${name}, ${version}`, {
      needs: [name],
    }, async () => {
      await using server = await startTlsServer(name, version);
      await using folder = await sourceFolder();
      const trust = ["--ca-file", join(folder.path, "ca.pem")];
      const files = NAMES.map((file) => join(folder.path, "files", file));
      await run(server, ["put", ...trust, ...files, target(server)]);
      await assertFiles(server.root);
      const back = join(folder.path, "back");
      await Deno.mkdir(back);
      const there = NAMES.map((file) => target(server, file));
      await run(server, ["get", ...trust, ...there, back]);
      await assertFiles(back);
    });

    peerTest(`ftpkit --tls: a tree over four sessions with ${name}, ${version}`, {
      needs: [name],
    }, async () => {
      await using server = await startTlsServer(name, version);
      await using folder = await sourceFolder();
      const trust = ["--ca-file", join(folder.path, "ca.pem")];
      const [source, back] = ["files", "back"].map((part) => join(folder.path, part));
      const put = await run(server, ["put", "-r", ...trust, `${source}`, target(server)]);
      assertEquals(put.stderr.match(/^> USER/gm)?.length, 4);
      await assertFiles(join(server.root, "files"));
      await run(server, ["get", "-r", ...trust, target(server, "files"), `${back}`]);
      await assertFiles(`${back}`);
    });

    peerTest(`ftpkit --tls --active: put, get and ls with ${name}, ${version}`, {
      needs: [name],
    }, async () => {
      await using server = await startTlsServer(name, version);
      await using folder = await sourceFolder();
      const options = ["--active", "--ca-file", join(folder.path, "ca.pem")];
      const [file, back] = [join(folder.path, "files", "49"), join(folder.path, "back")];
      await run(server, ["put", ...options, file, target(server)]);
      await run(server, ["get", ...options, target(server, "49"), back]);
      assertEquals(await Deno.readFile(back), content(49));
      const list = await run(server, ["ls", "-1", ...options, target(server)]);
      assertEquals(list.stdout, "49\n");
    });
  }
}
