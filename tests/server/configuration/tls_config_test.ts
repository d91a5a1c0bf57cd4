/**
 * The options of `serve` for TLS, on the command line and in the file.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { ServerConfig } from "../../../server/configuration/config.ts";
import { ConfigError } from "../../../server/toml/toml_file.ts";
import { readCertificate } from "../../../shared/certificate.ts";
import { makeSelfSigned } from "../../../shared/self_signed.ts";
import { ConfigFolder } from "../../support/config_file.ts";
import { LOCAL_IDENTITY } from "../../support/tls_pair.ts";

const OTHER = await makeSelfSigned({ names: ["other"], days: 1 });

/** A folder with certificates in it. */
async function prepared(): Promise<ConfigFolder> {
  const folder = await ConfigFolder.make();
  await folder.write("cert.pem", LOCAL_IDENTITY.cert);
  await folder.write("key.pem", LOCAL_IDENTITY.key);
  await folder.write("both.pem", OTHER.cert + OTHER.key);
  await folder.write("empty.pem", "nothing\n");
  return folder;
}

const fingerprints = ({ session }: ServerConfig): string[] =>
  session.tls?.identities.map(({ cert }) => readCertificate(cert).fingerprint) ?? [];

const LOCAL = readCertificate(LOCAL_IDENTITY.cert).fingerprint;
const BOTH = readCertificate(OTHER.cert).fingerprint;

Deno.test("tls: off without a certificate, allow with one, and else as it was said", async () => {
  await using folder = await prepared();
  const cert = ["--cert", join(folder.path, "both.pem")];
  const mode = async (...args: string[]) => (await folder.load("", args)).session.tls?.mode;
  assertEquals(await mode(), undefined);
  assertEquals(await mode(...cert), "allow");
  assertEquals(await mode(...cert, "--tls", "require"), "require");
  assertEquals(await mode(...cert, "--tls", "off"), undefined);
});

Deno.test("cert, key: one file or two, several, relative to the configuration file", async () => {
  await using folder = await prepared();
  const read = async (toml: string) => fingerprints(await folder.load(toml));
  assertEquals(await read('cert = "both.pem"'), [BOTH]);
  assertEquals(await read('cert = "cert.pem"\nkey = "key.pem"'), [LOCAL]);
  const several = 'cert = ["both.pem", "cert.pem"]\nkey = ["both.pem", "key.pem"]';
  assertEquals(await read(several), [BOTH, LOCAL]);
});

Deno.test("implicit-port, require-tls-reuse, client-ca, client-cert: what sessions get", async () => {
  await using folder = await prepared();
  const toml = [
    'cert = "both.pem"',
    "implicit-port = 990",
    "require-tls-reuse = true",
    "allow-ccc = true",
    'client-ca = "cert.pem"',
    'client-cert = "require"',
    'tls = "require"',
  ].join("\n");
  const { session } = await folder.load(toml);
  assertEquals([session.implicitPort, session.tls?.requireReuse], [990, true]);
  assertEquals([session.tls?.clientCertificate, session.tls?.allowClearControl], ["require", true]);
  assertEquals(session.tls?.clientAuthorities, LOCAL_IDENTITY.cert);
  const plain = await folder.load('cert = "both.pem"');
  assertEquals([plain.session.implicitPort, plain.session.tls?.requireReuse], [undefined, false]);
  const { clientCertificate, allowClearControl } = plain.session.tls ?? {};
  assertEquals([clientCertificate, allowClearControl], ["ask", false]);
});

Deno.test("tls of a user: sessions know whom they may not ask for a password", async () => {
  await using folder = await ConfigFolder.make();
  const hash = "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A".repeat(43);
  const user = (name: string, rest: string): string =>
    `[users.${name}]\npassword = "${hash}"\n${rest}\n`;
  const toml = user("alice", 'tls = "require"') + user("bob", "certificate-login = true");
  const { session, users } = await folder.load(toml);
  assertEquals(session.tlsUsers, ["alice"]);
  assertEquals(users.map(({ certificateLogin }) => certificateLogin), [false, true]);
});

