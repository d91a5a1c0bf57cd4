/** ftpkit's server, driven by the clients of others. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { serve, type ServeOptions, type Serving } from "../support/cli.ts";
import { hashFile, makeFile, makeSparseFile, tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { run } from "../support/run.ts";
import type { ClientSession, FtpClient, Mode, Step } from "./client.ts";
import { curl } from "./clients/curl.ts";
import { ftplib } from "./clients/ftplib.ts";
import { lftp } from "./clients/lftp.ts";
import { ncftp, ncftpTools } from "./clients/ncftp.ts";
import { tnftp } from "./clients/tnftp.ts";

const CLIENTS: readonly FtpClient[] = [curl, lftp, ncftp, ncftpTools, tnftp, ftplib];
const HOSTS = ["127.0.0.1", "::1"] as const;
const MIB = 2 ** 20;
const LOGIN = { user: "writer", password: "secret:word" };

const SESSIONS = 50;

/** Everything the clients are known to stumble over in names. */
const ODD_NAMES: readonly string[] = [
  " leading",
  "trailing ",
  "two  spaces",
  'dou"ble',
  "sin'gle",
  "ünïcödé ☃ 文字.txt",
  "100%",
  "%2F",
  "back\\slash",
  "-dash",
  "#hash",
  "semi;colon",
];

function startServer(options: ServeOptions = {}): Promise<Serving> {
  return serve({ ...options, args: ["--user", `${LOGIN.user}:${LOGIN.password}:write`] });
}

function sessionOf(
  server: Serving,
  { mode, folder }: { readonly mode: Mode; readonly folder: string },
): ClientSession {
  return { ...LOGIN, host: server.host, port: server.port, mode, folder };
}

function firstMode(client: FtpClient): Mode {
  return client.modes["127.0.0.1"][0] ?? "PASV";
}

async function namesIn(folder: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  return names.sort();
}

/** The commands that a client says it sent. */
function sentBy(client: FtpClient, transcript: string): string[] {
  return transcript.split(/[\r\n]+/).filter((line) => line.startsWith(client.sent))
    .map((line) => line.slice(client.sent.length));
}

/** The ways of opening data connections that a client used. */
function modesOf(client: FtpClient, transcript: string): string[] {
  const verbs = sentBy(client, transcript).map((line) => /^[A-Z]+/.exec(line)?.[0] ?? "");
  return [...new Set(verbs)].filter((verb) => /^(?:PASV|EPSV|PORT|EPRT)$/.test(verb));
}

const EVERYTHING: readonly Step[] = [
  { do: "get", remote: "old.bin", local: "got.bin" },
  { do: "put", local: "local.bin", remote: "sent.bin" },
  { do: "rename", from: "sent.bin", to: "renamed.bin" },
  { do: "delete", name: "doomed.bin" },
  { do: "mkdir", name: "kept" },
  { do: "mkdir", name: "gone" },
  { do: "rmdir", name: "gone" },
  { do: "list" },
];

async function checkEverything(client: FtpClient, session: ClientSession, root: string) {
  const { folder, mode } = session;
  await makeFile(join(root, "old.bin"), 100_000);
  await makeFile(join(root, "doomed.bin"), 1);
  await makeFile(join(folder, "local.bin"), 100_001);

  const transcript = await client.run(session, EVERYTHING);

  assertEquals(await namesIn(root), ["kept", "old.bin", "renamed.bin"], transcript);
  assertEquals(
    await hashFile(join(folder, "got.bin")),
    await hashFile(join(root, "old.bin")),
  );
  assertEquals(
    await hashFile(join(root, "renamed.bin")),
    await hashFile(join(folder, "local.bin")),
  );
  for (const name of ["kept", "old.bin", "renamed.bin"]) assertStringIncludes(transcript, name);
  assertEquals(modesOf(client, transcript), [mode], transcript);
}

