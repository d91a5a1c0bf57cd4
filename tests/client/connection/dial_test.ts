/**
 * Sessions through proxies: what they are asked for, and how they fail.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { dial } from "../../../client/connection/dial.ts";
import { parseProxy } from "../../../client/connection/proxy.ts";
import { connect } from "../../../shared/connection.ts";
import {
  ConnectError,
  FtpkitError,
  InterruptedError,
  TimeoutError,
} from "../../../shared/errors.ts";
import { exitCodeOf } from "../../../shared/exit_code.ts";
import { tempFolder } from "../../support/files.ts";
import { freePort } from "../../support/free_port.ts";
import { type Script, ScriptedListener, ScriptedServer } from "../../support/scripted_peer.ts";
import { TestProxy } from "../../support/test_proxy.ts";
import { TestServer } from "../../support/test_server.ts";
import { type CommandResult, exchange, playQuit, playStart, runCommand } from "../dialogue.ts";

/** Gets, lists and puts through a proxy; what the proxy was asked for. */
async function transferThrough(
  proxy: TestProxy,
  way: { readonly url: string; readonly host: string },
): Promise<readonly string[]> {
  await using server = await TestServer.start();
  await using folder = await tempFolder();
  await Deno.writeTextFile(server.path("there"), "from there");
  await Deno.writeTextFile(join(folder.path, "here"), "from here");
  const place = `ftp://alice:secret@${way.host}:${server.address.port}/`;
  const run = async (command: string, ...args: readonly string[]): Promise<CommandResult> => {
    const options = ["--no-netrc", "--retries", "0", "-vv", "--proxy", way.url];
    const result = await runCommand([command, ...options, ...args]);
    assertEquals(result.code, 0, result.stderr);
    assert(!result.stderr.includes("hidden"), "the proxy's password is in the trace");
    return result;
  };
  await run("get", `${place}there`, folder.path);
  assertEquals(await Deno.readTextFile(join(folder.path, "there")), "from there");
  await run("put", join(folder.path, "here"), place);
  assertEquals(await Deno.readTextFile(server.path("here")), "from here");
  assertEquals((await run("ls", "-1", place)).stdout, "here\nthere\n");
  assertEquals(proxy.asked.length, 6, "three control connections, three for data");
  const control = `${proxy.asked[0]}`;
  assertEquals(proxy.asked.filter((target) => target === control).length, 3);
  return [...new Set(proxy.asked.map((target) => target.replace(/:\d+$/, "")))];
}

for (const login of [undefined, "me:hidden word"]) {
  const how = login === undefined ? "without a login" : "with a login";
  const url = (scheme: string, proxy: TestProxy): string =>
    `${scheme}://${proxy.authority.replace(" ", "%20")}`;
  const options = {
    hosts: { "ftp.invalid": "127.0.0.1" },
    ...(login === undefined ? {} : { login }),
  };

  Deno.test(`dial: socks5h:// asks the proxy for the name, for control and data, ${how}`, async () => {
    await using proxy = new TestProxy("socks", options);
    const way = { url: url("socks5h", proxy), host: "ftp.invalid" };
    assertEquals(await transferThrough(proxy, way), ["ftp.invalid"]);
  });

  Deno.test(`dial: socks5:// resolves the name here, ${how}`, async () => {
    await using proxy = new TestProxy("socks", options);
    const way = { url: url("socks5", proxy), host: "localhost" };
    assertEquals(await transferThrough(proxy, way), ["127.0.0.1"]);
  });

  Deno.test(`dial: http:// asks by CONNECT, for control and data, ${how}`, async () => {
    await using proxy = new TestProxy("http", options);
    const way = { url: url("http", proxy), host: "ftp.invalid" };
    assertEquals(await transferThrough(proxy, way), ["ftp.invalid"]);
  });
}

Deno.test("dial: an address in 227 counts no more than without a proxy: the host is asked for", async () => {
  using data = new ScriptedListener();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE A", "200 text");
    await exchange(control, "EPSV", "500 what");
    await exchange(control, "PASV", `227 (192,0,2,7,${data.port >> 8},${data.port & 255})`);
    using listing = await data.accept();
    await exchange(control, "LIST", "150 here");
    listing.close();
    await control.sendLines("226 done");
    await playQuit(control);
  });
  await using proxy = new TestProxy("socks", { hosts: { "ftp.invalid": "127.0.0.1" } });
  const args = ["--proxy", `socks5h://${proxy.authority}`, "-P", String(server.port)];
  const { code, stderr } = await runCommand(["ls", "--no-netrc", ...args, "ftp.invalid:"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(proxy.asked, [`ftp.invalid:${server.port}`, `ftp.invalid:${data.port}`]);
});

