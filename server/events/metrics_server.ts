/**
 * The HTTP side of the metrics: `/metrics` for Prometheus, `/healthz` for a balancer.
 *
 * @module
 */
import { formatTarget } from "../../shared/connection.ts";
import type { Endpoint } from "../../shared/endpoint.ts";
import { FtpkitError, reasonOf } from "../../shared/errors.ts";

/** What is told. */
export interface MetricsSource {
  /** The metrics as text. */
  render(): string;
  /** Whether the server is stopping: a balancer should send nobody any more. */
  draining(): boolean;
}

/** A server of metrics. */
export class MetricsServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /**
   * Starts it.
   *
   * @param at Where it listens; port 0: any free one.
   * @param source What it tells.
   * @throws {FtpkitError} If it cannot listen there.
   */
  constructor(at: Endpoint, source: MetricsSource) {
    try {
      this.#server = Deno.serve(
        { hostname: at.hostname, port: at.port, onListen() {}, onError: failed },
        (request) => answer(request, source),
      );
    } catch (error) {
      const reason = error instanceof Deno.errors.AddrInUse
        ? "address already in use"
        : reasonOf(error);
      const message = `Cannot serve metrics on ${formatTarget(at)}: ${reason}`;
      throw new FtpkitError(message, { cause: error });
    }
  }

  /** Where it listens. */
  get local(): Endpoint {
    const { hostname, port } = this.#server.addr;
    return { hostname, port };
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function failed(): Response {
  return new Response("error\n", { status: 500 });
}

function answer(request: Request, source: MetricsSource): Response {
  const { pathname } = new URL(request.url);
  if (pathname !== "/metrics" && pathname !== "/healthz") {
    return new Response("not found\n", { status: 404 });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  if (pathname === "/healthz") {
    return source.draining()
      ? new Response("draining\n", { status: 503 })
      : new Response("ok\n", { status: 200 });
  }
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(source.render(), { headers });
}
