/**
 * How a shell's session lives on: lost connections, time-outs and several commands.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Interrupts } from "../../../client/shell/interrupts.ts";
import { Site } from "../../../client/shell/site.ts";
import { InterruptedError } from "../../../shared/errors.ts";
import { ScriptedServer } from "../../support/scripted_peer.ts";
import { exchange, playQuit, playStart, testIo } from "../dialogue.ts";
import { TestServer } from "../../support/test_server.ts";
import { LOOPBACK, runShell, testSettings } from "./shell_io.ts";

Deno.test("shell: after a lost connection it connects again, returns to its directory and says so", async () => {
  await using server = new ScriptedServer(
    async (control) => {
      await playStart(control);
      await exchange(control, "PWD", '257 "/"');
      await exchange(control, "CWD sub", "250 ok");
      await exchange(control, "PWD", '257 "/sub"');
      await control.expect("MKD new");
      control.close();
    },
    async (control) => {
      await playStart(control);
      await exchange(control, "CWD /sub", "250 ok");
      await exchange(control, "MKD new", "257 made");
      await playQuit(control);
    },
  );
  const { code, stderr } = await runShell(server, "cd sub; mkdir new");
  await server.done;
  assertMatch(
    stderr,
    /Lost the connection.*trying again.*\n.*connected again, to 127\.0\.0\.1:\/sub/,
  );
  assertEquals(code, 0);
});

Deno.test("shell: with --retries 0 the command fails, and the next one connects again", async () => {
  await using server = new ScriptedServer(
    async (control) => {
      await playStart(control);
      await exchange(control, "PWD", '257 "/"');
      await exchange(control, "NOOP", "421 idle for too long");
      control.close();
    },
    async (control) => {
      await playStart(control);
      await exchange(control, "CWD /", "250 ok");
      await exchange(control, "PWD", '257 "/"');
      await playQuit(control);
    },
  );
  const { code, stdout, stderr } = await runShell(server, "quote NOOP; pwd", {
    args: ["--retries", "0", "-k"],
  });
  await server.done;
  assertEquals([code, stdout], [8, "/\n"]);
  assertMatch(stderr, /421.*\n.*connected again/);
});

Deno.test("shell: where the directory is gone, the command fails and the next one is where login leads", async () => {
  await using server = new ScriptedServer(
    async (control) => {
      await playStart(control);
      await exchange(control, "PWD", '257 "/sub"');
      await exchange(control, "NOOP", "421 idle for too long");
      control.close();
    },
    async (control) => {
      await playStart(control);
      await exchange(control, "CWD /sub", "550 gone");
      await exchange(control, "MKD next", "257 made");
      await playQuit(control);
    },
  );
  const args = ["--retries", "0", "-k"];
  const { code, stderr } = await runShell(server, "quote NOOP; mkdir never; mkdir next", { args });
  await server.done;
  assertEquals(code, 8);
  assertMatch(stderr, /421.*\n.*Cannot open the directory "\/sub": 550 gone\n$/);
});

Deno.test("shell: passive and active hold for a session that is there already", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/"');
    await exchange(control, "TYPE A", "200 ok");
    await exchange(control, /^EPRT /, "500 no");
    await exchange(control, /^PORT /, "500 no");
    await exchange(control, "EPSV", "500 no");
    await exchange(control, "PASV", "500 no");
    await playQuit(control);
  });
  const { code } = await runShell(server, "active; ls; passive; ls", { args: ["-k"] });
  await server.done;
  assertEquals(code, 8);
});

Deno.test("Site: NOOP while nothing is to be done, and no command takes its answer for its own", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/"');
    let line = await control.expect("NOOP");
    for (; line === "NOOP"; line = await control.line() ?? "") {
      await control.sendLines("200 still here");
      asked.resolve();
    }
    assertEquals(line, "PWD");
    await control.sendLines('257 "/there"');
    await playQuit(control);
  });
  using interrupts = new Interrupts(new AbortController().signal);
  await using site = new Site({ io: testIo(), settings: testSettings(), interrupts }, {
    location: LOOPBACK,
    options: { port: server.port, user: undefined, passwordFile: undefined },
    noopInterval: 1,
  });
  await site.host.use(({ directory }) => directory.settle());
  site.sleep();
  await asked.promise;
  await site.wake();
  assertEquals(await site.host.use(({ directory }) => directory.ask()), "/there");
});

Deno.test("Interrupts: the first one stops the command, the second one everything", () => {
  using interrupts = new Interrupts(new AbortController().signal);
  const { signal, sessionSignal } = interrupts;
  interrupts.interrupt();
  assertEquals([signal.aborted, sessionSignal.aborted, interrupts.twice], [true, false, false]);
  interrupts.interrupt();
  assertEquals([sessionSignal.aborted, interrupts.twice], [true, true]);
  interrupts.begin();
  assertEquals([interrupts.signal.aborted, interrupts.sessionSignal.aborted], [false, false]);
});

Deno.test("Interrupts: the shell leaves also where a command hangs, but not at once", async () => {
  using interrupts = new Interrupts(new AbortController().signal);
  interrupts.interrupt();
  interrupts.interrupt();
  const first = await Promise.race([interrupts.left.then(() => "left"), Promise.resolve("waits")]);
  assertEquals(first, "waits");
  await interrupts.left;
});

Deno.test("Interrupts: what ends the process ends both, for good", () => {
  const process = new AbortController();
  using interrupts = new Interrupts(process.signal);
  process.abort(new InterruptedError("Interrupted"));
  interrupts.begin();
  assertEquals([interrupts.signal.aborted, interrupts.sessionSignal.aborted], [true, true]);
  assertEquals(interrupts.twice, true);
});

Deno.test("shell: Ctrl-C at the prompt leaves the session alone, also after the time that a command has to stop", async () => {
  let logins = 0;
  await using server = await TestServer.start({
    onEvent: ({ kind }) => {
      if (kind === "login") logins++;
    },
  });
  using clock = new Interrupts(new AbortController().signal);
  const keys = ["\x03", "pwd\r"];
  const stdinSource = {
    async read(buffer: Uint8Array): Promise<number | null> {
      if (keys.length === 1) {
        // Its time begins later than that of the first one, and so it ends later.
        clock.interrupt();
        clock.interrupt();
        await clock.left;
      }
      const key = keys.shift();
      return key === undefined ? null : new TextEncoder().encodeInto(key, buffer).written;
    },
  };
  const terminals = { stdin: true, stdout: true, stderr: true };
  const result = await runShell(server.address, undefined, { stdinSource, terminals });
  assertStringIncludes(result.stdout, "pwd\r\n/\n");
  assertEquals([result.code, logins], [0, 1]);
});
