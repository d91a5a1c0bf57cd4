/**
 * Two connected ends, plain or inside TLS.
 *
 * @module
 */
import type { TlsSettings } from "../../server/configuration/config.ts";
import { connect, type Connection, listen } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { makeSelfSigned } from "../../shared/self_signed.ts";
import { TlsClient, type TlsClientOptions } from "../../shared/tls_client.ts";
import type { TlsConnection } from "../../shared/tls_connection.ts";
import type { TlsIdentity } from "../../shared/tls_identity.ts";
import { type TlsPurpose, TlsServer } from "../../shared/tls_server.ts";

/** Both versions, for tests that must hold with each. */
export const TLS_VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** More than any handshake on a busy machine takes, in milliseconds. */
export const HANDSHAKE_TIME = 20_000;

/** An identity for this machine alone; made once for all tests of a file. */
export const LOCAL_IDENTITY: TlsIdentity = await makeSelfSigned({
  names: ["localhost", "127.0.0.1", "::1"],
  days: 1,
});

/** Two ends of one thing. */
export interface Pair<T extends Connection = Connection> extends Disposable {
  readonly client: T;
  readonly server: T;
}

/** Two ends of a connection without TLS. */
export async function plainPair(): Promise<Pair> {
  using listener = listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const client = await connect(listener.local, { timeout: HANDSHAKE_TIME });
  const server = await accepting;
  if (server === null) throw new Error("nobody was accepted");
  return pairOf(client, server);
}

/** A client that accepts any certificate of `localhost`, unless told otherwise. */
export function anyClient(options: Partial<TlsClientOptions> = {}): TlsClient {
  return new TlsClient({ hostname: "localhost", accept: () => {}, ...options });
}

/** Two ends inside TLS. */
export async function tlsPair(
  client: TlsClient,
  options: { readonly server?: TlsServer; readonly purpose?: TlsPurpose } = {},
): Promise<Pair<TlsConnection>> {
  const { purpose = "control" } = options;
  const server = options.server ?? localServer();
  const plain = await plainPair();
  const time = { timeout: HANDSHAKE_TIME };
  try {
    const [left, right] = await Promise.all([
      client[purpose](plain.client, time),
      server.secure(plain.server, { ...time, purpose }),
    ]);
    return pairOf(left, right);
  } catch (error) {
    plain[Symbol.dispose]();
    throw error;
  }
}

/** A server with {@linkcode LOCAL_IDENTITY}. */
export function localServer(): TlsServer {
  return new TlsServer({ identities: [LOCAL_IDENTITY], clientAuthorities: undefined });
}

function pairOf<T extends Connection>(client: T, server: T): Pair<T> {
  return {
    client,
    server,
    [Symbol.dispose]() {
      client.close();
      server.close();
    },
  };
}

/** A server's settings with {@linkcode LOCAL_IDENTITY}. */
export const LOCAL_TLS: TlsSettings = {
  mode: "allow",
  identities: [LOCAL_IDENTITY],
  clientAuthorities: undefined,
  clientCertificate: "ask",
  allowClearControl: false,
  requireReuse: false,
};

/** A connection whose reads fail from some moment on, as those of a lost one do. */
export class Fragile implements Connection {
  readonly lost = Promise.withResolvers<never>();
  readonly #inner: Connection;

  constructor(inner: Connection) {
    this.#inner = inner;
    this.lost.promise.catch(() => {});
  }

  get local(): Endpoint {
    return this.#inner.local;
  }

  get remote(): Endpoint {
    return this.#inner.remote;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return Promise.race([this.#inner.read(buffer), this.lost.promise]);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  finish(): Promise<void> {
    return this.#inner.finish();
  }

  close(): void {
    this.#inner.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
