/**
 * Data connections inside TLS.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { connect, writeAll } from "../../shared/connection.ts";
import { TruncatedError } from "../../shared/errors.ts";
import { makeSparseFile } from "../support/files.ts";
import { readAll, SecureClient } from "../support/secure_client.ts";
import { TestServer } from "../support/test_server.ts";
import { anyClient, HANDSHAKE_TIME, LOCAL_TLS, TLS_VERSIONS } from "../support/tls_pair.ts";

const CONTENT = crypto.getRandomValues(new Uint8Array(50_000));
const PATIENT = { timeout: HANDSHAKE_TIME };

const start = (config = {}): Promise<TestServer> =>
  TestServer.start({ config: { tls: LOCAL_TLS, ...config } });

for (const maxVersion of TLS_VERSIONS) {
  Deno.test(`data (${maxVersion}): up, down and listed, passive and active, resumed each time`, async () => {
    await using server = await start();
    using client = await SecureClient.login(server.address, { maxVersion });
    for (const way of ["openData", "openActiveData"] as const) {
      {
        using data = await client[way](`STOR ${way}`);
        assertEquals([data.security.version, data.security.resumed], [maxVersion, true]);
        await writeAll(data, CONTENT);
        await data.finish();
        await client.expect(226);
        // The server says, too, that it has ended well.
        assertEquals(await readAll(data), new Uint8Array());
      }
      using data = await client[way](`RETR ${way}`);
      assertEquals(await readAll(data), CONTENT);
      await client.expect(226);
      assertEquals(await Deno.readFile(server.path(way)), CONTENT);
      using list = await client[way]("NLST");
      assert(new TextDecoder().decode(await readAll(list)).includes(way));
      await client.expect(226);
    }
  });

  Deno.test(`STOR (${maxVersion}): without close_notify it is not complete, and can be resumed`, async () => {
    await using server = await start();
    await Deno.writeTextFile(server.path("file"), "as it was");
    using client = await SecureClient.login(server.address, { maxVersion });
    for (const name of ["file", "new"]) {
      {
        using data = await client.openData(`STOR ${name}`);
        await writeAll(data, CONTENT);
      }
      await client.expect(426);
    }
    assertEquals(await Deno.readTextFile(server.path("file")), "as it was");
    await assertRejects(() => Deno.stat(server.path("new")), Deno.errors.NotFound);
    const [size] = (await client.command("SIZE new", 213)).lines;
    assertEquals(Number(size), CONTENT.length);
    await client.command(`REST ${size}`, 350);
    await client.store("STOR new", Uint8Array.of(1));
    assertEquals((await Deno.stat(server.path("new"))).size, CONTENT.length + 1);
  });

  Deno.test(`RETR (${maxVersion}): what is aborted does not look whole`, async () => {
    await using server = await start();
    await makeSparseFile(server.path("large"), { size: 200_000_000, tail: 10 });
    using client = await SecureClient.login(server.address, { maxVersion });
    using data = await client.openData("RETR large");
    await data.read(new Uint8Array(1000));
    await client.send("ABOR\r\n");
    // Where bytes had not been read yet, the system ends the connection with a reset.
    const error = await assertRejects(() => readAll(data), Error);
    assert(error instanceof TruncatedError || /reset/i.test(error.message), error.message);
    await client.expect(426);
    await client.expect(226);
    await client.command("NOOP", 200);
  });

  Deno.test(`RETR (${maxVersion}): a client that does not read holds the server back`, async () => {
    await using server = await start();
    await makeSparseFile(server.path("large"), { size: 500_000_000, tail: 10 });
    using client = await SecureClient.login(server.address, { maxVersion });
    using _data = await client.openData("RETR large");
    const moved = async (): Promise<number> => {
      const { lines } = await client.command("STAT", 211);
      return Number(/(\d+) bytes/.exec(lines.join(" "))?.[1]);
    };
    let last = -1;
    for (let now = await moved(); now > last; now = await moved()) {
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assertLess(last, 100_000_000);
    assert(last > 0);
  });
}

Deno.test("RETR: a client that does not read to the end is given up, wherever it stops", async () => {
  await using server = await start({ stallTimeout: 300 });
  await using stack = new AsyncDisposableStack();
  // In some of these sizes, everything but the end has been handed over when the client stops.
  const sizes = Array.from({ length: 64 }, (_, index) => (index + 1) * 200_000);
  const codes = await Promise.all(sizes.map(async (size) => {
    await makeSparseFile(server.path(String(size)), { size, tail: 1 });
    const hostname = `stop-${size}.test`;
    const client = stack.use(await SecureClient.login(server.address, { hostname }));
    const data = stack.use(await client.openData(`RETR ${size}`));
    const code = (await client.next())?.code;
    data.close();
    await client.command("NOOP", 200);
    return code;
  }));
  assert(codes.includes(226) && codes.includes(426), codes.join());
  // 425: on a busy machine even the handshake may take too long.
  assert(codes.every((code) => code === 226 || code === 426 || code === 425), codes.join());
});

Deno.test("data: a stranger on the passive port is dropped before any handshake", async () => {
  await using server = await start();
  using client = await SecureClient.login(server.address);
  using stranger = await client.openPlainData();
  await stranger.finish();
  // From the right address, but without TLS: that transfer fails, and the session goes on.
  await client.command("LIST", 150);
  await client.expect(425);
  await client.fetch("LIST");
});

Deno.test("data: a handshake that never ends is 425 in time, and the session goes on", async () => {
  await using server = await start({ stallTimeout: 300 });
  using client = await SecureClient.login(server.address);
  using _data = await client.openPlainData();
  await client.command("LIST", 150);
  await client.expect(425);
  await client.fetch("LIST");
});

Deno.test("data: plain text in place of a handshake is 425", async () => {
  await using server = await start();
  using client = await SecureClient.login(server.address);
  using data = await client.openPlainData();
  await client.command("STOR file", 150);
  await writeAll(data, new TextEncoder().encode("not protected"));
  await client.expect(425);
  await assertRejects(() => Deno.stat(server.path("file")), Deno.errors.NotFound);
});

Deno.test("data: ABOR ends a handshake", async () => {
  await using server = await start();
  using client = await SecureClient.login(server.address);
  using _data = await client.openPlainData();
  await client.command("LIST", 150);
  await client.send("ABOR\r\n");
  await client.expect(426);
  await client.expect(226);
});

Deno.test("require-tls-reuse: a data connection with a session of its own is 425", async () => {
  await using server = await start({ tls: { ...LOCAL_TLS, requireReuse: true } });
  for (const maxVersion of TLS_VERSIONS) {
    using client = await SecureClient.login(server.address, { maxVersion });
    await client.fetch("LIST");
    using data = await client.openPlainData();
    await client.command("LIST", 150);
    using stranger = anyClient({ hostname: "127.0.0.1", maxVersion });
    using _fresh = await stranger.control(data, PATIENT);
    const { lines } = await client.expect(425);
    assertEquals(lines, [
      "The data connection must resume the TLS session of the control connection",
    ]);
    await client.fetch("LIST");
  }
});

Deno.test("MODE Z and MODE B: inside TLS, where MODE B keeps its connection", async () => {
  await using server = await start();
  await Deno.writeFile(server.path("file"), CONTENT);
  using client = await SecureClient.login(server.address);
  await client.command("MODE Z", 200);
  const packed = await client.fetch("RETR file");
  const stream = new Blob([packed as BlobPart]).stream();
  const inflated = stream.pipeThrough(new DecompressionStream("deflate"));
  assertEquals(new Uint8Array(await new Response(inflated).arrayBuffer()), CONTENT);
  await client.command("MODE B", 200);
  using data = await client.openData("RETR file");
  await client.expect(250);
  await client.command("RETR file", 125);
  await client.expect(250);
  data.close();
});

for (const [before, after] of [["C", "P"], ["P", "C"]] as const) {
  Deno.test(`PROT ${after}: what MODE B left open under PROT ${before} is not used any more`, async () => {
    await using server = await start();
    await Deno.writeFile(server.path("file"), CONTENT);
    using client = await SecureClient.login(server.address);
    await client.command("MODE B", 200);
    await client.command(`PROT ${before}`, 200);
    using plain = await client.openPlainData();
    await client.command("RETR file", 150);
    using _data = before === "P" ? await client.secureData(plain) : plain;
    await client.expect(250);
    await client.command(`PROT ${before}`, 200);
    await client.command("RETR file", 125);
    await client.expect(250);
    await client.command(`PROT ${after}`, 200);
    await client.command("RETR file", 425);
  });
}

Deno.test("implicit TLS is not there unless it is asked for", async () => {
  await using server = await start();
  using connection = await connect(server.address, PATIENT);
  using client = anyClient({ hostname: "127.0.0.1" });
  await assertRejects(() => client.control(connection, PATIENT), Error, "does not speak TLS");
});
