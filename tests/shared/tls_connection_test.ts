import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { writeAll } from "../../shared/connection.ts";
import { ProtocolError, TimeoutError, TlsError, TruncatedError } from "../../shared/errors.ts";
import { readAll } from "../support/secure_client.ts";
import {
  anyClient,
  Fragile,
  HANDSHAKE_TIME,
  localServer,
  plainPair,
  TLS_VERSIONS,
  tlsPair,
} from "../support/tls_pair.ts";

const hello = new TextEncoder().encode("hello");

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`TlsConnection (${maxVersion}): bytes both ways, a clean end, what was settled`, async () => {
    using client = anyClient({ maxVersion });
    using pair = await tlsPair(client);
    assertEquals(pair.client.security.version, maxVersion);
    assertEquals(pair.client.security.protocol, "ftp");
    assertEquals(pair.server.security.protocol, "ftp");
    assertEquals(pair.client.remote, pair.server.local);
    await writeAll(pair.client, hello);
    const small = new Uint8Array(2);
    assertEquals(await pair.server.read(small), 2);
    await pair.client.finish();
    assertEquals(await readAll(pair.server), hello.subarray(2));
    assertEquals(await pair.server.read(small), null);
    await writeAll(pair.server, hello);
    await pair.server.finish();
    assertEquals(await readAll(pair.client), hello);
  });

  Deno.test(`TlsConnection (${maxVersion}): megabytes arrive as they were sent`, async () => {
    using client = anyClient({ maxVersion });
    using pair = await tlsPair(client);
    const block = crypto.getRandomValues(new Uint8Array(65_536));
    const sent = new Uint8Array(5_000_000).map((_, at) => (block[at & 0xffff] ?? 0) ^ (at >> 16));
    const sending = writeAll(pair.server, sent).then(() => pair.server.finish());
    const received = await readAll(pair.client);
    await sending;
    assert(received.length === sent.length && received.every((byte, at) => byte === sent[at]));
  });

  for (const [cutter, reader] of [["client", "server"], ["server", "client"]] as const) {
    Deno.test(`TlsConnection (${maxVersion}): a stream that the ${cutter} cuts is no end`, async () => {
      using client = anyClient({ maxVersion });
      using pair = await tlsPair(client);
      await writeAll(pair[cutter], hello);
      const buffer = new Uint8Array(16);
      assertEquals(await pair[reader].read(buffer), hello.length);
      pair[cutter].close();
      await assertRejects(() => pair[reader].read(buffer), TruncatedError);
    });
  }

  Deno.test(`TlsConnection (${maxVersion}): data and end that wait for a reader are not lost`, async () => {
    using client = anyClient({ maxVersion });
    using pair = await tlsPair(client);
    await writeAll(pair.client, hello);
    await pair.client.finish();
    // Both have arrived by the time that an answer to what was sent behind them is here.
    await writeAll(pair.server, hello);
    await pair.client.read(new Uint8Array(16));
    assertEquals(await readAll(pair.server), hello);
  });

  Deno.test(`TlsConnection (${maxVersion}): a reader that does not read holds the sender back`, async () => {
    using client = anyClient({ maxVersion });
    using pair = await tlsPair(client);
    const piece = new Uint8Array(65_536);
    let sent = 0;
    const progress = { last: -1 };
    const sending = (async () => {
      while (sent < 200_000_000) sent += await pair.server.write(piece);
    })();
    sending.catch(() => {});
    // Whoever is not held back sends on from one look to the next.
    while (sent > progress.last && sent < 200_000_000) {
      progress.last = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assertLess(sent, 50_000_000);
    pair.server.close();
    await assertRejects(() => sending, Error, "The connection was closed");
  });
}

Deno.test("TlsConnection.close: ends what is pending, and may be called twice", async () => {
  using client = anyClient();
  using pair = await tlsPair(client);
  const reading = pair.client.read(new Uint8Array(1));
  const rejected = assertRejects(() => reading, Error, "The connection was closed");
  pair.client.close();
  pair.client.close();
  await rejected;
  await assertRejects(() => pair.client.write(hello), Error, "The connection was closed");
});

