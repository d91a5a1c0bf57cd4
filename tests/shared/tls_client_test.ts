import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readCertificate } from "../../shared/certificate.ts";
import { writeAll } from "../../shared/connection.ts";
import { ConnectError, TlsError } from "../../shared/errors.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { TlsClient, trustAuthorities } from "../../shared/tls_client.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import type { TlsSecurity } from "../../shared/tls_security.ts";
import { TlsServer } from "../../shared/tls_server.ts";
import { Authority } from "../support/authority.ts";
import { peerTest } from "../support/peers.ts";
import {
  anyClient,
  LOCAL_IDENTITY,
  type Pair,
  TLS_VERSIONS,
  tlsPair,
} from "../support/tls_pair.ts";

/** In TLS 1.3 a session can be resumed once what follows the handshake has been read. */
async function talk({ client, server }: Pair<TlsConnection>): Promise<void> {
  const buffer = new Uint8Array(8);
  await writeAll(server, Uint8Array.of(1));
  await client.read(buffer);
  await writeAll(client, Uint8Array.of(1));
  await server.read(buffer);
}

for (const maxVersion of TLS_VERSIONS) {
  for (const hostname of [`${maxVersion}.test`, "127.0.0.1"]) {
    Deno.test(`TlsClient (${maxVersion}): data connections resume the session with ${hostname}`, async () => {
      using client = anyClient({ hostname, maxVersion });
      using control = await tlsPair(client);
      await talk(control);
      assertEquals([control.client.security.resumed, control.server.security.resumed], [
        false,
        false,
      ]);
      for (let count = 0; count < 20; count++) {
        using data = await tlsPair(client, { purpose: "data" });
        await talk(data);
        assertEquals([data.client.security.resumed, data.server.security.resumed], [true, true]);
        assertEquals(data.client.security.peer, control.client.security.peer);
      }
    });
  }
}

Deno.test("TlsClient.data: a certificate that is not the control connection's", async () => {
  const other = await makeSelfSigned({ names: ["localhost"], days: 1 });
  const impostor = new TlsServer({ identities: [other], clientAuthorities: undefined });
  // Without a session to resume, the impostor's own certificate is seen.
  using client = anyClient({ hostname: "127.0.0.1", identity: LOCAL_IDENTITY });
  using _control = await tlsPair(client);
  const error = await assertRejects(
    () => tlsPair(client, { server: impostor, purpose: "data" }),
    TlsError,
  );
  assertEquals(
    error.message,
    "Cannot trust the data connection: its certificate is not that of the control connection " +
      `(${readCertificate(other.cert).fingerprint})`,
  );
});

Deno.test("TlsClient.control: what `accept` throws ends the connection", async () => {
  const refusal = new TlsError("not this one");
  using client = anyClient({
    accept: () => {
      throw refusal;
    },
  });
  assertEquals(await assertRejects(() => tlsPair(client), TlsError), refusal);
});

Deno.test("TlsClient.control: where names tell certificates apart, nobody is asked about another name's", async () => {
  const other = await makeSelfSigned({ names: ["other.test"], days: 1 });
  const identities = [other, await makeSelfSigned({ names: ["own.test"], days: 1 })];
  const server = new TlsServer({ identities, clientAuthorities: undefined });
  const asked: (string | undefined)[] = [];
  const options = {
    hostname: "own.test",
    accept: ({ peer }: TlsSecurity) => void asked.push(peer?.commonName),
  };
  using first = new TlsClient(options);
  using _first = await tlsPair(first, { server });
  using second = new TlsClient(options);
  using _second = await tlsPair(second, { server });
  using third = new TlsClient(options);
  await assertRejects(() => tlsPair(third, { server }), ConnectError, "several certificates");
  assertEquals(asked, ["own.test", "own.test"]);
});

peerTest("TlsClient.control: tells why a certificate is not to be trusted", {
  needs: ["openssl"],
}, async () => {
  const stranger = await makeSelfSigned({ names: ["stranger"], days: 1 });
  await using authority = await Authority.create();
  const issued = await authority.issue({ name: "localhost", usage: "serverAuth" });
  const expired = await makeSelfSigned({ names: ["localhost"], days: -0.01 });
  const cases = [
    { trusted: LOCAL_IDENTITY, shown: LOCAL_IDENTITY, hostname: "localhost", problem: undefined },
    { trusted: LOCAL_IDENTITY, shown: LOCAL_IDENTITY, hostname: "127.0.0.1", problem: undefined },
    {
      trusted: LOCAL_IDENTITY,
      shown: LOCAL_IDENTITY,
      hostname: "elsewhere",
      problem: "wrong-host",
    },
    {
      trusted: stranger,
      shown: LOCAL_IDENTITY,
      hostname: "localhost",
      problem: "self-signed",
    },
    { trusted: stranger, shown: issued, hostname: "localhost", problem: "unknown-issuer" },
    { trusted: authority, shown: issued, hostname: "localhost", problem: undefined },
    { trusted: expired, shown: expired, hostname: "localhost", problem: "expired" },
  ];
  for (const { trusted, shown, hostname, problem } of cases) {
    trustAuthorities(trusted.cert);
    const seen: TlsSecurity[] = [];
    using client = new TlsClient({ hostname, accept: (security) => void seen.push(security) });
    const server = new TlsServer({ identities: [shown], clientAuthorities: undefined });
    using _pair = await tlsPair(client, { server });
    assertEquals(seen.map((security) => security.problem), [problem]);
    assertEquals(seen[0]?.peer, readCertificate(shown.cert));
  }
});

Deno.test("trustAuthorities: a text without a certificate", () => {
  assertThrows(() => trustAuthorities(LOCAL_IDENTITY.key), TlsError);
});

Deno.test("trustAuthorities: those of the system vouch for no stranger", async () => {
  trustAuthorities();
  const seen: TlsSecurity[] = [];
  using client = anyClient({ accept: (security) => void seen.push(security) });
  using _pair = await tlsPair(client);
  assertEquals(seen[0]?.problem, "self-signed");
});
