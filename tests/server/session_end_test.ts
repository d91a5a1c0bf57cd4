/**
 * Sessions end, whatever their client sends or does not read.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { SessionEvent } from "../../server/events/event.ts";
import { peerTest } from "../support/peers.ts";
import { RawClient } from "../support/raw_client.ts";
import { run } from "../support/run.ts";
import { TestServer, type TestServerOptions } from "../support/test_server.ts";

interface Watched {
  readonly server: TestServer;
  /** Resolves with the events of the first session, once it has ended. */
  readonly ended: Promise<readonly SessionEvent[]>;
}

async function withServer(
  options: TestServerOptions,
  test: (watched: Watched) => Promise<void>,
): Promise<void> {
  const events: SessionEvent[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<readonly SessionEvent[]>();
  const onEvent = (event: SessionEvent): void => {
    events.push(event);
    if (event.kind === "closed") resolve(events);
  };
  await using server = await TestServer.start({ ...options, onEvent });
  await test({ server, ended });
}

/** More than the queue of waiting commands holds. */
const FLOOD = "PWD\r\n".repeat(4000);

Deno.test("runSession: ends though its client sends on behind QUIT", async () => {
  await withServer({}, async ({ server, ended }) => {
    {
      using client = await RawClient.login(server.address);
      await client.send(`${"PWD\r\n".repeat(1000)}QUIT\r\n`);
      await client.send(FLOOD).catch(() => {}); // the server closes meanwhile
    }
    await ended;
  });
});

Deno.test("runSession: ends though its queue was full when the client went", async () => {
  await withServer({}, async ({ server, ended }) => {
    {
      using client = await RawClient.login(server.address);
      using _data = await client.openData();
      await client.command("STOR stalled", 150);
      await client.send(FLOOD);
    }
    await ended;
  });
});

Deno.test("runSession: a stop ends it though its client reads no reply", async () => {
  await withServer({}, async ({ server, ended }) => {
    using client = await RawClient.login(server.address);
    const flooding = client.send("HELP\r\n".repeat(200_000)).catch(() => {});
    await server.stop(60_000);
    await ended;
    await flooding;
  });
});

Deno.test("QUIT: a transfer that is still running is its user's, and so is what it is allowed", async () => {
  await withServer({}, async ({ server, ended }) => {
    using client = await RawClient.login(server.address);
    {
      using data = await client.openData();
      await client.command("STOR f", 150);
      await client.command("QUIT", 221);
      await data.write(new Uint8Array(3));
    }
    await client.expect(226);
    const transfer = (await ended).find(({ kind }) => kind === "transfer");
    assertEquals(transfer?.user, "alice");
  });
});

Deno.test("QUIT: whoever has said goodbye is told of no limit that is passed behind it", async () => {
  await withServer({ config: { loginTimeout: 200, sessionTimeout: 200 } }, async ({ server }) => {
    using client = await RawClient.login(server.address);
    using data = await client.openData();
    await client.command("STOR f", 150);
    await client.command("QUIT", 221);
    {
      using silent = await RawClient.connect(server.address);
      await silent.expect(220);
      await silent.expect(421);
    }
    data.close();
    await client.expect(226);
    assertEquals(await client.next(), null);
  });
});

Deno.test("ABOR: with an argument it aborts nothing", async () => {
  await withServer({}, async ({ server }) => {
    using client = await RawClient.login(server.address);
    {
      using _data = await client.openData();
      await client.command("STOR f", 150);
      await client.send("ABOR x\r\n");
    }
    await client.expect(226);
    await client.expect(501);
  });
});

const SYNCH = `
import socket, sys
host, port = "127.0.0.1", int(sys.argv[1])
def line(f): return f.readline().decode()
for _ in range(10):
    s = socket.create_connection((host, port)); s.settimeout(5); f = s.makefile("rb")
    line(f)
    for c in ("USER alice", "PASS secret", "TYPE I", "EPSV"):
        s.sendall(c.encode() + b"\\r\\n"); r = line(f)
    d = socket.create_connection((host, int(r.split("|")[3])))
    s.sendall(b"STOR f\\r\\n"); line(f)
    s.send(b"\\xff\\xf4\\xff", socket.MSG_OOB); s.send(b"\\xf2ABOR\\r\\n")
    print(line(f)[:3], line(f)[:3])
`;

peerTest("ABOR: as a Telnet Synch it is answered at once", { needs: ["python3"] }, async () => {
  await withServer({}, async ({ server }) => {
    const result = await run("python3", ["-c", SYNCH, String(server.address.port)]);
    assertEquals(result, { code: 0, stdout: "426 226\n".repeat(10), stderr: "" });
  });
});

Deno.test("SITE CHMOD: a link to the shared directory does not make it anybody's to change", async () => {
  await withServer({}, async ({ server }) => {
    await Deno.symlink(".", server.path("self"));
    using client = await RawClient.login(server.address);
    await client.command("SITE CHMOD 777 self", 550);
    await client.command("MFMT 20010203040506 self", 550);
  });
});
