/**
 * Data connections inside TLS: whose they are, how they end, and that what was cut is not whole.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { DataChannel } from "../../../client/connection/data_channel.ts";
import { awaitEnd } from "../../../client/connection/data_end.ts";
import {
  type DataTls,
  SecureChannel,
  SpentSession,
} from "../../../client/connection/secure_channel.ts";
import { readCertificate } from "../../../shared/certificate.ts";
import type { Connection } from "../../../shared/connection.ts";
import { InterruptedError, TruncatedError } from "../../../shared/errors.ts";
import { makeSelfSigned } from "../../../shared/self_signed.ts";
import type { TlsClient } from "../../../shared/tls_client.ts";
import type { TlsConnection } from "../../../shared/tls_connection.ts";
import { TlsServer } from "../../../shared/tls_server.ts";
import { tempFolder } from "../../support/files.ts";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import { LOCAL_IDENTITY, localServer } from "../../support/tls_pair.ts";
import {
  exchange,
  playData,
  playDownload,
  playQuit,
  playSize,
  playUploaded,
  runAgainst,
} from "../dialogue.ts";
import {
  PINNED,
  playLoginBehindAuth,
  playProtection,
  playSecureData,
  playSecureStart,
} from "../tls_dialogue.ts";

/** Sends "abc" over a data connection. */
async function playSecureDownload(
  control: ScriptedConnection,
  way: { readonly command: string; readonly server: TlsServer },
): Promise<void> {
  using data = await playSecureData(control, way);
  await data.send("abc");
  await data.end();
  assertEquals(await data.rest(), new Uint8Array()); // without close_notify this would throw
  await control.sendLines("226 done");
}

Deno.test("receive: close_notify ends a download, and is answered", async () => {
  const tls = localServer();
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, tls);
    await playSize(control, { path: "f", size: 3 });
    await playSecureDownload(control, { command: "RETR f", server: tls });
    await playQuit(control);
  });
  const { code, stdout, stderr } = await runAgainst(server, ["get", ...PINNED, "127.0.0.1:f", "-"]);
  assertEquals({ code, stdout }, { code: 0, stdout: "abc" }, stderr);
});

Deno.test("receive: a download without close_notify has failed, whatever its size and reply", async () => {
  await using folder = await tempFolder();
  const tls = localServer();
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, tls);
    await playSize(control, { path: "f", size: 3 });
    using data = await playSecureData(control, { command: "RETR f", server: tls });
    await data.send("abc");
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const target = join(folder.path, "f");
  const { code, stderr } = await runAgainst(server, ["get", ...PINNED, "127.0.0.1:f", target]);
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, 'Cannot download "f": The TLS stream was cut');
  await assertRejects(() => Deno.stat(target), Deno.errors.NotFound);
  assertEquals(await Deno.readTextFile(`${target}.part`), "abc");
});

Deno.test("send: an upload ends with close_notify; that the server does not answer it is no failure", async () => {
  const tls = localServer();
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, tls);
    await exchange(control, "TYPE I", "200 binary");
    using data = await playSecureData(control, { command: "STOR f", server: tls });
    assertEquals(new TextDecoder().decode(await data.rest()), "abc");
    data.close();
    await control.sendLines("226 done");
    await playUploaded(control, { path: "f", size: 3, first: false });
    await playQuit(control);
  });
  const args = ["put", ...PINNED, "-", "127.0.0.1:f"];
  const { code, stderr } = await runAgainst(server, args, { stdin: "abc" });
  assertEquals(code, 0, stderr);
});

Deno.test("send: an interrupted upload says ABOR inside TLS, and ends without close_notify", async () => {
  const tls = localServer();
  const interruption = new AbortController();
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, tls);
    await exchange(control, "TYPE I", "200 binary");
    using data = await playSecureData(control, { command: "STOR f", server: tls });
    assertEquals(await data.bytes(3), new TextEncoder().encode("abc"));
    interruption.abort(new InterruptedError("Interrupted"));
    await control.expect("ABOR");
    await control.sendLines("426 as you like", "226 aborted");
    await assertRejects(() => data.rest(), TruncatedError);
  });
  const endless = {
    read: (() => {
      let given = false;
      return (buffer: Uint8Array): Promise<number> => {
        if (given) return new Promise(() => {});
        given = true;
        return Promise.resolve(new TextEncoder().encodeInto("abc", buffer).written);
      };
    })(),
  };
  const args = ["put", ...PINNED, "-", "127.0.0.1:f"];
  const { code } = await runAgainst(server, args, {
    signal: interruption.signal,
    stdinSource: endless,
  });
  assertEquals(code, 130);
});

Deno.test("SecureChannel: a data connection with another certificate is refused, exit code 5", async () => {
  const other = await makeSelfSigned({ names: ["127.0.0.1"], days: 1 });
  const impostor = new TlsServer({ identities: [other], clientAuthorities: undefined });
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control);
    await playSize(control, { path: "f", size: 3 });
    using data = await playData(control, "RETR f");
    // The client may be gone before the handshake is done here.
    await data.secure(impostor, "data").catch(() => {});
    await control.rest().catch(() => {});
  });
  // With a certificate of its own the client resumes nothing, so it sees the impostor's.
  await using folder = await tempFolder();
  const own = join(folder.path, "own");
  await Deno.writeTextFile(own, LOCAL_IDENTITY.cert + LOCAL_IDENTITY.key);
  const args = ["get", ...PINNED, "--cert", own, "--retries", "2", "127.0.0.1:f", "-"];
  const { code, stdout, stderr } = await runAgainst(server, args);
  assertEquals({ code, stdout }, { code: 5, stdout: "" });
  const { fingerprint } = readCertificate(other.cert);
  assertStringIncludes(stderr, "its certificate is not that of the control connection");
  assertStringIncludes(stderr, fingerprint);
});

