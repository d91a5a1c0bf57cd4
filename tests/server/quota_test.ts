/**
 * Quotas: the ledger, and uploads against it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import type { Account, Quota } from "../../server/accounts/accounts.ts";
import { QuotaLedger } from "../../server/storage/quota_ledger.ts";
import { withQuota } from "../../server/storage/quota_view.ts";
import type { Storage, StorageWriter } from "../../server/storage/storage.ts";
import { StorageError } from "../../shared/errors.ts";
import { writeAll } from "../../shared/connection.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";
import { assertRefused, cutUpload, Shared, upload, USER } from "./storage/support.ts";
import { testAccount } from "../support/account.ts";

const KIB = 1024;

function account(quota: Quota): Account {
  return testAccount({ user: USER, quota });
}

interface Home {
  readonly shared: Shared;
  readonly storage: Storage;
  /** Bytes and files that the ledger has, beside what a new count finds. */
  agree(): Promise<void>;
}

async function withHome(quota: Quota, test: (home: Home) => Promise<void>): Promise<void> {
  await using shared = await Shared.open();
  const ledger = new QuotaLedger();
  const given: Promise<void>[] = [];
  const desk = {
    takeQuota: (request: Parameters<QuotaLedger["take"]>[1]) => ledger.take(shared.root, request),
    giveQuota: (amount: Parameters<QuotaLedger["give"]>[0]) => void given.push(ledger.give(amount)),
  };
  const storage = withQuota(shared.storage, { account: account(quota), desk });
  const agree = async (): Promise<void> => {
    await Promise.all(given);
    const fresh = await usageIn(new QuotaLedger(), shared.root);
    assertEquals(await usageIn(ledger, shared.root), fresh);
  };
  await test({ shared, storage, agree });
}

/** Bytes and, up to nine, files that a ledger has. */
async function usageIn(
  ledger: QuotaLedger,
  root: string,
): Promise<{ bytes: number; files: number }> {
  const most = 2 ** 40;
  const bytes = most - await ledger.left(root, "/", { bytes: most, files: undefined });
  let files = 0;
  const fits = (limit: number): Promise<boolean> => {
    const quota = { bytes: undefined, files: limit };
    return ledger.take(root, { home: "/", bytes: 0, files: 1, credit: 0, quota });
  };
  while (files < 9 && !await fits(files + 1)) files++;
  await ledger.give({ home: "/", bytes: 0, files: 1 });
  return { bytes, files };
}

const BYTES = { bytes: 100 * KIB, files: undefined };
const text = (kib: number): string => "x".repeat(kib * KIB);

Deno.test("quota: an upload that would pass it fails, and leaves the old file", async () => {
  await withHome(BYTES, async ({ storage, shared, agree }) => {
    await upload(storage, "/a", { text: text(60) });
    const late = await assertRejects(() => upload(storage, "/b", { text: text(41) }), StorageError);
    assertEquals(late.kind, "over-quota");
    assertEquals(late.message, 'Cannot write "/b": your quota is 102400 bytes');
    assertEquals((await storage.stat("/a")).size, 60 * KIB);
    await assertRefused("not-found", () => storage.stat("/b"));
    await agree();
    await upload(storage, "/c", { text: text(1) });
    assertEquals((await shared.names()).includes("c"), true);
  });
});

Deno.test("quota: full, nothing more is taken before a byte is sent; what is removed is free", async () => {
  await withHome(BYTES, async ({ storage, agree }) => {
    await upload(storage, "/a", { text: text(50) });
    await upload(storage, "/b", { text: text(50) });
    await assertRefused("over-quota", () => storage.write("/c", { mode: "replace", user: USER }));
    await storage.removeFile("/a", USER);
    await upload(storage, "/c", { text: text(50) });
    await storage.rename("/b", "/c");
    await upload(storage, "/d", { text: text(50) });
    await agree();
  });
});