for (const client of CLIENTS) {
  for (const host of HOSTS) {
    for (const mode of client.modes[host]) {
      peerTest(
        `serve: ${client.name} by ${mode} on ${host} lists, moves and changes files`,
        { needs: client.needs },
        async () => {
          await using server = await startServer({ host });
          await using folder = await tempFolder();
          const session = sessionOf(server, { mode, folder: folder.path });
          await checkEverything(client, session, server.root);
        },
      );
    }
  }

  peerTest(`serve: ${client.name} moves files of 0 B, 1 B and 64 MiB`, {
    needs: client.needs,
  }, async () => {
    await using server = await startServer();
    await using folder = await tempFolder();
    const session = sessionOf(server, { mode: firstMode(client), folder: folder.path });
    for (const size of [0, 1, 64 * MIB]) {
      await makeFile(join(folder.path, "here.bin"), size);
      const steps: Step[] = [
        { do: "put", local: "here.bin", remote: `${size}.bin` },
        { do: "get", remote: `${size}.bin`, local: `${size}.bin` },
      ];
      const transcript = await client.run(session, steps);
      const sent = await hashFile(join(folder.path, "here.bin"));
      assertEquals(await hashFile(join(server.root, `${size}.bin`)), sent, transcript);
      assertEquals(await hashFile(join(folder.path, `${size}.bin`)), sent, transcript);
    }
  });

  peerTest(`serve: ${client.name} goes on with a download near the end of 5 GiB`, {
    needs: client.needs,
  }, async () => {
    await using server = await startServer();
    await using folder = await tempFolder();
    const size = 5 * 1024 * MIB;
    const tail = 1000;
    const remote = join(server.root, "sparse.bin");
    const local = join(folder.path, "partial.bin");
    await makeSparseFile(remote, { size, tail });
    await Deno.writeFile(local, new Uint8Array());
    await Deno.truncate(local, size - tail);

    const session = sessionOf(server, { mode: firstMode(client), folder: folder.path });
    const transcript = await client.run(session, [
      { do: "resume", remote: "sparse.bin", local: "partial.bin" },
    ]);

    assertEquals((await Deno.stat(local)).size, size, transcript);
    assertEquals(await hashFile(local, size - tail), await hashFile(remote, size - tail));
    assertMatch(sentBy(client, transcript).join("\n"), new RegExp(`^REST ${size - tail}`, "m"));
  });

  peerTest(`serve: ${client.name} can say every odd name`, { needs: client.needs }, async () => {
    await using server = await startServer();
    await using folder = await tempFolder();
    const session = sessionOf(server, { mode: firstMode(client), folder: folder.path });
    for (const [index, name] of ODD_NAMES.entries()) {
      await makeFile(join(server.root, name), 1000 + index);
      await makeFile(join(folder.path, `${index}.new`), 2000 + index);
    }
    const before = await Promise.all(ODD_NAMES.map((name) => hashFile(join(server.root, name))));

    const listing = await client.run(session, [
      { do: "list" },
      ...ODD_NAMES.flatMap((name, index): Step[] => [
        { do: "get", remote: name, local: `${index}.old` },
        { do: "delete", name },
        { do: "put", local: `${index}.new`, remote: "plain" },
        { do: "rename", from: "plain", to: name },
      ]),
    ]);

    for (const [index, name] of ODD_NAMES.entries()) {
      assertStringIncludes(listing, name);
      assertEquals(await hashFile(join(folder.path, `${index}.old`)), before[index], name);
      assertEquals(
        await hashFile(join(server.root, name)),
        await hashFile(join(folder.path, `${index}.new`)),
        name,
      );
    }
    const emptying = ODD_NAMES.map((name): Step => ({ do: "delete", name }));
    const transcript = await client.run(session, emptying);
    assertEquals(await namesIn(server.root), [], transcript);
  });
}

peerTest(`serve: ${SESSIONS} sessions at once each move their own files`, {
  needs: ["python3"],
}, async () => {
  await using server = await startServer();
  await using folder = await tempFolder();
  await Promise.all(
    Array.from(
      { length: SESSIONS },
      (_, index) => makeFile(join(server.root, `down-${index}`), MIB + index),
    ),
  );
  const script = fromFileUrl(new URL("clients/ftplib_sessions.py", import.meta.url));
  const args = [script, server.host, String(server.port), LOGIN.user, LOGIN.password];
  const result = await run("python3", [...args, String(SESSIONS)], { cwd: folder.path });
  assertEquals(result, { code: 0, stdout: `${SESSIONS} sessions\n`, stderr: "" });
  for (let index = 0; index < SESSIONS; index++) {
    const original = await hashFile(join(server.root, `down-${index}`));
    assertEquals(await hashFile(join(folder.path, `${index}`)), original);
    assertEquals(await hashFile(join(server.root, `up-${index}`)), original);
  }
});
