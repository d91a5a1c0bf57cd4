import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { parsePin, readCertificate, splitCertificates } from "../../shared/certificate.ts";
import { TlsError } from "../../shared/errors.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { readIdentity } from "../../shared/tls_identity.ts";
import { tempFolder } from "../support/files.ts";
import { peerTest } from "../support/peers.ts";
import { run } from "../support/run.ts";

const NAMES = ["ftp.example.org", "*.example.org", "192.0.2.7", "2001:db8::7"];
const identity = await makeSelfSigned({ names: NAMES, days: 30 });
const other = await makeSelfSigned({ names: ["other"], days: 30 });

Deno.test("makeSelfSigned: what it says is what was asked for", () => {
  const info = readCertificate(identity.cert);
  assertEquals([info.subject, info.issuer], ["CN=ftp.example.org", "CN=ftp.example.org"]);
  assertEquals([info.commonName, info.names], ["ftp.example.org", NAMES]);
  const days = (info.validTo.getTime() - Date.now()) / 86_400_000;
  assert(info.validFrom < new Date() && days > 29.9 && days < 30.1);
});

Deno.test("makeSelfSigned: two of them are not the same", async () => {
  const again = await makeSelfSigned({ names: NAMES, days: 30 });
  assert(readCertificate(again.cert).fingerprint !== readCertificate(identity.cert).fingerprint);
});

peerTest(
  "makeSelfSigned: openssl finds it valid for a server of each name, and no authority",
  { needs: ["openssl"] },
  async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, "cert.pem");
    await Deno.writeTextFile(file, identity.cert);
    const verify = ["verify", "-purpose", "sslserver", "-CAfile", file];
    for (const name of [["-verify_hostname", "a.example.org"], ["-verify_ip", "2001:db8::7"]]) {
      assertEquals((await run("openssl", [...verify, ...name, file])).code, 0);
    }
    assert((await run("openssl", [...verify, "-verify_hostname", "example.com", file])).code !== 0);
    const { stdout } = await run("openssl", ["x509", "-in", file, "-noout", "-text"]);
    assertStringIncludes(stdout, "CA:FALSE");
  },
);

Deno.test("readCertificate: what is no certificate", () => {
  assertThrows(() => readCertificate("nonsense"), TlsError, "Cannot read the certificate");
});

for (
  const [subject, commonName, text] of [
    ["/O=x\nCN=alice/CN=bob", "bob", "O=x\\x0aCN=alice, CN=bob"],
    ["/CN=bob/CN=alice", "", "CN=bob, CN=alice"],
    ["/O=nobody", "", "O=nobody"],
    ["/C=DE/O=Example, Inc./CN=alice", "alice", "C=DE, O=Example\\, Inc., CN=alice"],
    ["/CN=alice; issuer CN=Bank", "alice; issuer CN=Bank", "CN=alice\\; issuer CN=Bank"],
    ["/CN=al\u202eeci", "al\u202eeci", "CN=al\\u{202e}eci"],
  ] as const
) {
  peerTest(
    `readCertificate: the owner in ${JSON.stringify(subject)} is ${JSON.stringify(commonName)}`,
    { needs: ["openssl"] },
    async () => {
      await using folder = await tempFolder();
      const [key, file] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
      const files = ["-keyout", key, "-out", file];
      const request = ["req", "-x509", ...curve, ...files, "-utf8", "-subj", subject];
      assertEquals((await run("openssl", request)).code, 0);
      const info = readCertificate(await Deno.readTextFile(file));
      assertEquals([info.commonName, info.subject], [commonName, text]);
    },
  );
}

Deno.test("splitCertificates: each of several, without what is around them", () => {
  const text = `first\n${identity.cert}then\r\n${other.cert}${other.key}`;
  const fingerprints = splitCertificates(text).map((pem) => readCertificate(pem).fingerprint);
  const wanted = [identity, other].map(({ cert }) => readCertificate(cert).fingerprint);
  assertEquals(fingerprints, wanted);
});

Deno.test("parsePin: a fingerprint comes back, in any case and with colons", () => {
  const digits = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex());
  fc.assert(fc.property(digits, (text) => {
    const pin = `sha256:${text}`;
    assertEquals(parsePin(pin), pin);
    const colons = text.match(/../g)?.join(":") ?? "";
    assertEquals(parsePin(`SHA256:${colons.toUpperCase()}`), pin);
  }));
});

Deno.test("parsePin: what is no pin", () => {
  const digits = "ab".repeat(32);
  for (const text of ["", digits, `sha1:${digits}`, `sha256:${digits}a`, `sha256:${digits}:`]) {
    assertEquals(parsePin(text), undefined, text);
  }
});

Deno.test("readIdentity: certificate and key from one text or two", () => {
  assertEquals(readIdentity(identity), identity);
  assertEquals(readIdentity({ cert: `${identity.key}${identity.cert}` }), identity);
});

Deno.test("readIdentity: the whole chain is kept, in its order", () => {
  const chain = readIdentity({ cert: identity.cert + other.cert, key: identity.key });
  assertEquals(splitCertificates(chain.cert).length, 2);
});

Deno.test("readIdentity: what cannot be used", () => {
  const { cert, key } = identity;
  const encrypted = key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE");
  const broken = key.replace(/\n.{20}/, "\n");
  const cases = [
    [{ cert: key }, "there is no certificate (PEM) in it"],
    [{ cert }, "there is no private key (PEM) in it"],
    [{ cert, key: other.key }, "the key does not belong to the certificate"],
    [{ cert, key: encrypted }, "the private key is encrypted"],
    [{ cert, key: broken }, "the private key cannot be read"],
    [{ cert: cert.replace(/\n.{20}/, "\n"), key }, "the certificate cannot be read"],
  ] as const;
  for (const [source, reason] of cases) {
    assertThrows(() => readIdentity(source), TlsError, reason);
  }
});
