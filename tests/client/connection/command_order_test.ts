/**
 * Commands that are sent together, and their answers.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { CommandOrder, together } from "../../../client/connection/command_order.ts";

Deno.test("CommandOrder: what is sent in one turn goes in one piece, each with its own answer", async () => {
  const decoder = new TextDecoder();
  const written: string[] = [];
  const order = new CommandOrder((bytes) => {
    written.push(decoder.decode(bytes));
    return Promise.resolve();
  });
  const replies = ["first", "second"];
  const ask = (line: string): Promise<string | undefined> =>
    order.exchange(
      () => order.send(new TextEncoder().encode(line)),
      () => Promise.resolve(replies.shift()),
    );
  assertEquals(await together([ask("a\n"), ask("b\n")]), ["first", "second"]);
  assertEquals(written, ["a\nb\n"]);
});

Deno.test("together: waits for every answer, and tells the last failure", async () => {
  const { promise: late, reject } = Promise.withResolvers<void>();
  let isOver = false;
  const all = together([Promise.reject(new Error("early")), late, Promise.resolve(1)]);
  const failed = assertRejects(() => all.finally(() => isOver = true), Error, "late");
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(isOver, false);
  reject(new Error("late"));
  await failed;
});
