/** ftpkit's client inside TLS, against the servers of others at their strictest. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { serve } from "../support/cli.ts";
import { hashFile, makeFile, type TempFolder, tempFolder } from "../support/files.ts";
import { type PeerName, peerTest } from "../support/peers.ts";
import type { RunResult } from "../support/run.ts";
import { SERVER_NAMES, startTlsServer } from "../support/servers.ts";
import { LOCAL_IDENTITY, TLS_VERSIONS } from "../support/tls_pair.ts";
import { assertDone, call, type Remote, target } from "./remote.ts";

/** One server that speaks TLS. */
interface Kind {
  readonly name: string;
  readonly needs: readonly PeerName[];
  /** Whether data connections take the session up again. */
  readonly resumes: boolean;
  start(): Promise<Remote>;
}

async function startFtpkit(): Promise<Remote> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempFolder());
  const cert = join(folder.path, "both.pem");
  await Deno.writeTextFile(cert, LOCAL_IDENTITY.cert + LOCAL_IDENTITY.key, { mode: 0o600 });
  const login = { user: "ftpkit", password: "ftpkit-secret" };
  const rights = ["--user", `${login.user}:${login.password}:write`];
  const tls = ["--cert", cert, "--tls", "require", "--require-tls-reuse"];
  const serving = stack.use(await serve({ args: [...rights, ...tls] }));
  const owned = stack.move();
  return { ...login, ...serving, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Every server that speaks a version. */
function kindsOf(version: typeof TLS_VERSIONS[number]): readonly Kind[] {
  const others = SERVER_NAMES.map((name): Kind => ({
    name,
    needs: [name],
    // Pure-FTPd takes no session of TLS 1.3 up again.
    resumes: name !== "pure-ftpd" || version === "TLSv1.2",
    start: () => startTlsServer(name, version),
  }));
  if (version === "TLSv1.2") return others; // ours speaks 1.3 with whoever can
  return [...others, { name: "ftpkit serve", needs: [], resumes: true, start: startFtpkit }];
}

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
  for (const { name, needs, resumes, start } of kindsOf(version)) {
    /** Runs ftpkit; all of its data connections must be inside TLS. */
    const run = async (server: Remote, args: readonly string[]): Promise<RunResult> => {
      const [command = "", ...rest] = args;
      const result = await call(server, [command, "-vv", "--tls", "require", ...rest]);
      assertDone(result);
      const handshakes = result.stderr.split("\n").filter((line) => line.startsWith("* "));
      for (const line of handshakes) assertStringIncludes(line, `${version}, `);
      const data = handshakes.filter((line) => line.startsWith("* data: "));
      const transfers = result.stderr.match(/^> (RETR|STOR|MLSD|LIST|NLST)/gm) ?? [];
      // A piece of a file may be given up before its connection is there.
      const inPieces = args.includes("--segments");
      assertEquals(
        data.length,
        inPieces ? Math.min(data.length, transfers.length) : transfers.length,
      );
      // What did not resume the session was refused, and begun again.
      const fresh = data.filter((line) => !line.endsWith(", session resumed")).length;
      const refused = result.stderr.match(/^< 425 /gm)?.length ?? 0;
      assertEquals(fresh, resumes ? refused : data.length);
      return result;
    };

    peerTest(`ftpkit --tls: ${COUNT} files in a row with ${name}, ${version}`, {
      needs,
    }, async () => {
      await using server = await start();
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
      needs,
    }, async () => {
      await using server = await start();
      await using folder = await sourceFolder();
      const trust = ["--ca-file", join(folder.path, "ca.pem")];
      const source = join(folder.path, "files");
      const back = join(folder.path, "back");
      const put = await run(server, ["put", "-r", ...trust, source, target(server)]);
      assertEquals(put.stderr.match(/^> USER/gm)?.length, 4);
      await assertFiles(join(server.root, "files"));
      await run(server, ["get", "-r", ...trust, target(server, "files"), back]);
      await assertFiles(back);
    });

    peerTest(`ftpkit --tls: one file over four connections with ${name}, ${version}`, {
      needs,
    }, async () => {
      await using server = await start();
      await using folder = await sourceFolder();
      await makeFile(join(server.root, "large"), 8 * 2 ** 20);
      await Deno.chmod(join(server.root, "large"), 0o644);
      const trust = ["--ca-file", join(folder.path, "ca.pem")];
      // ProFTPD ends the whole session where a download is cut inside TLS.
      const options = ["--segments", "4", "--retries", "3", ...trust];
      const back = join(folder.path, "back");
      await run(server, ["get", ...options, target(server, "large"), back]);
      assertEquals(await hashFile(back), await hashFile(join(server.root, "large")));
    });

    peerTest(`ftpkit --tls --active: put, get and ls with ${name}, ${version}`, {
      needs,
    }, async () => {
      await using server = await start();
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
