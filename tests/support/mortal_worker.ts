/**
 * A session worker that throws, outside of any session, when a test says so.
 *
 * @module
 */
import "../../server/worker.ts";

addEventListener("message", (event) => {
  if ((event as MessageEvent).data.kind === "die") throw new Error("as the test asked");
});