Deno.test("quota: a file may be replaced by one of its size however full the home is", async () => {
  await withHome(BYTES, async ({ storage, agree }) => {
    await upload(storage, "/a", { text: text(100) });
    await upload(storage, "/a", { text: text(100) });
    await agree();
    await upload(storage, "/a", { text: text(10) });
    await upload(storage, "/b", { text: text(90) });
    await assertRefused("over-quota", () => upload(storage, "/a", { text: text(11) }));
    await agree();
  });
});

Deno.test("quota: cut uploads, resumed ones and appended ones are counted once", async () => {
  await withHome(BYTES, async ({ storage, agree }) => {
    await cutUpload(storage, "/a", { text: text(30) });
    await agree();
    await upload(storage, "/a", { text: text(30), mode: "resume", offset: 30 * KIB });
    await agree();
    await upload(storage, "/a", { text: text(20), mode: "resume", offset: 50 * KIB });
    await upload(storage, "/a", { text: text(10), mode: "append" });
    await agree();
    await cutUpload(storage, "/a", { text: text(5), mode: "append" });
    await cutUpload(storage, "/b", { text: text(5) });
    await storage.removeFile("/b", USER);
    await agree();
    await cutUpload(storage, "/c", { text: text(10) });
    await cutUpload(storage, "/c", { text: text(5) });
    await agree();
  });
});

Deno.test("quota: files are counted, not their replacement nor what was cut off", async () => {
  await withHome({ bytes: undefined, files: 2 }, async ({ storage }) => {
    await upload(storage, "/a", { text: "1" });
    await upload(storage, "/a", { text: "2" });
    await cutUpload(storage, "/b", { text: "1" });
    await upload(storage, "/c", { text: "1" });
    await assertRefused("over-quota", () => upload(storage, "/d", { text: "1" }));
    await storage.removeFile("/c", USER);
    await upload(storage, "/d", { text: "1" });
  });
});

Deno.test("quota: two uploads at once cannot pass it together", async () => {
  await withHome({ bytes: 10 * 1024 * KIB, files: undefined }, async ({ storage, agree }) => {
    const results = await Promise.allSettled(
      ["/a", "/b", "/c", "/d"].map((path) => upload(storage, path, { text: text(4 * 1024) })),
    );
    const done = results.filter(({ status }) => status === "fulfilled").length;
    assert(done <= 2, String(done));
    await agree();
  });
});