Deno.test("SecureChannel: where the handshake fails, what the server says counts", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control);
    await playSize(control, { path: "f", size: 3 });
    using data = await playData(control, "RETR f");
    await data.bytes(5);
    data.close();
    await control.sendLines("522 no session was resumed");
    await playQuit(control);
  });
  const { code, stderr } = await runAgainst(server, ["get", ...PINNED, "127.0.0.1:f", "-"]);
  assertEquals(code, 1);
  assertEquals(stderr, 'ftpkit: Cannot download "f": 522 no session was resumed\n');
});

Deno.test("SecureChannel: a handshake that never ends fails the transfer, not the session", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control);
    await playSize(control, { path: "f", size: 3 });
    using data = await playData(control, "RETR f");
    await data.rest();
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const args = ["get", ...PINNED, "--timeout", "1", "127.0.0.1:f", "-"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 1, stderr);
  assertEquals(
    stderr,
    'ftpkit: Cannot download "f": Cannot start TLS: no end within 1 s\n',
  );
});

Deno.test("SecureChannel: a file that comes in the clear is not taken", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control);
    await playSize(control, { path: "f", size: 3 });
    await playDownload(control, { commands: ["RETR f"], content: "abc" });
    await playQuit(control);
  });
  const { code, stdout, stderr } = await runAgainst(server, ["get", ...PINNED, "127.0.0.1:f", "-"]);
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  assertMatch(stderr, /Cannot open a data connection: Cannot start TLS: .+\n$/);
});

Deno.test("SecureChannel: a session that was spent is refilled and told, once", async () => {
  const log: string[] = [];
  const connectionOf = (resumed: boolean): TlsConnection =>
    ({
      security: { version: "TLSv1.3", cipher: "X", resumed },
      read: () => Promise.resolve(log.push("read to its end")).then(() => null),
      close: () => void log.push("closed"),
    }) as unknown as TlsConnection;
  const handshakes = [true, false, false, true, false].map(connectionOf);
  const tls: DataTls = {
    client: { data: () => Promise.resolve(handshakes.shift()) } as unknown as TlsClient,
    timeout: 1000,
    signal: new AbortController().signal,
    resumes: false,
  };
  const plain = { connection: () => Promise.resolve(), close: () => {} } as unknown as DataChannel;
  const open = (): Promise<Connection> => new SecureChannel(plain, tls).connection();
  await open();
  assertEquals(log, []);
  await assertRejects(open, SpentSession);
  assertEquals(log, ["read to its end", "closed"]);
  await open(); // this server does not resume any more: so be it
  await open();
  await assertRejects(open, SpentSession);
  assertEquals(log.length, 4);
});

for (const [how, end] of [["close_notify", null], ["a cut", new Error("cut")]] as const) {
  Deno.test(`awaitEnd: an upload is closed only after the server's end, here ${how}`, async () => {
    const ended = Promise.withResolvers<number | null>();
    const reads = [Promise.resolve(5), ended.promise];
    const connection = {
      security: {},
      read: () => reads.shift() ?? Promise.reject(new Error("read too often")),
    } as unknown as Connection;
    let waiting = true;
    const waited = awaitEnd(connection, 1e9).then(() => waiting = false);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    assert(waiting);
    if (end === null) ended.resolve(null);
    else ended.reject(end);
    await waited;
    assertEquals(reads, []);
  });
}

Deno.test("awaitEnd: a server that never ends is not waited for beyond the limit", async () => {
  const connection = { security: {}, read: () => new Promise(() => {}) } as unknown as Connection;
  await awaitEnd(connection, 1);
});

Deno.test("Trust: --cert is shown to the server, its key from --key or the same file", async () => {
  await using folder = await tempFolder();
  const own = await makeSelfSigned({ names: ["alice"], days: 1 });
  const file = (name: string): string => join(folder.path, name);
  await Deno.writeTextFile(file("cert"), own.cert);
  await Deno.writeTextFile(file("key"), own.key);
  await Deno.writeTextFile(file("both"), own.key + own.cert);
  for (
    const options of [["--cert", file("cert"), "--key", file("key")], ["--cert", file("both")]]
  ) {
    const seen: (string | undefined)[] = [];
    const asking = new TlsServer({ identities: [LOCAL_IDENTITY], clientAuthorities: own.cert });
    await using server = new ScriptedServer(async (control) => {
      await control.sendLines("220 scripted");
      await exchange(control, "AUTH TLS", "234 go on");
      seen.push((await control.secure(asking)).security.peer?.fingerprint);
      await playLoginBehindAuth(control);
      await playProtection(control);
      await playSize(control, { path: "f", size: 3 });
      using data = await playData(control, "RETR f");
      seen.push((await data.secure(asking, "data")).security.peer?.fingerprint);
      await data.send("abc");
      await data.end();
      await control.sendLines("226 done");
      await playQuit(control);
    });
    const args = ["get", "-vv", ...PINNED, ...options, "127.0.0.1:f", "-"];
    const { code, stderr } = await runAgainst(server, args);
    assertEquals(code, 0, stderr);
    const { fingerprint } = readCertificate(own.cert);
    assertEquals(seen, [fingerprint, fingerprint]);
    assertMatch(stderr, /^\* data: TLSv1\.3, \S+, new session$/m);
  }
});
