import { assertEquals } from "@std/assert";
import { ListeningSockets } from "../../../server/supervisor/listening_sockets.ts";

Deno.test({
  name:
    "ListeningSockets.on: finds sockets where no descriptor is left to read how many there may be",
  ignore: Deno.build.os !== "linux",
  fn() {
    const { readTextFileSync } = Deno;
    using sockets = new ListeningSockets();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    Deno.readTextFileSync = () => {
      throw new Error("Too many open files (os error 24)");
    };
    try {
      assertEquals(sockets.on(port).size, 1);
    } finally {
      Deno.readTextFileSync = readTextFileSync;
    }
    assertEquals(sockets.on(port).size, 1);
  },
});
