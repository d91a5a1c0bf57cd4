/**
 * How a shell's session lives on: lost connections, time-outs and several commands.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Site } from "../../../client/shell/site.ts";
import { ScriptedServer } from "../../support/scripted_peer.ts";
import { exchange, playQuit, playStart } from "../dialogue.ts";
import { runShell } from "./shell_io.ts";

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
  assertMatch(stderr, /Lost the connection.*trying again.*\n.*connected again, to 127\.0\.0\.1:\/sub/);
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

Deno.test("Site: a NOOP while nothing is to be done, and none that a command could take for its own", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "PWD", '257 "/"');
    await exchange(control, "NOOP", "200 still here");
    await exchange(control, "PWD", '257 "/"');
    await playQuit(control);
  });
  const { signal } = new AbortController();
  using shell = testOwner(signal);
  await using site = new Site(shell.owner, {
    location: { kind: "remote", scheme: "ftp", host: "127.0.0.1", path: "", ascii: false },
    options: { port: server.port, user: "alice", passwordFile: undefined },
    noopInterval: 1,
  });
  await site.host.use(({ directory }) => directory.settle());
  const noop = shell.seen(/< 200/);
  site.sleep();
  await noop;
  await site.wake();
  await site.host.use(({ directory }) => directory.ask());
  await site[Symbol.asyncDispose]();
  await server.done;
});
