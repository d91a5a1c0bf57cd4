/**
 * The clock that nobody sets, `performance.now()`, as a test wants it.
 *
 * @module
 */

/** Until it is disposed, `performance.now` tells another time. */
export function clockThat(tells: () => number): Disposable {
  const { now } = performance;
  performance.now = tells;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}
