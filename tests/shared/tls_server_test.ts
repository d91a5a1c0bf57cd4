import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { readCertificate } from "../../shared/certificate.ts";
import { listen } from "../../shared/connection.ts";
import { TlsError } from "../../shared/errors.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { type TlsPurpose, TlsServer } from "../../shared/tls_server.ts";
import { Authority } from "../support/authority.ts";
import { tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { run } from "../support/run.ts";
import {
  anyClient,
  HANDSHAKE_TIME,
  LOCAL_IDENTITY,
  localServer,
  TLS_VERSIONS,
  tlsPair,
} from "../support/tls_pair.ts";

Deno.test("TlsServer: without a certificate", () => {
  assertThrows(() => new TlsServer({ identities: [], clientAuthorities: undefined }), TlsError);
});

Deno.test("TlsServer: several certificates, by the name that the client asks for", async () => {
  const names = [["localhost"], ["ftp.example.org", "files.example.org"], ["*.example.net"]];
  const identities = await Promise.all(
    names.map((each) => makeSelfSigned({ names: each, days: 1 })),
  );
  const server = new TlsServer({ identities, clientAuthorities: undefined });
  const cases = [
    ["localhost", 0],
    ["ftp.example.org", 1],
    ["FILES.example.org", 1],
    ["a.example.net", 2],
    ["unknown.example.com", 0],
    ["127.0.0.1", 0],
  ] as const;
  for (const [hostname, number] of cases) {
    using client = anyClient({ hostname });
    using pair = await tlsPair(client, { server });
    assertEquals(pair.client.security.peer, readCertificate(identities[number]?.cert ?? ""));
  }
});

/** What both ends speak with a client that names its protocols; the server's failure is thrown. */
async function negotiate(
  purpose: TlsPurpose,
  protocols: readonly string[],
): Promise<string | undefined> {
  using listener = listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.local;
  const alpnProtocols = [...protocols];
  const connecting = Deno.connectTls({
    hostname,
    port,
    alpnProtocols,
    caCerts: [LOCAL_IDENTITY.cert],
  }).then(async (client) => {
    await client.handshake().catch(() => {}); // refused: the server's side is looked at
    return client;
  });
  const accepted = await listener.accept();
  if (accepted === null) throw new Error("nobody was accepted");
  const securing = localServer().secure(accepted, { timeout: HANDSHAKE_TIME, purpose });
  const [secured, client] = await Promise.allSettled([securing, connecting]);
  if (client.status === "fulfilled") client.value.close();
  if (secured.status === "rejected") throw secured.reason;
  using server = secured.value;
  return server.security.protocol;
}

for (
  const [purpose, protocols, chosen] of [
    ["control", [], undefined],
    ["control", ["ftp"], "ftp"],
    ["control", ["x-filezilla-ftp", "ftp"], "ftp"],
    ["data", ["ftp-data"], "ftp-data"],
  ] as const
) {
  Deno.test(`TlsServer.secure: a ${purpose} connection of a client that names [${protocols}]`, async () => {
    assertEquals(await negotiate(purpose, protocols), chosen);
  });
}

Deno.test("TlsServer.secure: a client that wants to speak something else is turned away", async () => {
  await assertRejects(() => negotiate("control", ["http/1.1"]), TlsError, "Cannot start TLS");
});

peerTest(
  "TlsServer.secure: a certificate that did not hold does not hold in a resumed session either",
  { needs: ["openssl"] },
  async () => {
    await using authority = await Authority.create();
    const server = new TlsServer({
      identities: [LOCAL_IDENTITY],
      clientAuthorities: authority.cert,
    });
    await using stranger = await Authority.create();
    await using folder = await tempFolder();
    const at = (name: string): string => join(folder.path, name);
    const { cert, key } = await stranger.issue({ name: "alice", usage: "clientAuth" });
    await Deno.writeTextFile(at("identity"), cert + key);
    const shown: (readonly [boolean, string | undefined, string | undefined])[] = [];
    for (const session of [["-sess_out"], ["-sess_in"]]) {
      using listener = listen({ hostname: "127.0.0.1", port: 0 });
      const to = `127.0.0.1:${listener.local.port}`;
      const args = ["s_client", "-connect", to, "-cert", at("identity"), "-tls1_2", "-quiet"];
      const client = run("openssl", [...args, ...session, at("session")], { stdin: "x" });
      const accepted = await listener.accept();
      if (accepted === null) throw new Error("nobody was accepted");
      using secured = await server.secure(accepted, {
        timeout: HANDSHAKE_TIME,
        purpose: "control",
      });
      const { resumed, peer, problem } = secured.security;
      shown.push([resumed, peer?.commonName, problem]);
      await secured.finish();
      await client;
    }
    assertEquals(shown, [[false, "alice", "unknown-issuer"], [true, "alice", "unknown-issuer"]]);
  },
);

peerTest(
  "TlsServer.secure: tells whose certificate a client has shown, and whether it holds",
  { needs: ["openssl"] },
  async () => {
    await using authority = await Authority.create();
    await using stranger = await Authority.create();
    const server = new TlsServer({
      identities: [LOCAL_IDENTITY],
      clientAuthorities: authority.cert,
    });
    const request = { name: "alice", usage: "clientAuth" } as const;
    for (const maxVersion of TLS_VERSIONS) {
      using known = anyClient({ maxVersion, identity: await authority.issue(request) });
      using pair = await tlsPair(known, { server });
      const { peer, problem } = pair.server.security;
      assertEquals([peer?.commonName, problem], ["alice", undefined]);

      using unknown = anyClient({ maxVersion, identity: await stranger.issue(request) });
      using refused = await tlsPair(unknown, { server });
      assertEquals(refused.server.security.problem, "unknown-issuer");

      using silent = anyClient({ maxVersion });
      using without = await tlsPair(silent, { server });
      assertEquals(without.server.security.peer, undefined);
    }
  },
);
