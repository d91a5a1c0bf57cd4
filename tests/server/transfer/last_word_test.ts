import { assertEquals } from "@std/assert";
import type { CommandContext } from "../../../server/session/command.ts";
import type { Session } from "../../../server/session/session.ts";
import type { StorageWriter } from "../../../server/storage/storage.ts";
import { lastWord } from "../../../server/transfer/last_word.ts";
import { PassedTimers } from "../../support/passed_timers.ts";

/** What a session may differ in. */
interface Form {
  readonly mode?: Session["mode"];
  readonly structure?: Session["structure"];
  readonly security?: { readonly protection: "clear" | "private" };
}

const PLAIN: Form = { mode: "stream", structure: "file", security: { protection: "clear" } };

async function momentsOf(
  form: Form,
  { duration, replaces }: { readonly duration: number; readonly replaces: boolean },
): Promise<number[]> {
  const session = { ...PLAIN, ...form } as Session;
  const context = { session, signal: new AbortController().signal } as CommandContext;
  using moments = new PassedTimers();
  await lastWord(context, { duration, writer: { replaces } as StorageWriter });
  return moments.milliseconds;
}

Deno.test("lastWord: a new file waits for a twentieth of its time, one that replaces another for the longest moment", async () => {
  for (
    const [duration, replaces, moments] of [
      [19, false, []],
      [59, false, [2]],
      [1e6, false, [10]],
      [0, true, [10]],
      [1e6, true, [10]],
    ] as const
  ) {
    assertEquals(await momentsOf({}, { duration, replaces }), [...moments], `${duration}`);
  }
});

Deno.test("lastWord: where the data tell their end nobody waits", async () => {
  const forms = [
    { mode: "block" },
    { structure: "record" },
    { security: { protection: "private" } },
  ] as const;
  for (const form of forms) {
    assertEquals(await momentsOf(form, { duration: 1e6, replaces: true }), []);
  }
});