for (
  const [toml, line, message] of [
    ['tls = "allow"', 1, "Invalid tls: needs a certificate, cert or self-signed"],
    ["implicit-port = 990", 1, "Invalid implicit-port: needs a certificate, cert or self-signed"],
    ['key = "key.pem"', 1, "Invalid key: needs a certificate, cert or self-signed"],
    ['\ntls = "on"', 2, 'Invalid tls "on": must be one of off, allow, require'],
    [
      'cert = ["both.pem", "cert.pem"]\nkey = "key.pem"',
      2,
      "Invalid key: needs one for each cert, in the same order",
    ],
    ['cert = "both.pem"\nself-signed = true', 2, "Invalid self-signed: there is a cert"],
    [
      'cert = "both.pem"\ntls = "require"\nclient-cert = "require"',
      3,
      "Invalid client-cert: needs client-ca",
    ],
    [
      'cert = "both.pem"\nclient-ca = "both.pem"\nclient-cert = "require"',
      3,
      "Invalid client-cert: require needs tls = require",
    ],
    ['cert = "missing.pem"', 1, 'Cannot read "DIR/missing.pem": no such file or directory'],
    ['cert = "empty.pem"', 1, 'Cannot use "DIR/empty.pem": there is no certificate (PEM) in it'],
    ['cert = "cert.pem"', 1, 'Cannot use "DIR/cert.pem": there is no private key (PEM) in it'],
    [
      'cert = "cert.pem"\nkey = "both.pem"',
      1,
      'Cannot use "DIR/cert.pem" with "DIR/both.pem": the key does not belong to the certificate',
    ],
    [
      'cert = "both.pem"\nclient-ca = "empty.pem"',
      2,
      'Cannot use "DIR/empty.pem": there is no certificate in it',
    ],
  ] as const
) {
  Deno.test(`configuration: ${message}`, async () => {
    await using folder = await prepared();
    const error = await assertRejects(() => folder.load(toml), ConfigError);
    assertEquals(
      error.message.replaceAll(folder.path, "DIR"),
      `DIR/ftpkit.toml:${line}: ${message}`,
    );
  });
}

Deno.test("self-signed: made once beside the configuration, for its owner alone, and kept", async () => {
  await using folder = await ConfigFolder.make();
  const toml = 'self-signed = true\npublic-address = "ftp.example.org"\n';
  const first = fingerprints(await folder.load(toml));
  const file = join(folder.path, "ftpkit-server.pem");
  const { mode } = await Deno.stat(file);
  if (Deno.build.os !== "windows") assertEquals((mode ?? 0) & 0o777, 0o600);
  const { fingerprint, names } = readCertificate(await Deno.readTextFile(file));
  assertEquals(first, [fingerprint]);
  for (const name of ["ftp.example.org", "localhost", "127.0.0.1", "::1", Deno.hostname()]) {
    assert(names.includes(name), name);
  }
  assertEquals(fingerprints(await folder.load(toml)), first);
  const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name).sort();
  assertEquals(left, ["ftpkit-server.pem", "ftpkit.toml"]);
});

Deno.test("self-signed: the file that is there is used, and a new one where it has expired", async () => {
  const cases = [[1, true], [-0.01, false]] as const;
  for (const [days, kept] of cases) {
    await using folder = await ConfigFolder.make();
    const identity = await makeSelfSigned({ names: ["kept"], days });
    await folder.write("ftpkit-server.pem", identity.cert + identity.key);
    const [used] = fingerprints(await folder.load("self-signed = true"));
    const { fingerprint } = readCertificate(identity.cert);
    if (kept) assertEquals(used, fingerprint);
    else assertNotEquals(used, fingerprint);
    const now = await Deno.readTextFile(join(folder.path, "ftpkit-server.pem"));
    assertEquals(readCertificate(now).fingerprint, used);
  }
});

Deno.test("self-signed: two servers that start at the same time share one", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("ftpkit.toml", "self-signed = true");
  const starts = Array.from({ length: 5 }, () => folder.load("self-signed = true"));
  const used = new Set((await Promise.all(starts)).flatMap(fingerprints));
  assertEquals(used.size, 1);
});

Deno.test("self-signed: --check-config looks, and writes nothing", async () => {
  await using folder = await ConfigFolder.make();
  const { session } = await folder.load("self-signed = true", ["--check-config"]);
  assert(session.tls !== undefined);
  const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assertEquals(left, ["ftpkit.toml"]);
});

Deno.test("self-signed: a file that holds something else is told", async () => {
  await using folder = await ConfigFolder.make();
  await folder.write("ftpkit-server.pem", LOCAL_IDENTITY.cert);
  const error = await assertRejects(() => folder.load("self-signed = true"), ConfigError);
  assertEquals(
    error.message.replaceAll(folder.path, "DIR"),
    'DIR/ftpkit.toml:1: Cannot use "DIR/ftpkit-server.pem": there is no private key (PEM) in it',
  );
});