Deno.test("dial: the server's bytes in one segment with the proxy's answer are not lost", async () => {
  const greeting = "220 quick\r\n";
  await using proxy = new ScriptedServer(
    async (client) => {
      await client.expect("CONNECT host:21 HTTP/1.1");
      while (await client.line());
      await client.send(`HTTP/1.1 200 OK\r\n\r\n${greeting}`);
      await client.rest();
    },
    async (client) => {
      await client.bytes(3);
      await client.send(Uint8Array.of(5, 0));
      await client.bytes(11);
      const reply = [5, 0, 0, 1, 127, 0, 0, 1, 0, 21];
      await client.send(Uint8Array.of(...reply, ...new TextEncoder().encode(greeting)));
      await client.rest();
    },
  );
  for (const kind of ["http", "socks5h"]) {
    using connection = await dial({ hostname: "host", port: 21 }, {
      proxy: parseProxy(`${kind}://127.0.0.1:${proxy.port}`, "--proxy"),
      timeout: 10_000,
    });
    assertEquals(connection.remote, { hostname: "host", port: 21 });
    const buffer = new Uint8Array(4);
    let text = "";
    while (text.length < greeting.length) {
      const count = await connection.read(buffer);
      assert(count !== null, `the connection ended after "${text}"`);
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    assertEquals(text, greeting);
  }
  await proxy.done;
});

interface Failure {
  readonly what: string;
  readonly kind: string;
  readonly script: Script;
  readonly words: string;
}

/** SOCKS up to its reply. */
async function playSocks(
  client: Parameters<Script>[0],
  ...reply: readonly number[]
): Promise<void> {
  await client.bytes(4);
  await client.send(Uint8Array.of(5, 2));
  await client.bytes(1 + 1 + 2 + 1 + 6);
  await client.send(Uint8Array.of(1, 0));
  await client.bytes(4 + 1 + 4 + 2);
  await client.send(Uint8Array.from(reply));
}

const FAILURES: readonly Failure[] = [
  {
    what: "a wrong password (SOCKS)",
    kind: "socks5h",
    script: async (client) => {
      await client.bytes(4);
      await client.send(Uint8Array.of(5, 2));
      await client.bytes(11);
      await client.send(Uint8Array.of(1, 1));
    },
    words: "refused: wrong user name or password",
  },
  {
    what: "a wrong password (HTTP)",
    kind: "http",
    script: async (client) => {
      while (await client.line());
      await client.send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    },
    words: "refused: 407 Proxy Authentication Required",
  },
  {
    what: "a host that the proxy cannot reach",
    kind: "socks5h",
    script: (client) => playSocks(client, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0),
    words: "refused: host unreachable (SOCKS reply 4)",
  },
  {
    what: "an end in the middle of its answer",
    kind: "socks5h",
    script: (client) => playSocks(client, 5, 0, 0),
    words: "closed the connection",
  },
  {
    what: "an FTP server in its place",
    kind: "http",
    script: async (client) => {
      await client.sendLines("220 hello");
      await client.rest();
    },
    words: "does not speak HTTP",
  },
  {
    what: "HTTP where SOCKS was named",
    kind: "socks5",
    script: async (client) => {
      await client.sendLines("HTTP/1.1 400 Bad Request", "");
      await client.rest();
    },
    words: "does not speak SOCKS5",
  },
];

for (const { what, kind, script, words } of FAILURES) {
  Deno.test(`dial: ${what} is exit code 3 and says: ${words}`, async () => {
    await using proxy = new ScriptedServer(script);
    const url = `${kind}://me:hidden@127.0.0.1:${proxy.port}`;
    const host = kind === "socks5" ? "127.0.0.1" : "host";
    const failed = await assertRejects(
      () => runCommand(["ls", "--no-netrc", "--retries", "0", "--proxy", url, `${host}:`]),
      ConnectError,
    );
    const expected = `Cannot connect to ${host}:21: the proxy 127.0.0.1:${proxy.port} ${words}`;
    assertEquals(failed.message, expected);
    assertEquals(exitCodeOf(failed), 3);
    assert(!Deno.inspect(failed).includes("hidden"));
  });
}

Deno.test("dial: no proxy at its port is said, and exit code 3", async () => {
  const at = `127.0.0.1:${freePort("127.0.0.1")}`;
  const failed = await assertRejects(
    () => runCommand(["ls", "--no-netrc", "--proxy", `http://${at}`, "host:"]),
    ConnectError,
  );
  assertEquals(
    failed.message,
    `Cannot use the proxy: Cannot connect to ${at}: connection refused`,
  );
});

Deno.test("dial: a name that does not resolve is said to be that, with socks5://", async () => {
  const failed = await assertRejects(
    () => runCommand(["ls", "--no-netrc", "--proxy", "socks5://127.0.0.1:1", "ftp.invalid:"]),
    ConnectError,
  );
  assertMatch(
    failed.message,
    /^Cannot connect to ftp\.invalid:21: cannot resolve the name \(.+\)$/,
  );
});

for (const host of ["a b", "x".repeat(256), "hé"]) {
  Deno.test(`dial: a proxy is not asked for "${host.slice(0, 5)}"`, async () => {
    await using proxy = new ScriptedServer(async (client) => void await client.rest());
    const failed = await assertRejects(() =>
      dial({ hostname: host, port: 21 }, {
        proxy: parseProxy(`http://127.0.0.1:${proxy.port}`, "--proxy"),
        timeout: 10_000,
      }), ConnectError);
    assertMatch(failed.message, /cannot be asked for a host of this name$/);
    await proxy.done;
  });
}

for (const kind of ["socks5h", "http"]) {
  Deno.test(`dial: a proxy that never answers is waited for once, and cut (${kind})`, async () => {
    await using proxy = new ScriptedServer(async (client) => void await client.rest());
    const url = `${kind}://127.0.0.1:${proxy.port}`;
    const failed = await assertRejects(() =>
      dial({ hostname: "host", port: 21 }, {
        proxy: parseProxy(url, "--proxy"),
        timeout: 100,
      }), TimeoutError);
    const words = `the proxy 127.0.0.1:${proxy.port} did not answer within 0.1 s`;
    assertEquals(failed.message, `Cannot connect to host:21: ${words}`);
    await proxy.done;
  });
}

Deno.test("dial: an interruption ends the wait for a proxy with its own reason", async () => {
  const interruption = new AbortController();
  await using proxy = new ScriptedServer(async (client) => {
    await client.bytes(3);
    interruption.abort(new InterruptedError("Interrupted"));
    await client.rest();
  });
  await assertRejects(() =>
    dial({ hostname: "host", port: 21 }, {
      proxy: parseProxy(`socks5h://127.0.0.1:${proxy.port}`, "--proxy"),
      timeout: 10_000,
      signal: interruption.signal,
    }), InterruptedError);
  await proxy.done;
});

Deno.test("dial: a data connection that the proxy refuses fails the transfer, not the program", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "TYPE A", "200 text");
    await exchange(control, "EPSV", `229 (|||${freePort("127.0.0.1")}|)`);
    await exchange(control, "PASV", "502 no");
    await playQuit(control);
  });
  await using proxy = new TestProxy("http");
  const args = ["--proxy", proxy.authority, "-P", String(server.port), "--retries", "0"];
  const failed = await assertRejects(
    () => runCommand(["ls", "--no-netrc", ...args, "127.0.0.1:"]),
    FtpkitError,
  );
  assertMatch(
    failed.message,
    /^Cannot open a data connection: .*: the proxy 127.* refused: 502 Bad Gateway$/,
  );
  assertEquals(exitCodeOf(failed), 1);
});

Deno.test("dial: without a proxy it is the connection itself", async () => {
  using listener = new ScriptedListener();
  const target = { hostname: "127.0.0.1", port: listener.port };
  using dialed = await dial(target, { proxy: undefined, timeout: 10_000 });
  using plain = await connect(target, { timeout: 10_000 });
  assertEquals(dialed.constructor, plain.constructor);
  assertEquals(dialed.remote, target);
  for (let count = 0; count < 2; count++) (await listener.accept()).close();
});
