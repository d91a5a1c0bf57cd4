/** The control connection: several commands under way at once. */

import { assertEquals, assertRejects } from "@std/assert";
import { Control } from "../../../client/connection/control.ts";
import { UTF8_NAMES } from "../../../client/name_coding.ts";
import { connect } from "../../../shared/connection.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { type ScriptedConnection, ScriptedServer } from "../../support/scripted_peer.ts";

async function withControl(
  script: (control: ScriptedConnection) => Promise<void>,
  work: (control: Control) => Promise<void>,
): Promise<void> {
  await using server = new ScriptedServer(script);
  const signal = new AbortController().signal;
  const target = { hostname: "127.0.0.1", port: server.port };
  const connection = await connect(target, { signal, timeout: 5000 });
  using control = new Control(connection, { signal, timeout: 5000, names: UTF8_NAMES });
  await work(control);
  await server.done;
}

Deno.test("Control: commands are sent at once, and each has its own reply", async () => {
  await withControl(async (peer) => {
    for (const line of ["A", "B", "C"]) await peer.expect(line);
    await peer.sendLines("150 first", "200 a", "550 b", "213-c", "213 c");
  }, async (control) => {
    const replies = await Promise.all(["A", "B", "C"].map((verb) => control.command(verb)));
    assertEquals(replies.map(({ code, lines }) => [code, lines[0]]), [
      [200, "a"],
      [550, "b"],
      [213, "c"],
    ]);
  });
});

Deno.test("Control: a command that cannot be sent takes no reply of another", async () => {
  await withControl(async (peer) => {
    await peer.expect("A");
    await peer.expect("C");
    await peer.sendLines("200 a", "200 c");
  }, async (control) => {
    const [first, third] = [
      control.command("A"),
      assertRejects(() => control.command("B", "x\ny"), ProtocolError),
    ];
    const last = control.command("C");
    await third;
    assertEquals([(await first).lines, (await last).lines], [["a"], ["c"]]);
  });
});

Deno.test("Control: what nobody asked for is dropped before the next command, not between two", async () => {
  await withControl(async (peer) => {
    await peer.expect("A");
    await peer.sendLines("200 a", "226 nobody asked");
    await peer.expect("B");
    await peer.expect("C");
    await peer.sendLines("200 b", "200 c");
  }, async (control) => {
    assertEquals((await control.command("A")).lines, ["a"]);
    const both = await Promise.all([control.command("B"), control.command("C")]);
    assertEquals(both.map(({ lines }) => lines[0]), ["b", "c"]);
  });
});
