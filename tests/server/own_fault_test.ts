import { assertEquals } from "@std/assert";
import type { Entry, Storage } from "../../server/storage/storage.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

/** A storage with a fault in its code, behind the point where 150 has been sent. */
function faulty(): Storage {
  const fault = (): Promise<never> => Promise.reject(new TypeError("as the test asked"));
  const nothing = {
    abort: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return {
    stat: () => Promise.resolve({ name: "", type: "dir" } as Entry),
    list: () => ({ [Symbol.asyncIterator]: () => ({ next: fault }) }),
    read: () => Promise.resolve({ size: 1, read: fault, ...nothing }),
    write: () =>
      Promise.resolve({
        offset: 0,
        growth: { bytes: 0, files: 0 },
        replaces: false,
        write: fault,
        flush: fault,
        commit: fault,
        ...nothing,
      }),
  } as Partial<Storage> as Storage;
}

for (const command of ["RETR f", "STOR f", "LIST", "NLST -t"]) {
  Deno.test(`${command}: a fault of the server's own is 451, not a lost connection`, async () => {
    await using server = await TestServer.start({ storage: faulty });
    using client = await RawClient.login(server.address);
    using data = await client.openData();
    await client.command(command, 150);
    if (command === "STOR f") await data.write(new Uint8Array(1));
    assertEquals((await client.expect(451)).lines, ["Local error"]);
    await client.command("NOOP", 200);
  });
}
