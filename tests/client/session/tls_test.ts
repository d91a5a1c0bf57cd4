/**
 * How a session comes inside TLS, and that it never falls back.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";
import { TestProxy } from "../../support/test_proxy.ts";
import { localServer } from "../../support/tls_pair.ts";
import {
  type CommandResult,
  exchange,
  playDownload,
  playQuit,
  playStart,
  runAgainst,
  runCommand,
} from "../dialogue.ts";
import {
  LOCAL_PIN,
  PINNED,
  playAuth,
  playLoginBehindAuth,
  playProtection,
  playSecureData,
  playSecureStart,
} from "../tls_dialogue.ts";

type Play = (control: ScriptedConnection) => Promise<void>;

/** Lists an empty directory against scripts. */
async function list(args: readonly string[], ...scripts: readonly Play[]): Promise<CommandResult> {
  await using server = new ScriptedServer(...scripts);
  const place = args.some((arg) => arg.startsWith("ftp")) ? [] : ["127.0.0.1:"];
  return await runAgainst(server, ["ls", "-vv", ...args, ...place]);
}

/** Fails to get a file from scripts. */
async function fail(args: readonly string[], ...scripts: readonly Play[]): Promise<CommandResult> {
  await using server = new ScriptedServer(...scripts);
  return await runAgainst(server, ["get", ...args, "127.0.0.1:f", "-"]);
}

/** An empty listing in the clear. */
async function playClearList(control: ScriptedConnection): Promise<void> {
  await exchange(control, "TYPE A", "200 text");
  await playDownload(control, { commands: ["LIST"] });
  await playQuit(control);
}

/** An empty listing inside TLS. */
async function playSecureList(
  control: ScriptedConnection,
  server = localServer(),
): Promise<void> {
  await exchange(control, "TYPE A", "200 text");
  using data = await playSecureData(control, { command: "LIST", server });
  await data.end();
  await control.sendLines("226 done");
  await playQuit(control);
}

Deno.test("SessionSecurity: AUTH TLS, then login, PBSZ and PROT P before any data", async () => {
  const tls = localServer();
  const { code, stderr } = await list([...PINNED], async (control) => {
    await playSecureStart(control, tls);
    await playSecureList(control, tls);
  });
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^\* TLSv1\.3, TLS_AES_\S+, new session$/m);
  assertMatch(stderr, /^\* data: TLSv1\.3, TLS_AES_\S+, session resumed$/m);
});

for (const refusal of ["500 what", "502 no", "530 log in first"]) {
  Deno.test(`SessionSecurity: --tls auto goes on in the clear where AUTH is ${refusal}`, async () => {
    const { code, stderr } = await list(["--tls", "auto"], async (control) => {
      await control.sendLines("220 scripted");
      await exchange(control, "AUTH TLS", refusal);
      await playLoginBehindAuth(control);
      await playClearList(control);
    });
    assertEquals(code, 0, stderr);
  });
}

for (const args of [["--tls", "require"], ["--tls", "auto", "--pin", LOCAL_PIN], []]) {
  const what = args.join(" ").replace(LOCAL_PIN, "…") || "ftpes://";
  Deno.test(`SessionSecurity: ${what} says nothing more where AUTH is refused, exit code 5`, async () => {
    await using server = new ScriptedServer(async (control) => {
      await control.sendLines("220 scripted");
      await exchange(control, "AUTH TLS", "502 no");
      assertEquals(await control.line(), undefined);
    });
    const place = args.length === 0 ? `ftpes://127.0.0.1:${server.port}/f` : "127.0.0.1:f";
    const given = args.length === 0 ? ["--tls", "off"] : args;
    const { code, stderr } = await runAgainst(server, ["get", ...given, place, "-"]);
    assertEquals(code, 5);
    assertEquals(
      stderr,
      `ftpkit: Cannot start TLS with 127.0.0.1:${server.port}, which is required: 502 no\n`,
    );
  });
}

