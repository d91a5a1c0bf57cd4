import { assertEquals, assertRejects } from "@std/assert";
import { finishInTime } from "../../../server/transfer/transfer_connection.ts";
import type { Connection } from "../../../shared/connection.ts";
import { Fragile, plainPair } from "../../support/tls_pair.ts";

/** A connection whose end the client never takes. */
class Endless extends Fragile {
  readonly closed = Promise.withResolvers<never>();

  override finish(): Promise<void> {
    return this.closed.promise;
  }

  override close(): void {
    this.closed.reject(new Error("closed"));
    super.close();
  }
}

async function endless(): Promise<Endless & Connection> {
  const pair = await plainPair();
  pair.client.close();
  return new Endless(pair.server);
}

Deno.test("finishInTime: a connection that does not end is closed", async () => {
  using connection = await endless();
  const { signal } = new AbortController();
  await assertRejects(() => finishInTime(connection, { signal, timeout: 50 }), Error, "closed");
});

Deno.test("finishInTime: so it is when the command is stopped", async () => {
  using connection = await endless();
  const stop = new AbortController();
  const finishing = finishInTime(connection, { signal: stop.signal, timeout: 60_000 });
  stop.abort();
  await assertRejects(() => finishing, Error, "closed");
});

Deno.test("finishInTime: one that ends stays open to be read, whatever is stopped later", async () => {
  using pair = await plainPair();
  const stop = new AbortController();
  await finishInTime(pair.server, { signal: stop.signal, timeout: 60_000 });
  stop.abort();
  await pair.client.write(Uint8Array.of(1));
  assertEquals(await pair.server.read(new Uint8Array(4)), 1);
});
