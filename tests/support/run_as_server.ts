/**
 * A server in a process of its own that gives up root: `run_as_server.ts ROOT PORT USER`. Read-only
 * until the first SIGHUP; then alice may write.
 *
 * @module
 */
import { supervise } from "../../server/supervisor/supervisor.ts";
import { Interruption } from "../../shared/interruption.ts";
import { processIo } from "../../shared/process_io.ts";
import { testConfig } from "./supervised.ts";

const [root = "", port = "0", runAs = ""] = Deno.args;
const interruption = new Interruption(() => Deno.exit(1));
Deno.addSignalListener("SIGTERM", interruption.stop);
const io = processIo(interruption);
const options = { session: { port: Number(port) }, config: { workers: 2, runAs } };

await supervise(testConfig(root, { ...options, config: { ...options.config, writable: false } }), {
  signal: interruption.signal,
  onReload: (listener) => io.onReload(listener),
  load: () => Promise.resolve(testConfig(root, options)),
  onListening: (at) => void io.out(`listening ${at.port}\n`),
  onLog: (line) => io.err(`${line}\n`),
}).catch((error) => {
  io.err(`${error.message}\n`);
  Deno.exit(1);
});
