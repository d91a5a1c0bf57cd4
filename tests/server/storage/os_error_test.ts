import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { StorageError, type StorageErrorKind } from "../../../shared/errors.ts";
import { attempt, Refusal, storageError } from "../../../server/storage/os_error.ts";

const WHAT = { action: "read", path: "/a" };

const KINDS: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: "not-found",
  ELOOP: "not-found",
  EEXIST: "exists",
  ENOTDIR: "not-a-directory",
  EISDIR: "is-a-directory",
  ENOTEMPTY: "not-empty",
  ENXIO: "not-regular",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "read-only",
  ENOSPC: "no-space",
  EDQUOT: "over-quota",
  EFBIG: "over-quota",
  EBUSY: "busy",
  ETXTBSY: "busy",
  ENAMETOOLONG: "bad-name",
  EINVAL: "bad-name",
  EILSEQ: "bad-name",
  EXDEV: "unsupported",
  EIO: "io",
  EBADF: "io",
  UNHEARD_OF: "io",
};

Deno.test("storageError: each of the system's errors has one kind, and is the cause", () => {
  for (const [code, kind] of Object.entries(KINDS)) {
    const cause = Object.assign(new Error(`${code}: open '/srv/private/a'`), { code });
    const error = storageError(cause, WHAT);
    assertEquals([error.kind, error.cause], [kind, cause], code);
  }
});

Deno.test("storageError: a right that the worker does not have is denied", () => {
  assertEquals(storageError(new Deno.errors.NotCapable("write"), WHAT).kind, "denied");
});

Deno.test("storageError: anything else is io, whatever was thrown", () => {
  for (const thrown of [new Error("no code"), new TypeError("ours"), "text", undefined, null]) {
    assertEquals(storageError(thrown, WHAT).kind, "io");
  }
});

Deno.test("storageError: the message names what the client asked, and no real path", () => {
  const cause = new Deno.errors.NotFound("No such file or directory: open '/srv/private/a'");
  const { message } = storageError(Object.assign(cause, { code: "ENOENT" }), WHAT);
  assertEquals(message, 'Cannot read "/a": no such file or directory');
  const refused = storageError(new Refusal("bad-offset"), WHAT);
  assertEquals(refused.message, 'Cannot read "/a": the offset is behind the end of the file');
});

Deno.test("storageError: keeps an error that is one already", () => {
  const error = new StorageError("busy", "Cannot rename");
  assertStrictEquals(storageError(error, WHAT), error);
});

Deno.test("attempt: maps what is thrown at once and what is rejected later", async () => {
  const throwing = (): never => {
    throw new Refusal("exists");
  };
  assertEquals(await attempt(WHAT, () => 7), 7);
  assertEquals((await assertRejects(() => attempt(WHAT, throwing), StorageError)).kind, "exists");
  const rejecting = () => Promise.reject(new Refusal("busy"));
  assertEquals((await assertRejects(() => attempt(WHAT, rejecting), StorageError)).kind, "busy");
});
