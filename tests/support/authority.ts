/**
 * An authority made with `openssl`, and certificates that it vouches for.
 *
 * @module
 */
import { join } from "@std/path";
import type { TlsIdentity } from "../../shared/tls_identity.ts";
import { run } from "./run.ts";

/** What a certificate is for. */
export interface CertificateRequest {
  /** The owner's name. */
  readonly name: string;
  readonly usage: "serverAuth" | "clientAuth";
}

/** An authority in a directory of its own, removed when disposed. */
export class Authority implements AsyncDisposable {
  readonly #directory: string;
  readonly cert: string;

  private constructor(directory: string, cert: string) {
    this.#directory = directory;
    this.cert = cert;
  }

  static async create(): Promise<Authority> {
    const directory = await Deno.makeTempDir();
    const [cert, key] = [join(directory, "ca.pem"), join(directory, "ca.key")];
    const subject = ["-subj", "/CN=Authority", "-days", "2"];
    await openssl("req", "-x509", ...EC_KEY, "-keyout", key, "-out", cert, ...subject);
    return new Authority(directory, await Deno.readTextFile(cert));
  }

  /** A certificate for a name, with the name among its alternative names. */
  async issue({ name, usage }: CertificateRequest): Promise<TlsIdentity> {
    const at = (file: string): string => join(this.#directory, file);
    const extensions = `subjectAltName=DNS:${name}\nextendedKeyUsage=${usage}\n` +
      "basicConstraints=CA:FALSE\n";
    await Deno.writeTextFile(at("ext"), extensions);
    await openssl(
      "req",
      ...EC_KEY,
      "-keyout",
      at("key"),
      "-out",
      at("csr"),
      "-subj",
      `/CN=${name}`,
    );
    const issuer = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
    const request = ["-in", at("csr"), "-extfile", at("ext"), "-days", "1"];
    await openssl("x509", "-req", ...request, ...issuer, "-out", at("cert"));
    const [cert, key] = await Promise.all(
      ["cert", "key"].map((file) => Deno.readTextFile(at(file))),
    );
    return { cert: cert ?? "", key: key ?? "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function openssl(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run("openssl", args);
  if (code !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
