/**
 * Ports for programs that cannot choose one by themselves and say which.
 *
 * @module
 */

/** Milliseconds between two attempts to connect, and for all of them. */
const PAUSE = 20;
const PATIENCE = 20_000;

/** Below the ports that systems give out by themselves: no other test's port 0 becomes one of them. */
const LOWEST = 10_000;
const HIGHEST = 30_000;

/**
 * A port that was free a moment ago.
 *
 * @param hostname The address it is free on.
 * @returns The port number.
 */
export function freePort(hostname: string): number {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    try {
      using listener = Deno.listen({ hostname, port });
      return listener.addr.port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function greets(address: { host: string; port: number }): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: address.host, port: address.port });
    return await connection.read(new Uint8Array(512)) !== null;
  } catch {
    return false;
  }
}

/**
 * Waits until a server greets; there is nothing else to wait for in a program that says nothing.
 *
 * @param address Where it listens.
 * @param ended Settles when the server ended.
 * @returns Whether it greeted; false if it ended first or took too long.
 */
export async function connectable(
  address: { readonly host: string; readonly port: number },
  ended: Promise<unknown>,
): Promise<boolean> {
  let gone = false;
  void ended.then(() => gone = true);
  const until = Date.now() + PATIENCE;
  while (!gone && Date.now() < until) {
    if (await greets(address)) return true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return false;
}