/** What two sessions of one user can do at once, or with names of one file; nothing of it is free. */
const TRICKS: Readonly<Record<string, (home: Home) => Promise<void>>> = {
  async "a file renamed to its own name"({ storage }) {
    await storage.rename("/a", "/a");
  },
  async "a file renamed to another name of it"({ storage, shared }) {
    await Deno.link(shared.real("/a"), shared.real("/hard"));
    await storage.rename("/a", "/hard");
    await Deno.remove(shared.real("/hard"));
  },
  async "a file renamed to its own name by way of a link to its directory"({ storage, shared }) {
    await Deno.symlink(".", shared.real("/here"));
    await storage.rename("/a", "/here/a");
  },
  async "a link removed"({ storage, shared }) {
    await Deno.symlink("a", shared.real("/link"));
    await storage.removeFile("/link", USER);
  },
  async "a link replaced by a rename"({ storage, shared }) {
    await Deno.symlink("a", shared.real("/link"));
    await storage.rename("/b", "/link");
  },
  async "a file replaced twice at once"({ storage }) {
    await using first = await storage.write("/a", { mode: "replace", user: USER });
    await upload(storage, "/a", { text: text(1) });
    await writeAll(first, new Uint8Array(2 * KIB));
    await first.commit();
  },
  async "a new file uploaded twice at once"({ storage }) {
    await using first = await storage.write("/n", { mode: "replace", user: USER });
    await upload(storage, "/n", { text: text(1) });
    await writeAll(first, new Uint8Array(2 * KIB));
    await first.commit();
  },
  async "a file removed while it is replaced"({ storage }) {
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await writeAll(writer, new Uint8Array(KIB));
    await storage.removeFile("/a", USER);
    await writer.commit();
  },
  async "a file removed before its replacement is given up"({ storage }) {
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await writeAll(writer, new Uint8Array(KIB));
    await storage.removeFile("/a", USER);
    await writer.abort("remove");
  },
  async "a file removed while it is appended to"({ storage }) {
    await using writer = await storage.write("/a", { mode: "append", user: USER });
    await writeAll(writer, new Uint8Array(KIB));
    await storage.removeFile("/a", USER);
    await writer.abort();
  },
  async "two that append at once"({ storage }) {
    await using writer = await storage.write("/a", { mode: "append", user: USER });
    await upload(storage, "/a", { text: text(2), mode: "append" });
    await writeAll(writer, new Uint8Array(KIB));
    await writer.commit();
  },
  async "a file cut short while it is appended to"({ storage }) {
    await using writer = await storage.write("/a", { mode: "append", user: USER });
    await upload(storage, "/a", { text: "x", mode: "resume", offset: 1 });
    await writer.abort();
  },
  async "a file removed before it is appended to"({ storage }) {
    await using writer = await storage.write("/a", { mode: "append", user: USER });
    await storage.removeFile("/a", USER);
    await writeAll(writer, new Uint8Array(KIB));
    await writer.commit();
  },
  async "a cut upload replaced twice at once"({ storage }) {
    await cutUpload(storage, "/n", { text: text(8) });
    await using writer = await storage.write("/n", { mode: "replace", user: USER });
    await upload(storage, "/n", { text: text(1) });
    await writer.commit();
  },
  async "a cut upload beside a whole file"({ storage, shared }) {
    await cutUpload(storage, "/n", { text: text(8) });
    await storage.rename("/a", "/n");
    await storage.removeFile("/n", USER);
    assertEquals(await shared.names(), ["b"]);
  },
  async "a directory removed with a cut upload in it"({ storage }) {
    await storage.makeDirectory("/d");
    await cutUpload(storage, "/d/n", { text: text(8) });
    await storage.removeDirectory("/d");
  },
  async "a directory renamed while a file is uploaded into it"({ storage }) {
    await storage.makeDirectory("/d");
    await using writer = await storage.write("/d/n", { mode: "replace", user: USER });
    await writeAll(writer, new Uint8Array(8 * KIB));
    await storage.rename("/d", "/e");
    await assertRefused("not-found", () => writer.commit());
  },
  async "a file takes the name of the directory that an upload goes to"({ storage }) {
    await storage.makeDirectory("/d");
    await using writer = await storage.write("/d/n", { mode: "replace", user: USER });
    await writeAll(writer, new Uint8Array(8 * KIB));
    await storage.rename("/d", "/e");
    await storage.rename("/a", "/d");
    await assertRefused("not-a-directory", () => writer.commit());
  },
  async "a directory renamed before an upload into it is cut"({ storage }) {
    await storage.makeDirectory("/d");
    await using writer = await storage.write("/d/n", { mode: "replace", user: USER });
    await writeAll(writer, new Uint8Array(8 * KIB));
    await storage.rename("/d", "/e");
    await writer.abort();
  },
};

for (const [trick, play] of Object.entries(TRICKS)) {
  Deno.test(`quota: ${trick} is counted as what is there`, async () => {
    await withHome(BYTES, async (home) => {
      await upload(home.storage, "/a", { text: text(10) });
      await upload(home.storage, "/b", { text: text(20) });
      await play(home);
      await home.agree();
    });
  });
}

const FILE = fc.constantFrom("/a", "/b", "/d/a", "/e/a");
const DIRECTORY = fc.constantFrom("/d", "/e");
const ANY = fc.oneof(FILE, DIRECTORY);

