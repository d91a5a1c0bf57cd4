/**
 * Standard streams that can be given up while they wait: nobody closes them for us.
 *
 * @module
 */

/** A read or write that can be broken off. */
export interface Breakable<T> {
  /** Does it. Rejects when it is broken off; the operation itself may stay pending. */
  readonly run: (buffer: Uint8Array) => Promise<T>;
  /** Breaks off what is pending and what comes. */
  readonly break: () => void;
}

/**
 * Makes an operation that can wait for ever breakable.
 *
 * @example Usage
 * ```ts
 * import { breakable } from "./breakable.ts";
 * const reading = breakable(() => new Promise<number>(() => {}));
 * const read = reading.run(new Uint8Array(1)).catch(() => "broken off");
 * reading.break();
 * if (await read !== "broken off") throw new Error("unexpected");
 * ```
 *
 * @param operation Reads into, or writes from, a buffer.
 * @returns The same operation, and the way to break it off.
 */
export function breakable<T>(operation: (buffer: Uint8Array) => Promise<T>): Breakable<T> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => {}); // it may break while nothing is pending
  return {
    run: (buffer) => Promise.race([operation(buffer), broken]),
    break: () => reject(new Error("given up")),
  };
}
