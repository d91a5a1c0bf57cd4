import { assertEquals } from "@std/assert";
import { ListeningSockets } from "../../../server/supervisor/listening_sockets.ts";
import { spreadProgram } from "../../../server/supervisor/spread_program.ts";

/** How many of some connections each of three sockets on one port gets. */
async function share(indices: readonly number[], connections: number): Promise<number[]> {
  using sockets = new ListeningSockets();
  const listeners: Deno.TcpListener[] = [];
  const taken: number[] = [];
  let port = 0;
  for (let index = 0; index < 3; index++) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port, reusePort: true });
    listeners.push(listener);
    ({ port } = listener.addr);
    taken.push(0);
  }
  const [socket = -1] = sockets.on(port).values();
  sockets.steer(socket, spreadProgram(indices));
  const accepting = listeners.map(async (listener, index) => {
    for await (const connection of listener) {
      taken[index] = (taken[index] ?? 0) + 1;
      connection.close();
    }
  });
  for (let number = 0; number < connections; number++) {
    using client = await Deno.connect({ hostname: "127.0.0.1", port });
    // Closed behind the counting.
    await client.read(new Uint8Array(1));
  }
  for (const listener of listeners) listener.close();
  await Promise.all(accepting);
  return taken;
}

Deno.test({
  name: "spreadProgram: the kernel takes it, and gives all connections to the sockets it names",
  ignore: Deno.build.os !== "linux",
  async fn() {
    assertEquals(await share([1], 12), [0, 12, 0]);
    assertEquals(await share([2], 12), [0, 0, 12]);
    const [first = 0, second, third = 0] = await share([0, 2], 12);
    assertEquals([first + third, second], [12, 0]);
    const left = await share([], 12);
    assertEquals(left.reduce((sum, count) => sum + count), 12);
  },
});