Deno.test("SessionSecurity: what was offered once must be had again, exit code 5", async () => {
  const args = ["--tls", "auto", "--retries", "1"];
  const cut = await fail(args, async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "234 go on");
    control.close(); // in the middle of the handshake
  });
  assertEquals(cut.code, 5, cut.stderr);
  const lost = await fail(
    [...args, "--insecure"],
    async (control) => {
      await playAuth(control);
      await control.expect(/^USER /);
      control.close();
    },
    async (control) => {
      await control.sendLines("220 scripted");
      await exchange(control, "AUTH TLS", "500 what");
      assertEquals(await control.line(), undefined);
    },
  );
  assertEquals(lost.code, 5, lost.stderr);
  assertStringIncludes(lost.stderr, "which it has offered before: 500 what\n");
});

Deno.test("SessionSecurity: 4yz to AUTH is tried again, not passed over", async () => {
  const { code, stderr } = await list(
    ["--tls", "auto", "--retries", "1", "--insecure"],
    async (control) => {
      await control.sendLines("220 scripted");
      await exchange(control, "AUTH TLS", "431 not now");
      assertEquals(await control.line(), undefined);
    },
    async (control) => {
      const tls = localServer();
      await playSecureStart(control, tls);
      await playSecureList(control, tls);
    },
  );
  assertEquals(code, 0, stderr);
});

Deno.test("SessionSecurity: AUTH SSL where TLS is an unknown word, 334 for 234", async () => {
  const tls = localServer();
  const { code, stderr } = await list([...PINNED], async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "504 unknown");
    await exchange(control, "AUTH SSL", "334 go on");
    await control.secure(tls);
    await playLoginBehindAuth(control);
    await playProtection(control);
    await playSecureList(control, tls);
  });
  assertEquals(code, 0, stderr);
});

Deno.test("SessionSecurity: implicit TLS begins before the greeting", async () => {
  for (const url of ["ftps", ""]) {
    const tls = localServer();
    await using server = new ScriptedServer(async (control) => {
      await control.secure(tls);
      await control.sendLines("220 scripted");
      await playLoginBehindAuth(control);
      await playProtection(control);
      await playSecureList(control, tls);
    });
    const place = url === "" ? "127.0.0.1:" : `${url}://127.0.0.1:${server.port}/`;
    const mode = url === "" ? "implicit" : "off";
    const pin = url === "" ? ["--pin", LOCAL_PIN] : ["--insecure"];
    const { code, stderr } = await runAgainst(server, ["ls", "--tls", mode, ...pin, place]);
    assertEquals(code, 0, stderr);
  }
});

Deno.test("SessionSecurity: what was said before the handshake is thrown away", async () => {
  const tls = localServer();
  const { code, stderr } = await list([...PINNED], async (control) => {
    await control.sendLines("220 scripted");
    await control.expect("AUTH TLS");
    // In the same segment: the answer to USER, and the beginning of one to PASS.
    await control.send("234 go on\r\n230 no password\r\n230-xyzzy");
    await control.secure(tls);
    await playLoginBehindAuth(control);
    await playProtection(control);
    await playSecureList(control, tls);
  });
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "! nobody asked for: 230 no password\n");
  assert(!stderr.includes("xyzzy"), stderr);
});

Deno.test("SessionSecurity: a plain answer to the hello is exit code 5", async () => {
  const { code, stderr } = await fail([...PINNED, "-q"], async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "234 go on");
    await control.bytes(5); // the hello has come
    await control.sendLines("500 what was that?");
    await control.rest();
  });
  assertEquals(code, 5);
  assertStringIncludes(stderr, "ftpkit: Cannot start TLS: the peer does not speak TLS\n");
});

Deno.test("SessionSecurity: a handshake that never ends is a time-out, exit code 3", async () => {
  const { code, stderr } = await fail([...PINNED, "--connect-timeout", "0.2"], async (control) => {
    await control.sendLines("220 scripted");
    await exchange(control, "AUTH TLS", "234 go on");
    await control.rest();
  });
  assertEquals(code, 3);
  assertStringIncludes(stderr, "Cannot start TLS: no end within 0.2 s\n");
});

