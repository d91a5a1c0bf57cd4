/** `--verify` against servers that hash: ProFTPD with mod_digest, and our own. */

import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { RemoteHash } from "../../client/session/remote_hash.ts";
import { newDigest } from "../../shared/digest.ts";
import { openTestSession } from "../client/test_session.ts";
import { ftpkit, serve } from "../support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../support/files.ts";
import { type PeerName, peerTest } from "../support/peers.ts";
import { type PeerServer, type ServerName, startServer } from "../support/servers.ts";

type Remote = Omit<PeerServer, "name" | "anonymous">;

const OWN_LOGIN = { user: "ftpkit", password: "ftpkit-secret" };

const KINDS: readonly {
  readonly name: string;
  readonly needs: readonly PeerName[];
  start(): Promise<Remote>;
}[] = [
  { name: "proftpd", needs: ["proftpd"], start: () => startServer("proftpd") },
  {
    name: "ftpkit serve",
    needs: [],
    async start() {
      return { ...OWN_LOGIN, ...await serve({ args: ["--user", "ftpkit:ftpkit-secret:write"] }) };
    },
  },
];

function call(server: Remote, args: readonly string[]): ReturnType<typeof ftpkit> {
  const [command = "", ...rest] = args;
  const login = ["--port", String(server.port), "--user", server.user, "--no-netrc", "-v"];
  return ftpkit([command, ...login, ...rest], { env: { FTPKIT_PASSWORD: server.password } });
}

const FEATURES: readonly (readonly [feature: string, parameters: string])[] = [
  ["HASH", "SHA-512"],
  ["HASH", "SHA-256"],
  ["HASH", "SHA-1"],
  ["HASH", "MD5"],
  ["HASH", "CRC32"],
  ["XSHA512", ""],
  ["XSHA256", ""],
  ["XSHA1", ""],
  ["XSHA", ""],
  ["XMD5", ""],
  ["XCRC", ""],
];

const BEFORE = new Date("2024-01-02T03:04:05Z");

for (const { name, needs, start } of KINDS) {
  peerTest(`--verify: both directions and a resumed part with ${name}`, { needs }, async () => {
    await using server = await start();
    await using folder = await tempFolder();
    const here = join(folder.path, "a b.bin");
    const back = join(folder.path, "back");
    await makeFile(here, 3_000_000);
    await Deno.utime(here, BEFORE, BEFORE);
    const stored = await call(server, ["put", "--verify", here, "127.0.0.1:"]);
    assertEquals(stored.code, 0, stored.stderr);
    assertMatch(stored.stderr, /a b\.bin: its SHA-512 is the server's/);
    await Deno.writeFile(`${back}.part`, (await Deno.readFile(here)).subarray(0, 1_000_000));
    const fetched = await call(server, ["get", "-c", "--verify", "127.0.0.1:a b.bin", back]);
    assertEquals(fetched.code, 0, fetched.stderr);
    assertMatch(fetched.stderr, /a b\.bin: its SHA-512 is the server's/);
    assertEquals(await hashFile(back), await hashFile(here));
  });

  peerTest(`--verify: a damaged part is found, and not kept, with ${name}`, { needs }, async () => {
    await using server = await start();
    await using folder = await tempFolder();
    await makeFile(join(server.root, "f"), 100_000);
    // One that is as young as its part could have been replaced meanwhile.
    await Deno.utime(join(server.root, "f"), BEFORE, BEFORE);
    await makeFile(join(folder.path, "f.part"), 50_000);
    const tail = (await Deno.readFile(join(server.root, "f"))).subarray(40_000, 50_000);
    {
      using part = await Deno.open(join(folder.path, "f.part"), { write: true });
      await part.seek(40_000, Deno.SeekMode.Start);
      await part.write(tail);
    }
    const { code, stderr } = await call(server, [
      "get",
      "-c",
      "--verify",
      "127.0.0.1:f",
      folder.path,
    ]);
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot verify "f": its SHA-512 is [\da-f]{16}… here and /);
    assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
  });

  peerTest(`RemoteHash: every command and algorithm of ${name}`, { needs }, async () => {
    await using server = await start();
    const files = {
      plain: "hello",
      "a  b": "spaces",
      'q"x': "quote",
      "s 1 2": "digits",
      empty: "",
    };
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(server.root, path), text);
    }
    const target = { hostname: server.host, port: server.port };
    await using session = await openTestSession(target, server);
    for (const feature of FEATURES) {
      const hash = new RemoteHash(session.link.control, new Map([feature]));
      const algorithm = await hash.algorithm();
      for (const [path, text] of Object.entries(files)) {
        // ProFTPD and others do not agree on how a quote is written.
        if (path.includes('"') && feature[0] !== "HASH") continue;
        const digest = newDigest(algorithm);
        digest.update(new TextEncoder().encode(text));
        assertEquals(await hash.of({ path, size: text.length }), digest.hex(), feature.join());
      }
    }
  });
}

const WITHOUT: readonly ServerName[] = ["vsftpd", "pyftpdlib"];

for (const name of WITHOUT) {
  peerTest(`--verify: ${name} has no hash, and nothing is moved`, { needs: [name] }, async () => {
    await using server = await startServer(name);
    await using folder = await tempFolder();
    await makeFile(join(server.root, "f"), 10);
    const { code, stderr } = await call(server, [
      "get",
      "-q",
      "--verify",
      "127.0.0.1:f",
      folder.path,
    ]);
    assertEquals(code, 1);
    assertEquals(stderr, "ftpkit: Cannot verify: the server has no command for a hash of a file\n");
    assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
  });
}
