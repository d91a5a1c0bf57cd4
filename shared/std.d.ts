// The functions of the standard library that ftpkit uses: its npm package ships no types.

declare module "@std/path" {
  export function join(...paths: string[]): string;
  export function resolve(...paths: string[]): string;
  export function basename(path: string, suffix?: string): string;
  export function dirname(path: string): string;
  export function isAbsolute(path: string): boolean;
  export function fromFileUrl(url: string | URL): string;
  export function relative(from: string, to: string): string;
  export const SEPARATOR: string;
}

declare module "@std/text/closest-string" {
  export function closestString(
    given: string,
    possible: readonly string[],
    options?: { caseSensitive?: boolean },
  ): string;
}

declare module "@std/text/levenshtein-distance" {
  export function levenshteinDistance(a: string, b: string): number;
}

declare module "@std/fmt/bytes" {
  export interface FormatOptions {
    bits?: boolean;
    binary?: boolean;
    signed?: boolean;
    locale?: boolean | string | string[];
    minimumFractionDigits?: number;
    maximumFractionDigits?: number;
  }
  export function format(num: number, options?: FormatOptions): string;
}

declare module "@std/async/delay" {
  export function delay(
    ms: number,
    options?: { signal?: AbortSignal; persistent?: boolean },
  ): Promise<void>;
}

declare module "@std/assert" {
  // deno-lint-ignore no-explicit-any -- the standard library's own signature
  export type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;
  export function assert(expression: unknown, message?: string): asserts expression;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    message?: string,
  ): asserts actual is T;
  export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T>;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertGreater<T>(actual: T, expected: T, message?: string): void;
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertArrayIncludes<T>(
    actual: ArrayLike<T>,
    expected: ArrayLike<T>,
    message?: string,
  ): void;
  export function assertInstanceOf<E extends Error>(
    actual: unknown,
    expected: ErrorClass<E>,
    message?: string,
  ): asserts actual is E;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
  ): E;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    errorClass?: ErrorClass<E>,
    messageIncludes?: string,
  ): Promise<E>;
  export function fail(message?: string): never;
}
