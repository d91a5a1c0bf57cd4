/**
 * A session worker that throws, outside of any session, or hangs when a test says so.
 *
 * @module
 */
import "../../server/worker.ts";

addEventListener("message", (event) => {
  const { kind, released } = (event as MessageEvent).data;
  if (kind === "die") throw new Error("as the test asked");
  if (kind !== "hang") return;
  const record = { level: "info", message: "hangs from now on", timestamp: Date.now() };
  (globalThis as unknown as Worker).postMessage({ kind: "log", record });
  Atomics.wait(released, 0, 0);
});
