/**
 * TLS in a whole server: workers, reloads, and many sessions.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCertificate } from "../../shared/certificate.ts";
import { connect } from "../../shared/connection.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { readAll, SecureClient } from "../support/secure_client.ts";
import { Supervised, testConfig } from "../support/supervised.ts";
import { anyClient, HANDSHAKE_TIME, LOCAL_TLS, TLS_VERSIONS } from "../support/tls_pair.ts";

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`supervise (${maxVersion}): data resumes the session of its control connection, whichever worker has it`, async () => {
    await using server = await Supervised.start({
      config: { workers: 4 },
      session: { tls: { ...LOCAL_TLS, mode: "require", requireReuse: true } },
    });
    const sessions = Array.from({ length: 12 }, async (_, number) => {
      const hostname = `${maxVersion}-${number}.test`;
      using client = await SecureClient.login(server.address, { maxVersion, hostname });
      for (let count = 0; count < 5; count++) {
        using data = await client.openData("LIST");
        assertEquals(data.security.resumed, true);
        await readAll(data);
        await client.expect(226);
      }
    });
    await Promise.all(sessions);
  });

  Deno.test(`TlsClient (${maxVersion}): sessions with one host are not mixed, on four control connections`, async () => {
    await using stack = new AsyncDisposableStack();
    const servers: Supervised[] = [];
    for (let count = 0; count < 4; count++) {
      servers.push(stack.use(
        await Supervised.start({ session: { tls: { ...LOCAL_TLS, requireReuse: true } } }),
      ));
    }
    // Each server knows its own sessions only: another one's would not be resumed.
    const hostname = `mixed-${maxVersion}.test`;
    const clients: SecureClient[] = [];
    for (const { address } of servers) {
      clients.push(stack.use(await SecureClient.login(address, { maxVersion, hostname })));
    }
    for (let round = 0; round < 3; round++) {
      await Promise.all(clients.map((client) => client.fetch("LIST")));
      for (const client of clients.toReversed()) await client.fetch("LIST");
    }
  });
}

Deno.test("supervise: two hundred sessions inside TLS at once", async () => {
  await using server = await Supervised.start({
    config: { workers: 2 },
    session: { tls: { ...LOCAL_TLS, mode: "require" } },
  });
  await using stack = new AsyncDisposableStack();
  const clients = await Promise.all(
    Array.from({ length: 200 }, async () => stack.use(await SecureClient.auth(server.address))),
  );
  await Promise.all(clients.map(async (client, number) => {
    await client.protect();
    await client.logIn(number % 2 === 0 ? "alice" : "bob");
    await client.fetch("LIST");
  }));
});

Deno.test("supervise: a reload brings another certificate, and running sessions go on", async () => {
  await using server = await Supervised.start({ session: { tls: LOCAL_TLS } });
  using before = await SecureClient.login(server.address, { hostname: "before.test" });
  const next = await makeSelfSigned({ names: ["localhost"], days: 1 });
  const session = { tls: { ...LOCAL_TLS, identities: [next] } };
  await server.reload(() => testConfig(server.root, { session }));
  await before.fetch("LIST");
  const seen: (string | undefined)[] = [];
  using after = await SecureClient.login(server.address, {
    hostname: "after.test",
    accept: ({ peer }) => void seen.push(peer?.fingerprint),
  });
  await after.fetch("LIST");
  assertEquals(seen, [readCertificate(next.cert).fingerprint]);
});

Deno.test("supervise: implicit TLS on a port of its own, on every worker", async () => {
  await using server = await Supervised.start({
    config: { workers: 2 },
    session: { tls: LOCAL_TLS, implicitPort: 0 },
  });
  const { implicit } = server;
  assert(implicit !== undefined && implicit.port !== server.address.port);
  for (let count = 0; count < 6; count++) {
    using client = await SecureClient.connect(implicit);
    await client.startTls();
    await client.expect(220);
    await client.logIn();
    // Without PROT, data is protected where everything is.
    await client.fetch("LIST");
    await client.command("AUTH TLS", 503);
  }
});

Deno.test("supervise: implicit TLS says nothing in the clear, and waits for nobody for ever", async () => {
  await using server = await Supervised.start({
    config: { maxSessions: 1 },
    session: { tls: LOCAL_TLS, implicitPort: 0, loginTimeout: 300 },
  });
  const { implicit } = server;
  assert(implicit !== undefined);
  const time = { timeout: HANDSHAKE_TIME };
  using silent = await connect(implicit, time);
  // The only place is taken until the handshake is given up.
  using refused = await connect(implicit, time);
  assertEquals(await refused.read(new Uint8Array(64)), null);
  assertEquals(await silent.read(new Uint8Array(64)), null);
  using client = anyClient({ hostname: "later.test" });
  using later = await client.control(await connect(implicit, time), time);
  assert(await later.read(new Uint8Array(64)) !== null);
});

Deno.test("supervise: a new implicit port needs a restart", async () => {
  await using server = await Supervised.start({ session: { tls: LOCAL_TLS, implicitPort: 0 } });
  await server.reload(() => testConfig(server.root, { session: { tls: LOCAL_TLS } }));
  await server.log.find(/a new value of implicit-port needs a restart/);
  const { implicit } = server;
  assert(implicit !== undefined);
  using client = await SecureClient.connect(implicit);
  await client.startTls();
  await client.expect(220);
});

Deno.test("supervise: a stop ends sessions inside TLS with 421 and a clean end", async () => {
  const server = await Supervised.start({ session: { tls: LOCAL_TLS } });
  using client = await SecureClient.login(server.address, { hostname: "stop.test" });
  const stopped = server[Symbol.asyncDispose]();
  await client.expect(421);
  assertEquals(await client.connection.read(new Uint8Array(8)), null);
  await stopped;
  await assertRejects(() => connect(server.address, { timeout: HANDSHAKE_TIME }), Error);
});
