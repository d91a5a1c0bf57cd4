/**
 * Clients that show a certificate.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { Accounts, parseUser } from "../../server/accounts/accounts.ts";
import type { TlsSettings } from "../../server/configuration/config.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import type { TlsIdentity } from "../../shared/tls_identity.ts";
import { Authority } from "../support/authority.ts";
import { peerTest } from "../support/peers.ts";
import { SecureClient } from "../support/secure_client.ts";
import { TestServer } from "../support/test_server.ts";
import { anyClient, HANDSHAKE_TIME, LOCAL_TLS, TLS_VERSIONS } from "../support/tls_pair.ts";

const NEEDS = { needs: ["openssl"] } as const;

/** A server where alice and carol may come in by certificate, and bob may not. */
function start(authority: Authority, settings: Partial<TlsSettings> = {}): Promise<TestServer> {
  const users = ["alice", "bob", "carol"].map((name) => ({
    ...parseUser(`${name}:secret:write`),
    certificateLogin: name !== "bob",
    disabled: name === "carol",
  }));
  const accounts = new Accounts(users, { anonymous: "read" });
  const tls = { ...LOCAL_TLS, clientAuthorities: authority.cert, ...settings };
  return TestServer.start({
    config: { tls },
    authority: { login: (request) => accounts.check(request) },
  });
}

const issue = (authority: Authority, name: string): Promise<TlsIdentity> =>
  authority.issue({ name, usage: "clientAuth" });

for (const maxVersion of TLS_VERSIONS) {
  peerTest(
    `USER (${maxVersion}): a certificate stands for the password of the user it names`,
    NEEDS,
    async () => {
      await using authority = await Authority.create();
      await using server = await start(authority);
      const identity = await issue(authority, "alice");
      using client = await SecureClient.auth(server.address, { maxVersion, identity });
      await client.protect();
      await client.command("USER alice", 232);
      await client.fetch("LIST");
      // Another user's name is not the certificate's: that one gives a password.
      await client.logIn("bob");
    },
  );
}

peerTest(
  "USER: a certificate of a user who may not come in so, or not at all, stands for nothing",
  NEEDS,
  async () => {
    await using authority = await Authority.create();
    await using server = await start(authority);
    for (const name of ["bob", "carol", "nobody", "anonymous"]) {
      using client = await SecureClient.auth(server.address, {
        identity: await issue(authority, name),
      });
      await client.command(`USER ${name}`, 331);
      await client.command("PASS wrong", name === "anonymous" ? 230 : 530);
    }
  },
);

peerTest(
  "USER: a certificate that nobody vouches for stands for nothing, nor does none",
  NEEDS,
  async () => {
    await using authority = await Authority.create();
    await using stranger = await Authority.create();
    await using server = await start(authority);
    const own = await makeSelfSigned({ names: ["alice"], days: 1 });
    for (const identity of [await issue(stranger, "alice"), own, undefined]) {
      const options = identity === undefined ? {} : { identity };
      using client = await SecureClient.auth(server.address, options);
      await client.command("USER alice", 331);
      await client.command("PASS wrong", 530);
      await client.logIn();
    }
  },
);

peerTest(
  "client-cert = require: nobody logs in without one, and data shows the same",
  NEEDS,
  async () => {
    await using authority = await Authority.create();
    await using server = await start(authority, { clientCertificate: "require" });
    using without = await SecureClient.auth(server.address);
    const { lines } = await without.command("USER bob", 530);
    assertEquals(lines, ["A client certificate is needed here"]);
    const identity = await issue(authority, "bob");
    using client = await SecureClient.login(server.address, { identity, hostname: "bob.test" });
    await client.fetch("LIST");
    using data = await client.openPlainData();
    await client.command("LIST", 150);
    using other = anyClient({ hostname: "x.test", identity: await issue(authority, "alice") });
    const secured = await other.control(data, { timeout: HANDSHAKE_TIME });
    await client.expect(425);
    await assertRejects(() => secured.read(new Uint8Array(1)), Error);
  },
);
