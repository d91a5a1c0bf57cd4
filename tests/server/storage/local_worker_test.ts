import { assertEquals } from "@std/assert";
import { Shared } from "./support.ts";

/** Runs the storage where sessions run: in a thread with no right but on the shared directory. */
async function inWorker(shared: Shared, mayWrite: boolean): Promise<unknown> {
  const answer = Promise.withResolvers<unknown>();
  const worker = new Worker(new URL("restricted_worker.ts", import.meta.url).href, {
    type: "module",
    deno: {
      permissions: {
        read: [shared.root],
        write: mayWrite ? [shared.root] : false,
        net: true,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
  try {
    worker.onmessage = ({ data }) => answer.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      answer.reject(new Error(event.message));
    };
    worker.postMessage({ root: shared.root, mayWrite });
    return await answer.promise;
  } finally {
    worker.terminate();
  }
}

async function prepared(): Promise<Shared> {
  const shared = await Shared.open();
  await Deno.writeTextFile(`${shared.outside}/secret`, "secret");
  await Deno.symlink(shared.outside, shared.real("/out"));
  await Deno.symlink("old", shared.real("/link"));
  await Deno.writeTextFile(shared.real("/old"), "old");
  return shared;
}

Deno.test("LocalStorage: needs no right but to read and write the shared directory", async () => {
  await using shared = await prepared();
  assertEquals(await inWorker(shared, true), {
    listed: ["link", "old"],
    linked: "/old",
    read: "old",
    outside: "not-found",
    written: "new",
    exclusive: "exclusive",
    resumed: "cut and whole",
    partial: 3,
    large: 3_000_000,
    appended: "new, appended",
    renamed: "new, appended",
    swept: 0,
    left: [],
  });
});

Deno.test("LocalStorage: without the right to write it reads, and refuses the rest as denied", async () => {
  await using shared = await prepared();
  assertEquals(await inWorker(shared, false), {
    listed: ["link", "old"],
    linked: "/old",
    read: "old",
    outside: "not-found",
    write: "denied",
    append: "denied",
    makeDirectory: "denied",
    removeFile: "denied",
    rename: "denied",
    partial: "none",
    swept: 0,
  });
});