Deno.test("SessionSecurity: PROT P that is refused ends the session, exit code 5", async () => {
  const { code, stderr } = await fail([...PINNED], async (control) => {
    await playAuth(control);
    await playLoginBehindAuth(control);
    await exchange(control, "PBSZ 0", "200 ok");
    await exchange(control, "PROT P", "536 not here");
    assertEquals(await control.line().catch(() => undefined), undefined);
  });
  assertEquals(code, 5);
  assertMatch(
    stderr,
    /Cannot encrypt files and listings of 127\.0\.0\.1:\d+: 536 not here; to .*: --clear-data\n$/,
  );
});

Deno.test("SessionSecurity: --clear-data goes on, says so once, and only where it must", async () => {
  const tls = localServer();
  const refusing: Play = async (control) => {
    await playAuth(control);
    await playLoginBehindAuth(control);
    await exchange(control, "PBSZ 0", "200 ok");
    await exchange(control, "PROT P", "536 not here");
    await exchange(control, "TYPE A", "421 try again");
  };
  const { code, stderr } = await list(
    [...PINNED, "--clear-data", "--retries", "2"],
    refusing,
    refusing,
    async (control) => {
      await playSecureStart(control, tls);
      await playSecureList(control, tls);
    },
  );
  assertEquals(code, 0, stderr);
  assertEquals(stderr.match(/warning: files and listings of .* travel in the clear/g)?.length, 1);
  const clear = await list([...PINNED, "--clear-data"], async (control) => {
    await playAuth(control);
    await playLoginBehindAuth(control);
    await exchange(control, "PBSZ 0", "500 what");
    await exchange(control, "PROT P", "500 what");
    await playClearList(control);
  });
  assertEquals(clear.code, 0, clear.stderr);
});

Deno.test("SessionSecurity: a password in the clear to another machine is warned about once", async () => {
  await using proxy = new TestProxy("http", { hosts: { "ftp.invalid": "127.0.0.1" } });
  const refused: Play = async (control) => {
    await playStart(control);
    await exchange(control, "TYPE I", "421 try again");
  };
  for (
    const [host, user, warnings] of [
      ["ftp.invalid", "u", 1],
      ["ftp.invalid", "anonymous", 0],
      ["127.0.0.1", "u", 0],
    ] as const
  ) {
    await using server = new ScriptedServer(refused, refused);
    const way = ["--proxy", `http://${proxy.authority}`, "--retry-wait", "0.01", "--no-netrc"];
    const place = ["-P", `${server.port}`, "-u", user, `${host}:f`, "-"];
    const { stderr } = await runCommand(["get", ...way, "--retries", "1", ...place], {
      env: { FTPKIT_PASSWORD: "p" },
    });
    const told = stderr.match(/warning: the password for \S+ travels in the clear: no TLS/g) ?? [];
    assertEquals(told.length, warnings, stderr);
  }
});

Deno.test("SessionSecurity: TLS runs through a proxy, for the name that was given", async () => {
  await using proxy = new TestProxy("socks", { hosts: { "localhost": "127.0.0.1" } });
  const tls = localServer();
  await using server = new ScriptedServer(async (control) => {
    await playSecureStart(control, tls);
    await playSecureList(control, tls);
  });
  const way = ["--proxy", `socks5h://${proxy.authority}`, ...PINNED];
  const { code, stderr } = await runAgainst(server, ["ls", ...way, "localhost:"]);
  assertEquals(code, 0, stderr);
  assertEquals(proxy.asked.length, 2);
});

Deno.test("SessionSecurity: FEAT, PBSZ and PROT go in one piece", async () => {
  const tls = localServer();
  const { code, stderr } = await list([...PINNED], async (control) => {
    await playAuth(control, tls);
    await exchange(control, /^USER /, "230 in");
    for (const line of ["FEAT", "PBSZ 0", "PROT P"]) await control.expect(line);
    await control.sendLines("500 what", "200 ok", "200 ok");
    await playSecureList(control, tls);
  });
  assertEquals(code, 0, stderr);
});
