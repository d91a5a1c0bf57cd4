/**
 * The C library, for the few calls that the runtime does not offer.
 *
 * @module
 */

/** What is called; `syscall` where the library may be older than the call. */
const SYMBOLS = {
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  openat2: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "buffer", "usize"],
    result: "i64",
    nonblocking: true,
  },
  getdents64: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "usize"],
    result: "i64",
    nonblocking: true,
  },
} as const;

/** The open library. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] & Disposable;

/**
 * Opens the library of this process. Once root is given up that is no longer possible.
 *
 * @returns The library; undefined where it is not Linux's, native code may not be loaded, or there is
 * no such library.
 */
export function openLibc(): Libc | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  try {
    const maps = Deno.readTextFileSync("/proc/self/maps");
    const path = maps.match(/\/\S*\/(?:libc\.so\.6|libc-[\d.]+\.so|ld-musl-\S+)$/m)?.[0];
    if (path === undefined) return undefined;
    const library = Deno.dlopen(path, SYMBOLS);
    return { ...library.symbols, [Symbol.dispose]: () => library.close() };
  } catch {
    return undefined;
  }
}