/** Any step of any of four sessions; most of them fail, as they would for a client. */
const STEP: fc.Arbitrary<(storage: Storage, writers: StorageWriter[]) => Promise<unknown>> = fc
  .oneof(
    fc.tuple(FILE, fc.constantFrom("replace", "append", "resume"), fc.nat(12), fc.boolean()).map(
      ([path, mode, offset, exclusive]) => async (storage: Storage, writers: StorageWriter[]) => {
        writers.push(await storage.write(path, { mode, offset, exclusive, user: USER }));
        if (writers.length > 4) await writers.shift()?.abort();
      },
    ),
    fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 20 })).map(
      ([index, count]) => async (_storage: Storage, writers: StorageWriter[]) =>
        await writers[index]?.write(new Uint8Array(count)),
    ),
    fc.tuple(fc.nat(3), fc.constantFrom("commit", "keep", "remove")).map(
      ([index, end]) => async (_storage: Storage, writers: StorageWriter[]) => {
        const [writer] = writers.splice(index, 1);
        await (end === "commit" ? writer?.commit() : writer?.abort(end));
      },
    ),
    FILE.map((path) => (storage: Storage) => storage.removeFile(path, USER)),
    fc.tuple(ANY, ANY).map(([from, to]) => (storage: Storage) => storage.rename(from, to)),
    DIRECTORY.map((path) => (storage: Storage) => storage.makeDirectory(path)),
    DIRECTORY.map((path) => (storage: Storage) => storage.removeDirectory(path)),
  );

Deno.test("quota: whatever sessions do at once, the ledger has what is there", async () => {
  const steps = fc.array(STEP, { minLength: 10, maxLength: 60, size: "max" });
  await fc.assert(
    fc.asyncProperty(
      steps,
      (steps) =>
        withHome({ bytes: 2 ** 30, files: 100 }, async ({ storage, agree }) => {
          const writers: StorageWriter[] = [];
          await upload(storage, "/a", { text: "0123456789" });
          for (const step of steps) await step(storage, writers).catch(requireRefusal);
          for (const writer of writers) await writer.abort();
          await agree();
        }),
    ),
    { numRuns: 200 },
  );
});

function requireRefusal(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
}

Deno.test("quota: who removes what is being replaced has no more than the quota", async () => {
  await withHome(BYTES, async ({ storage, agree }) => {
    await upload(storage, "/a", { text: text(100) });
    await using writer = await storage.write("/a", { mode: "replace", user: USER });
    await storage.removeFile("/a", USER);
    await assertRefused("over-quota", () => writeAll(writer, new Uint8Array(101 * KIB)));
    await writer.abort("remove");
    await agree();
  });
});

Deno.test("QuotaLedger: a file is replaced though there are more than a lowered quota allows", async () => {
  await using shared = await Shared.open();
  for (const name of ["/a", "/b", "/c"]) await upload(shared.storage, name, { text: "1" });
  const request = { home: "/", bytes: 0, credit: 0, quota: { bytes: undefined, files: 2 } };
  const ledger = new QuotaLedger();
  assertEquals(await ledger.take(shared.root, { ...request, files: 0 }), true);
  assertEquals(await ledger.take(shared.root, { ...request, files: 1 }), false);
});

Deno.test("QuotaLedger: counts anew after some quiet minutes", async () => {
  await using shared = await Shared.open();
  let now = 0;
  const ledger = new QuotaLedger(() => now);
  const quota = { bytes: 10, files: undefined };
  assertEquals(await ledger.left(shared.root, "/", quota), 10);
  await Deno.writeTextFile(shared.real("/by-another-program"), "12345");
  assertEquals(await ledger.left(shared.root, "/", quota), 10);
  now += 11 * 60_000;
  assertEquals(await ledger.left(shared.root, "/", quota), 5);
});

Deno.test("quota: 552 on the wire, before 150 where it is full already", async () => {
  let left = 2 * KIB;
  const authority = {
    login: () =>
      Promise.resolve({
        kind: "accepted" as const,
        account: account({ bytes: 2 * KIB, files: undefined }),
      }),
    takeQuota: ({ bytes }: { bytes: number }) => {
      if (left <= 0 || bytes > left) return Promise.resolve(false);
      left -= bytes;
      return Promise.resolve(true);
    },
  };
  await using server = await TestServer.start({ authority });
  using client = await RawClient.login(server.address);
  await client.store("STOR big", text(3), 552);
  await client.store("STOR fits", text(2));
  await client.command("EPSV", 229);
  await client.command("STOR more", 552);
});
