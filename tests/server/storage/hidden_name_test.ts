import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  hiddenKind,
  isHiddenName,
  isStale,
  partialName,
  temporaryName,
} from "../../../server/storage/hidden_name.ts";
import { LONG_AGO } from "./support.ts";

Deno.test("partialName: the same for one user and name, another for any other", () => {
  assertEquals(partialName("alice", "a"), partialName("alice", "a"));
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (u, n, v, m) => {
    fc.pre((u !== v || n !== m) && !`${u}${v}`.includes("\0"));
    assertNotEquals(partialName(u, n), partialName(v, m));
  }));
});

Deno.test("hiddenKind: knows the storage's own names, and they are short", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (user, name) => {
    const partial = partialName(user, name);
    assertEquals([hiddenKind(partial), isHiddenName(partial)], ["partial", true]);
    assert(partial.length < 60);
  }));
  const temporary = temporaryName();
  assertEquals([hiddenKind(temporary), isHiddenName(temporary)], ["temporary", true]);
  assertEquals(hiddenKind(temporary.toUpperCase()), "temporary");
  assertNotEquals(temporary, temporaryName());
});

Deno.test("isHiddenName: no other name is taken for one", () => {
  const own = temporaryName();
  const others = [".ftpkit-", ".ftpkit-x.tmp", `${own}x`, `x${own}`, own.slice(1), `${own}\n`, ""];
  for (const name of others) {
    assertEquals([isHiddenName(name), hiddenKind(name)], [false, undefined]);
  }
});

Deno.test("isStale: after a day, and where nothing is known", () => {
  assertEquals(isStale(new Date()), false);
  assertEquals(isStale(new Date(Date.now() - 23 * 60 * 60_000)), false);
  assertEquals(isStale(new Date(Date.now() - LONG_AGO)), true);
  assertEquals(isStale(null), true);
});