Deno.test("TlsConnection.write: a peer that is gone ends a write that waits for it", async () => {
  using client = anyClient();
  using pair = await tlsPair(client);
  const sending = (async () => {
    for (;;) await pair.server.write(new Uint8Array(1 << 20));
  })();
  // It closes with much unread, which the system tells the sender as a reset.
  const buffer = new Uint8Array(1 << 20);
  for (let left = 4; left > 0; left--) await pair.client.read(buffer);
  pair.client.close();
  await assertRejects(() => sending, Error);
});

Deno.test("TlsConnection: what the connection below fails with is thrown as it is", async () => {
  using pair = await plainPair();
  using client = anyClient();
  const fragile = new Fragile(pair.server);
  const time = { timeout: HANDSHAKE_TIME };
  const [left, right] = await Promise.all([
    client.control(pair.client, time),
    localServer().secure(fragile, { ...time, purpose: "control" }),
  ]);
  await writeAll(left, hello);
  assertEquals(await right.read(new Uint8Array(16)), hello.length);
  const reset = new Deno.errors.ConnectionReset("reset");
  const reading = assertRejects(() => right.read(new Uint8Array(16)), Error);
  fragile.lost.reject(reset);
  assertEquals(await reading, reset);
  left.close();
  right.close();
});

Deno.test("TlsConnection: a record that was tampered with", async () => {
  using pair = await plainPair();
  using client = anyClient();
  const time = { timeout: HANDSHAKE_TIME };
  const [left, right] = await Promise.all([
    client.control(pair.client, time),
    localServer().secure(pair.server, { ...time, purpose: "control" }),
  ]);
  await writeAll(pair.client, Uint8Array.of(23, 3, 3, 0, 40, ...new Uint8Array(40)));
  await assertRejects(() => right.read(new Uint8Array(16)), ProtocolError, "TLS failed");
  left.close();
  right.close();
});

Deno.test("shakeHands: a peer that answers in plain text is told from a broken one", async () => {
  using pair = await plainPair();
  using client = anyClient();
  await writeAll(pair.server, new TextEncoder().encode("220 ready\r\n"));
  const error = await assertRejects(
    () => client.control(pair.client, { timeout: HANDSHAKE_TIME }),
    TlsError,
  );
  assertEquals(error.message, "Cannot start TLS: the peer does not speak TLS");
});

Deno.test("shakeHands: a client that speaks plain text to a server", async () => {
  using pair = await plainPair();
  await writeAll(pair.client, new TextEncoder().encode("USER alice\r\n"));
  await assertRejects(
    () => localServer().secure(pair.server, { timeout: HANDSHAKE_TIME, purpose: "control" }),
    TlsError,
    "the peer does not speak TLS",
  );
});

Deno.test("shakeHands: a peer that closes", async () => {
  using pair = await plainPair();
  using client = anyClient();
  await pair.server.finish();
  await assertRejects(
    () => client.control(pair.client, { timeout: HANDSHAKE_TIME }),
    TlsError,
    "the peer closed the connection",
  );
});

Deno.test("shakeHands: a handshake that never ends is given up, and the connection closed", async () => {
  using pair = await plainPair();
  using client = anyClient();
  await assertRejects(() => client.control(pair.client, { timeout: 50 }), TimeoutError);
  await assertRejects(() => pair.client.read(new Uint8Array(1)));
});

Deno.test("shakeHands: the signal's reason is thrown as it is", async () => {
  using pair = await plainPair();
  const stop = new AbortController();
  const securing = localServer().secure(pair.server, {
    timeout: HANDSHAKE_TIME,
    purpose: "control",
    signal: stop.signal,
  });
  const reason = new Error("stop");
  stop.abort(reason);
  assertEquals(await assertRejects(() => securing, Error), reason);
});
