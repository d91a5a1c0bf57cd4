import { assertEquals, assertThrows } from "@std/assert";
import { WaitingDirectories } from "../../../server/listing/waiting_directories.ts";
import { ListingMemory } from "../../../server/storage/listing_memory.ts";
import { StorageError } from "../../../shared/errors.ts";
import { shortLease } from "../../support/short_memory.ts";

Deno.test("WaitingDirectories: depth first, in order, and what waited is given back", () => {
  const memory = new ListingMemory();
  const waiting = new WaitingDirectories(memory.lease());
  const add = (path: string): void => waiting.add({ path, written: path });
  ["/a", "/b"].forEach(add);
  assertEquals(waiting.next()?.path, "/a");
  ["/a/1", "/a/2"].forEach(add);
  const order: (string | undefined)[] = [];
  for (let next = waiting.next(); next !== undefined; next = waiting.next()) order.push(next.path);
  assertEquals(order, ["/a/1", "/a/2", "/b"]);
  assertEquals(memory.held, 0);
});

Deno.test("WaitingDirectories: refused where others hold the memory", () => {
  const waiting = new WaitingDirectories(shortLease(100));
  assertThrows(
    () => waiting.add({ path: "/a", written: "a" }),
    StorageError,
    "Cannot list: other listings hold too much memory",
  );
});
