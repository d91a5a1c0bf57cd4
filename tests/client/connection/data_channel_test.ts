/**
 * How data connections are made.
 *
 * @module
 */

import { connect } from "node:net";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Control } from "../../../client/connection/control.ts";
import { openDataChannel } from "../../../client/connection/data_channel.ts";
import { UTF8_NAMES } from "../../../client/name_coding.ts";
import type { Connection } from "../../../shared/connection.ts";
import { parseEprt, parsePort } from "../../../shared/endpoint.ts";
import { ConnectError } from "../../../shared/errors.ts";
import { freePort } from "../../support/free_port.ts";
import { run } from "../../support/run.ts";
import {
  dial,
  type Script,
  type ScriptedConnection,
  ScriptedListener,
  ScriptedServer,
} from "../../support/scripted_peer.ts";
import { TestProxy } from "../../support/test_proxy.ts";
import { exchange, playQuit, playStart, runAgainst, runCommand } from "../dialogue.ts";

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

Deno.test("openDataChannel: PASV in the next session where EPSV was never answered", async () => {
  await using server = new ScriptedServer(
    async (control) => {
      await playStart(control, ["MLST type*;"]);
      await exchange(control, "TYPE A", "200 text");
      await control.expect("EPSV");
      await control.rest();
    },
    async (control) => {
      await playStart(control, ["MLST type*;"]);
      await exchange(control, "TYPE A", "200 text");
      using data = await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
      data.close();
      await control.sendLines("226 done");
      await playQuit(control);
    },
  );
  const args = ["ls", "--retries", "1", "--timeout", "1", "127.0.0.1:"];
  const { code, stderr } = await runAgainst(server, args);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "did not answer within 1 s; trying again");
});

Deno.test("openDataChannel: PASV where the port of EPSV gives no answer, and no EPSV again", async () => {
  using silent = new ScriptedListener();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control, ["MLST type*;"]);
    await exchange(control, "TYPE A", "200 text");
    await exchange(control, "EPSV", `229 at (|||${silent.port}|)`);
    using data = await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
    data.close();
    await control.sendLines("451 again");
    using again = await playPasv(control, (listener) => `227 at (${listener.hostPort})`);
    again.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  // A port behind a firewall that drops everything cannot be had on loopback; a proxy plays it.
  await using proxy = new TestProxy("socks", { silentPort: () => silent.port });
  const way = ["--proxy", `socks5://${proxy.authority}`, "--connect-timeout", "1"];
  const { code } = await runAgainst(server, ["ls", "--retries", "1", ...way, "127.0.0.1:"]);
  assertEquals(code, 0);
});

for (const answer of ["10,0,0,1", "192,168,1,1", "0,0,0,0", "203,0,113,9", "127,0,0,2"]) {
  Deno.test(`openDataChannel: ${answer} in a 227 means the control connection's host`, async () => {
    await listOver(async (control) => {
      await exchange(control, "EPSV", "500 what");
      const address = (listener: ScriptedListener): string =>
        `227 Entering Passive Mode (${listener.hostPort.replace("127,0,0,1", answer)})`;
      return await playPasv(control, address);
    });
  });
}

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

/** A control connection whose own address is what a test says. */
function controlFrom(hostname: string): Control {
  const { promise: ended, resolve } = Promise.withResolvers<null>();
  const connection: Connection = {
    local: { hostname, port: 1 },
    remote: { hostname, port: 21 },
    read: () => ended,
    write: (bytes) => Promise.resolve(bytes.length),
    finish: () => Promise.resolve(),
    close: () => resolve(null),
    [Symbol.dispose]: () => resolve(null),
  };
  const { signal } = new AbortController();
  return new Control(connection, { timeout: 1000, signal, names: UTF8_NAMES });
}

for (
  const [activePorts, where] of [[undefined, "any port"], [
    { first: 1, last: 2 },
    "ports 1-2",
  ]] as const
) {
  Deno.test(`openDataChannel: --active on ${where} that the system refuses is one clear error`, async () => {
    using control = controlFrom("192.0.2.77");
    const failed = await assertRejects(() =>
      openDataChannel(control, {
        active: true,
        activePorts,
        proxy: undefined,
        connectTimeout: 1000,
        signal: new AbortController().signal,
        habits: { avoidEpsv: false, avoidEprt: false },
      }), ConnectError);
    assertMatch(failed.message, new RegExp(`^Cannot listen on ${where}: cannot assign .*address`));
  });
}

Deno.test({
  name: "openDataChannel: --active without a file descriptor left is one clear error",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const url = (path: string): string => new URL(`../../../${path}`, import.meta.url).href;
    const program = `
      import { Control } from ${JSON.stringify(url("client/connection/control.ts"))};
      import { openDataChannel } from ${JSON.stringify(url("client/connection/data_channel.ts"))};
      import { UTF8_NAMES } from ${JSON.stringify(url("client/name_coding.ts"))};
      const end = { hostname: "127.0.0.1", port: 1 };
      const { signal } = new AbortController();
      const control = new Control({ local: end, remote: end }, { timeout: 1, signal, names: UTF8_NAMES });
      const options = { active: true, connectTimeout: 1, signal, habits: {} };
      try {
        for (;;) Deno.openSync("/dev/null");
      } catch { /* that was the last one */ }
      const failed = await openDataChannel(control, options).catch((error) => error);
      console.log(failed.name, failed.message);`;
    const limited = 'ulimit -n 128 && exec "$0" eval --quiet "$1"';
    const { stdout, stderr } = await run("sh", ["-c", limited, Deno.execPath(), program]);
    assertEquals(stdout, "ConnectError Cannot listen on any port: too many open files\n", stderr);
  },
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

/** An address that is valid on one link of this machine only, with its zone. */
const LINK_LOCAL = Deno.networkInterfaces()
  .filter(({ address }) => address.startsWith("fe80:"))
  .map(({ address, name }) => `${address}%${name}`)[0];

for (const mode of ["passive", "active"] as const) {
  Deno.test({
    name: `openDataChannel: ${mode} mode with a link-local address keeps its zone`,
    ignore: LINK_LOCAL === undefined,
    fn: async () => {
      const host = LINK_LOCAL ?? "";
      using listener = new ScriptedListener(host);
      const play = async (): Promise<void> => {
        using control = await listener.accept();
        await playStart(control, ["MLST type*;"]);
        await exchange(control, "TYPE A", "200 text");
        using port = new ScriptedListener(host);
        const line = mode === "active"
          ? await exchange(control, /^EPRT \|2\|fe80:[^%]*\|\d+\|$/, "200 ok")
          : await exchange(control, "EPSV", `229 at (|||${port.port}|)`);
        await exchange(control, "MLSD", "150 here");
        using data = mode === "active"
          ? await dial({ hostname: host, port: Number(line.match(/(\d+)\|$/)?.[1]) })
          : await port.accept();
        await data.send("type=file; f\r\n");
        data.close();
        await control.sendLines("226 done");
        await playQuit(control);
      };
      const played = play();
      const url = `ftp://[${host.replace("%", "%25")}]:${listener.port}/`;
      const args = ["ls", "--no-netrc", "--retries", "0", ...mode === "active" ? ["--active"] : []];
      const result = await runCommand([...args, url]);
      assertEquals(result, { code: 0, stdout: "f\n", stderr: "" });
      await played;
    },
  });
}
