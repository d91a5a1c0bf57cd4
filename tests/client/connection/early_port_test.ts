/**
 * The port of a transfer, asked for before the transfer.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { EarlyPort } from "../../../client/connection/early_port.ts";
import { receive } from "../../../client/connection/transfer.ts";
import {
  type ScriptedConnection,
  ScriptedListener,
  ScriptedServer,
} from "../../support/scripted_peer.ts";
import { exchange, playData, playQuit, playStart } from "../dialogue.ts";
import { openTestSession } from "../test_session.ts";

const REQUEST = {
  action: 'download "f"',
  verb: "RETR",
  argument: "f",
  sink: { write: (bytes: Uint8Array) => Promise.resolve(bytes.length) },
};

async function playTransfer(control: ScriptedConnection, data: ScriptedConnection): Promise<void> {
  await data.send("abc");
  data.close();
  await control.sendLines("226 done");
}

Deno.test("Session.expectTransfer: EPSV does not wait for the answer before it, and serves one transfer", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await control.expect("MDTM f");
    await control.expect("EPSV");
    using listener = new ScriptedListener();
    await control.sendLines("213 20240102030405", `229 ok (|||${listener.port}|)`);
    const first = await listener.accept();
    await exchange(control, "RETR f", "150 here it comes");
    await playTransfer(control, first);
    await playTransfer(control, await playData(control, "RETR f"));
    await playQuit(control);
  });
  {
    await using session = await openTestSession({ hostname: "127.0.0.1", port: server.port });
    const [modified] = await Promise.all([session.modified("f"), session.expectTransfer()]);
    assertEquals(modified, new Date("2024-01-02T03:04:05Z"));
    assertEquals(await receive(session.link, REQUEST), 3);
    assertEquals(await receive(session.link, REQUEST), 3);
  }
  await server.done;
});

Deno.test("Session.expectTransfer: a refused EPSV leads to PASV, and is not asked for again", async () => {
  await using server = new ScriptedServer(async (control) => {
    await playStart(control);
    await exchange(control, "EPSV", "500 what");
    using listener = new ScriptedListener();
    await exchange(control, "PASV", `227 ok (${listener.hostPort})`);
    const data = await listener.accept();
    await exchange(control, "RETR f", "150 here it comes");
    await playTransfer(control, data);
    await playQuit(control);
  });
  {
    await using session = await openTestSession({ hostname: "127.0.0.1", port: server.port });
    await session.expectTransfer();
    assertEquals(await receive(session.link, REQUEST), 3);
    await session.expectTransfer();
  }
  await server.done;
});

Deno.test("EarlyPort: an answer that has become old is no answer", async () => {
  const reply = { code: 229, lines: ["ok (|||1|)"] };
  const remote = { hostname: "127.0.0.1", port: 21 };
  const control = { command: () => Promise.resolve(reply), open: true, remote };
  for (const [lifetime, expected] of [[60_000, reply], [0, undefined]] as const) {
    const port = new EarlyPort(control, lifetime);
    await port.ask({ avoidEpsv: false, avoidEprt: false });
    assertEquals(port.take(), expected);
    assertEquals(port.take(), undefined);
  }
});
