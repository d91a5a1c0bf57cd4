/**
 * Commands that are sent together, and their answers.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { CommandOrder, together } from "../../../client/connection/command_order.ts";

const line = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("CommandOrder: lines go out in their order, those of one turn or of one wait in one piece", async () => {
  const pieces: string[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order = new CommandOrder((bytes) => {
    pieces.push(new TextDecoder().decode(bytes));
    begun[writes.length]?.resolve();
    const write = Promise.withResolvers<void>();
    writes.push(write);
    return write.promise;
  });
  const first = [order.send(line("a")), order.send(line("b"))];
  await begun[0]?.promise;
  const second = [order.send(line("c"))];
  await Promise.resolve();
  second.push(order.send(line("d")));
  assertEquals(pieces, ["ab"]);
  writes[0]?.resolve();
  await Promise.all(first);
  await begun[1]?.promise;
  writes[1]?.resolve();
  await Promise.all(second);
  assertEquals(pieces, ["ab", "cd"]);
});

Deno.test("CommandOrder: whose line could not be written hears of it, the next line is tried", async () => {
  const faults = [new Error("broken pipe"), undefined];
  const order = new CommandOrder(() => {
    const fault = faults.shift();
    return fault === undefined ? Promise.resolve() : Promise.reject(fault);
  });
  const both = [order.send(line("a")), order.send(line("b"))];
  for (const sent of both) await assertRejects(() => sent, Error, "broken pipe");
  await order.send(line("c"));
});

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
