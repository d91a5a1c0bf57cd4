/**
 * How data connections are made.
 *
 * @module
 */

import { connect } from "node:net";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseEprt, parsePort } from "../../shared/endpoint.ts";
import { freePort } from "../support/free_port.ts";
import {
  dial,
  type Script,
  type ScriptedConnection,
  ScriptedListener,
  ScriptedServer,
} from "../support/scripted_peer.ts";
import { exchange, playQuit, playStart, runAgainst } from "./dialogue.ts";

/** Lists a directory in which there is `f`, over whatever data connection `play` makes. */
async function listOver(
  play: (control: ScriptedConnection) => Promise<ScriptedConnection>,
  args: readonly string[] = [],
): Promise<void> {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "TYPE A", "200 text");
    using data = await play(control);
    await data.send("type=file; f\r\n");
    data.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const result = await runAgainst(server, ["ls", ...args, "127.0.0.1:"]);
  assertEquals(result, { code: 0, stdout: "f\n", stderr: "" });
}

async function refusedListing(script: Script, args: readonly string[] = []): Promise<Error> {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "TYPE A", "200 text");
    await script(control);
  });
  const failed = await runAgainst(server, ["ls", ...args, "127.0.0.1:"]).catch((error) => error);
  assert(failed instanceof Error);
  return failed;
}

async function playPasv(
  control: ScriptedConnection,
  answer: (listener: ScriptedListener) => string,
): Promise<ScriptedConnection> {
  using listener = new ScriptedListener();
  await exchange(control, "PASV", answer(listener));
  const data = await listener.accept();
  await exchange(control, "MLSD", "150 here");
  return data;
}

Deno.test("openDataChannel: PASV where EPSV is refused; the host in its answer does not count", async () => {
  await listOver(async (control) => {
    await exchange(control, "EPSV", "500 what");
    const foreign = (listener: ScriptedListener): string =>
      `227 Entering Passive Mode (${listener.hostPort.replace("127,0,0,1", "192,0,2,7")}).`;
    return await playPasv(control, foreign);
  });
});

Deno.test("openDataChannel: PASV where the answer to EPSV makes no sense", async () => {
  await listOver(async (control) => {
    await exchange(control, "EPSV", "229 ok");
    return await playPasv(control, (listener) => `227 =${listener.hostPort}`);
  });
});

Deno.test("openDataChannel: PASV where nobody is at the port of EPSV", async () => {
  await listOver(async (control) => {
    await exchange(control, "EPSV", `229 yes (|||${freePort("127.0.0.1")}|)`);
    return await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
  });
});

Deno.test("openDataChannel: what was learnt about EPSV holds for the next transfer", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "TYPE A", "200 text");
    await exchange(control, "EPSV", "502 no EPSV");
    using data = await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
    data.close();
    await control.sendLines("451 try again");
    using again = await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
    again.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  const { code } = await runAgainst(server, ["ls", "--retries", "1", "127.0.0.1:"]);
  assertEquals(code, 0);
});

Deno.test("openDataChannel: without EPSV and PASV, what was wrong with EPSV is told", async () => {
  const failed = await refusedListing(async (control) => {
    await exchange(control, "EPSV", "522 no");
    await exchange(control, "PASV", "502 not either");
    await playQuit(control);
  });
  assertEquals(failed.message, "Cannot open a data connection: 522 no");
});

Deno.test("openDataChannel: 425 to EPSV is no reason for PASV, it may pass", async () => {
  const failed = await refusedListing(async (control) => {
    await exchange(control, "EPSV", "425 no port free");
    await playQuit(control);
  });
  assertEquals(failed.message, "Cannot open a data connection: 425 no port free");
});

Deno.test("openDataChannel: --active announces a port by EPRT, and drops a stranger", async () => {
  await listOver(async (control) => {
    const line = await exchange(control, /^EPRT /, "200 ok");
    const endpoint = parseEprt(line.slice(5));
    await exchange(control, "MLSD", "150 here");
    await beStranger(endpoint.port);
    return await dial(endpoint);
  }, ["--active"]);
});

/** Connects from another address of this machine, and waits until that is cut. */
async function beStranger(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
  socket.on("error", () => {}); // cut
  socket.on("close", () => resolve());
  socket.resume();
  await promise;
}

Deno.test("openDataChannel: --active uses PORT where EPRT is refused, on the ports it may", async () => {
  const port = freePort("127.0.0.1");
  await listOver(async (control) => {
    await exchange(control, /^EPRT \|1\|127\.0\.0\.1\|/, "500 what");
    const line = await exchange(control, /^PORT /, "200 ok");
    const endpoint = parsePort(line.slice(5));
    assertEquals(endpoint, { hostname: "127.0.0.1", port });
    await exchange(control, "MLSD", "150 here");
    return await dial(endpoint);
  }, ["--active", "--active-ports", `${port}-${port}`]);
});

Deno.test("openDataChannel: --active-ports that are all taken are named", async () => {
  using taken = new ScriptedListener();
  const ports = `${taken.port}-${taken.port}`;
  const failed = await refusedListing(playQuit, ["--active-ports", ports]);
  assertStringIncludes(failed.message, `Cannot listen on ports ${ports}: all are in use`);
});

Deno.test("ActiveChannel: a server that does not come is waited for no longer than it may", async () => {
  const failed = await refusedListing(async (control) => {
    await exchange(control, /^EPRT /, "200 ok");
    await exchange(control, "MLSD", "150 here");
    await control.rest();
  }, ["--active", "--connect-timeout", "0.2"]);
  assertStringIncludes(failed.message, "The server did not connect to 127.0.0.1:");
  assertStringIncludes(failed.message, "within 0.2 s");
});

Deno.test("ActiveChannel: 425 ends the wait for the server in its own words", async () => {
  const failed = await refusedListing(async (control) => {
    await exchange(control, /^EPRT /, "200 ok");
    await exchange(control, "MLSD", "150 here", "425 cannot reach you");
    await playQuit(control);
  }, ["--active"]);
  assertEquals(failed.message, 'Cannot list ".": 425 cannot reach you');
});
