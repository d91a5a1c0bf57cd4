import { assert, assertEquals } from "@std/assert";
import { formatEprt, formatPort } from "../../../shared/endpoint.ts";
import { RawClient, readAll } from "../../support/raw_client.ts";
import { TestServer } from "../../support/test_server.ts";
import { testAccount } from "../../support/account.ts";

function names(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

/** Starts an upload, sends a piece, and leaves the rest to the test. */
async function beginUpload(
  client: RawClient,
  command: string,
  piece: string,
): Promise<Deno.TcpConn> {
  const data = await client.openData();
  await client.command(command, 150);
  await data.write(new TextEncoder().encode(piece));
  return data;
}

/** Uploads a piece and cuts it off with ABOR once the server has it all. */
async function cutUpload(client: RawClient, command: string, piece: string): Promise<void> {
  using _data = await beginUpload(client, command, piece);
  for (;;) {
    const status = await client.command("STAT", 211);
    if (status.lines.some((line) => line.includes(`: ${piece.length} bytes`))) break;
  }
  await client.command("ABOR", 426);
  await client.expect(226);
}

Deno.test("STOR and RETR: what was stored comes back, from nothing to a few megabytes", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  for (const size of [0, 1, 65_536, 3_000_001]) {
    const bytes = new Uint8Array(size).map((_, at) => at * 7 + (at >> 8));
    await client.store("STOR f", bytes);
    assertEquals(await Deno.readFile(server.path("f")), bytes);
    assertEquals(await client.fetch("RETR f"), bytes);
    assertEquals((await client.command("SIZE f", 213)).lines, [String(size)]);
  }
  assertEquals(names(server.root), ["f"]);
});

Deno.test("TYPE A: line ends are converted both ways, and SIZE is refused", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("TYPE A", 200);
  await client.store("STOR f", "one\r\ntwo\r\n");
  assertEquals(await Deno.readTextFile(server.path("f")), "one\ntwo\n");
  assertEquals(await client.fetchText("RETR f"), "one\r\ntwo\r\n");
  await client.command("SIZE f", 550);
  await client.command("REST 1", 350);
  await client.command("EPSV", 229);
  await client.command("RETR f", 554);
});

Deno.test("REST: RETR goes on from an offset, to the end and beyond 4 GiB, not behind the end", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  {
    using sparse = await Deno.create(server.path("sparse"));
    await sparse.truncate(5 * 1024 ** 3);
    await sparse.seek(-3, Deno.SeekMode.End);
    await sparse.write(new TextEncoder().encode("end"));
  }
  using client = await RawClient.login(server.address);
  for (
    const [offset, file, rest] of [[4, "f", "456789"], [10, "f", ""], [
      5 * 1024 ** 3 - 3,
      "sparse",
      "end",
    ]]
  ) {
    await client.command(`REST ${offset}`, 350);
    assertEquals(await client.fetchText(`RETR ${file}`), rest);
  }
  await client.command("REST 11", 350);
  await client.command("EPSV", 229);
  await client.command("RETR f", 554);
  assertEquals(await client.fetchText("RETR f"), "0123456789"); // REST was used up
});

Deno.test("REST: STOR onto a complete file writes in place; APPE goes on at its end", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "0123456789");
  using client = await RawClient.login(server.address);
  await client.command("REST 4", 350);
  await client.store("STOR f", "abcdefghi");
  assertEquals(await Deno.readTextFile(server.path("f")), "0123abcdefghi");
  await client.store("APPE f", "!");
  assertEquals(await Deno.readTextFile(server.path("f")), "0123abcdefghi!");
  await client.command("REST 99", 350);
  await client.command("EPSV", 229);
  await client.command("STOR f", 554);
  await client.command("REST 3", 350);
  await client.command("EPSV", 229);
  await client.command("APPE f", 554);
});

Deno.test("STOR: a cut upload leaves the old file as it was", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address);
  await cutUpload(client, "STOR f", "new");
  assertEquals(await client.fetchText("RETR f"), "old");
  assertEquals(names(server.root), ["f"]);
});

Deno.test("STOR: a cut upload of a new file can be resumed by its user and is nobody else's", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  using other = await RawClient.login(server.address, "bob");
  await cutUpload(client, "STOR f", "first half, ");
  assertEquals((await client.command("SIZE f", 213)).lines, ["12"]);
  await other.command("SIZE f", 550);
  await client.command("EPSV", 229);
  await client.command("RETR f", 550);
  assertEquals(await client.fetchText("NLST"), "");
  assertEquals(await client.fetchText("MLSD"), "");
  await client.command("REST 12", 350);
  await client.store("STOR f", "second half");
  assertEquals(await Deno.readTextFile(server.path("f")), "first half, second half");
  assertEquals(names(server.root), ["f"]);
});

Deno.test("APPE: goes on with a cut upload, and DELE removes one", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await cutUpload(client, "STOR f", "abc");
  await client.store("APPE f", "def");
  assertEquals(await Deno.readTextFile(server.path("f")), "abcdef");
  await cutUpload(client, "STOR g", "abc");
  await client.command("DELE g", 250);
  await client.command("SIZE g", 550);
  assertEquals(names(server.root), ["f"]);
});

Deno.test("STOR: a control connection that goes cuts the upload", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address);
  using data = await beginUpload(client, "STOR f", "new");
  await client.closeWrite();
  await client.expect(426);
  assertEquals(await data.read(new Uint8Array(1)).catch(() => null), null);
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
});

Deno.test("STOR: a control connection that goes with the data connection cuts the upload", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  for (let time = 0; time < 10; time++) {
    using client = await RawClient.login(server.address);
    using data = await beginUpload(client, "STOR f", "new");
    // As the system does with a program that is killed.
    data.close();
    await client.closeWrite();
    await client.expect(426);
  }
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
});

Deno.test("STOR: an upload that stalls is 426, a connection that never comes 425; the session lives", async () => {
  await using server = await TestServer.start({ config: { stallTimeout: 50 } });
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address);
  using _data = await beginUpload(client, "STOR f", "new");
  const stalled = await client.expect(426);
  assert(stalled.lines[0]?.includes("0.05 s"));
  await client.command("EPSV", 229);
  await client.command("RETR f", 150);
  await client.expect(425);
  await client.command("PWD", 257);
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
});

Deno.test("STOR: two uploads of one name are each whole, and the last rename wins", async () => {
  await using server = await TestServer.start();
  using one = await RawClient.login(server.address);
  using two = await RawClient.login(server.address);
  const first = await beginUpload(one, "STOR f", "a".repeat(1000));
  const second = await beginUpload(two, "STOR f", "b".repeat(10));
  await second.write(new TextEncoder().encode("b".repeat(500)));
  second.close();
  await two.expect(226);
  assertEquals(await Deno.readTextFile(server.path("f")), "b".repeat(510));
  first.close();
  await one.expect(226);
  assertEquals(await Deno.readTextFile(server.path("f")), "a".repeat(1000));
});

Deno.test("STOR: refused before 150 where the name cannot be", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d"));
  await client255(server);
  using client = await RawClient.login(server.address);
  for (
    const [name, code] of [["x".repeat(256), 553], ["none/f", 550], ["d", 550], ["/", 550]] as const
  ) {
    await client.command("EPSV", 229);
    await client.command(`STOR ${name}`, code);
  }
  assertEquals(names(server.root), ["d", "ü".repeat(127) + "x"].sort());
});

/** The longest name that the file system takes: 255 bytes. */
async function client255(server: TestServer): Promise<void> {
  using client = await RawClient.login(server.address);
  await client.store(`STOR ${"ü".repeat(127)}x`, "data");
}

Deno.test("RETR and STOR: only regular files; nobody waits for a FIFO", async () => {
  await using server = await TestServer.start();
  await new Deno.Command("mkfifo", { args: [server.path("fifo")] }).output();
  using client = await RawClient.login(server.address);
  for (const command of ["RETR fifo", "STOR fifo", "APPE fifo", "RETR /", "RETR none"]) {
    await client.command("EPSV", 229);
    await client.command(command, 550);
  }
});

Deno.test("STOU: a name that is told in the form of RFC 1123, never one that exists", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address, "carol");
  using data = await client.openData();
  const opening = await client.command("STOU", 150);
  const path = opening.lines[0]?.match(/^FILE: (\/upload\.\w+)$/)?.[1];
  await data.write(new TextEncoder().encode("x"));
  data.closeWrite();
  await client.expect(226);
  assertEquals(await Deno.readTextFile(`${server.root}${path}`), "x");
});

Deno.test("upload right: new files only, no reading back", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "old");
  using client = await RawClient.login(server.address, "carol");
  await client.store("STOR g", "new");
  for (const command of ["STOR f", "STOR g", "APPE g", "RETR g", "DELE g", "MKD d", "RNFR g"]) {
    await client.command("EPSV", 229);
    await client.command(command, 550);
  }
  assertEquals(await Deno.readTextFile(server.path("f")), "old");
});

Deno.test("RETR: a client that goes away gets 426 and may go on", async () => {
  await using server = await TestServer.start();
  await Deno.writeFile(server.path("f"), new Uint8Array(32 * 1024 * 1024));
  using client = await RawClient.login(server.address);
  const data = await client.openData();
  await client.command("RETR f", 150);
  data.close();
  await client.expect(426);
  assertEquals((await client.fetch("RETR f")).length, 32 * 1024 * 1024);
});

Deno.test("PORT and EPRT: the server connects to its client, and to nobody else", async () => {
  await using server = await TestServer.start();
  await Deno.writeTextFile(server.path("f"), "data");
  using client = await RawClient.login(server.address);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const here = { hostname: "127.0.0.1", port: listener.addr.port };
  for (const command of [`PORT ${formatPort(here)}`, `EPRT ${formatEprt(here)}`]) {
    await client.command(command, 200);
    await client.command("RETR f", 150);
    using data = await listener.accept();
    assertEquals(new TextDecoder().decode(await readAll(data)), "data");
    await client.expect(226);
  }
  await client.command("PORT 127,0,0,2,200,1", 504);
  await client.command("PORT 127,0,0,1,0,21", 504);
  await client.command("EPRT |1|127.0.0.1|1023|", 504);
  await client.command("EPRT |2|::1|5000|", 504);
  await client.command("EPRT |3|x|5000|", 522);
  await client.command("PORT 1,2,3", 501);
  await client.command("EPRT nonsense", 501);
});

Deno.test("PORT: 425 where the client does not listen, 502 where active mode is off", async () => {
  await using server = await TestServer.start();
  await using passiveOnly = await TestServer.start({ config: { active: false } });
  const port = ((): number => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  })();
  const command = `PORT ${formatPort({ hostname: "127.0.0.1", port })}`;
  using client = await RawClient.login(server.address);
  await client.command(command, 200);
  await client.command("LIST", 150);
  await client.expect(425);
  using refused = await RawClient.login(passiveOnly.address);
  await refused.command(command, 502);
});

Deno.test("EPSV: 1, 2 and ALL", async () => {
  await using server = await TestServer.start();
  using client = await RawClient.login(server.address);
  await client.command("EPSV 1", 229);
  await client.command("EPSV 2", 522);
  await client.command("EPSV x", 501);
  await client.command("EPSV ALL", 200);
  await client.command("PASV", 503);
  await client.command("PORT 127,0,0,1,200,1", 503);
  await client.command("EPRT |1|127.0.0.1|5000|", 503);
  await client.command("EPSV", 229);
});

Deno.test("PASV: over IPv6 it is refused and EPSV works", async () => {
  await using server = await TestServer.start({ config: { host: "::1" } });
  await Deno.writeTextFile(server.path("f"), "data");
  using client = await RawClient.login(server.address);
  await client.command("PASV", 502);
  await client.command("EPSV 2", 229);
  assertEquals(await client.fetchText("RETR f"), "data");
});

Deno.test("PASV: ports come from the range, one after another, and a full range is 425", async () => {
  // Below the ports that the system gives to connections.
  const first = 20_000 + Deno.pid % 10_000;
  const passivePorts = { first, last: first + 1 };
  await using server = await TestServer.start({
    config: { passivePorts, publicAddress: "192.0.2.7" },
  });
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.login(server.address)));
  const ports = new Set<number>();
  for (const client of clients.slice(0, 2)) {
    const text = (await client.command("PASV", 227)).lines[0] ?? "";
    const [, high, low] = text.match(/\(192,0,2,7,(\d+),(\d+)\)/) ?? [];
    ports.add(Number(high) * 256 + Number(low));
  }
  assertEquals([...ports].sort(), [first, first + 1]);
  await clients[2]?.command("PASV", 425);
  await clients[0]?.command("ABOR", 226);
  await clients[2]?.command("PASV", 227);
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("EPSV: a stranger on the passive port is dropped and the wait goes on", async () => {
  await using server = await TestServer.start({ config: { host: "0.0.0.0" } });
  await Deno.writeTextFile(server.path("f"), "data");
  using client = await RawClient.login({ hostname: "127.0.0.1", port: server.address.port });
  const reply = await client.command("EPSV", 229);
  const port = Number(reply.lines[0]?.match(/\|\|\|(\d+)\|/)?.[1]);
  // Over 127.0.0.2 a connection comes from that address, which is not the client's.
  const { default: net } = await import("node:net");
  const stranger = net.connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
  await new Promise((resolve) => stranger.once("connect", resolve));
  const gone = new Promise((resolve) => stranger.once("close", resolve));
  stranger.on("error", () => {}).resume();
  await client.send("RETR f\r\n");
  await client.expect(150);
  await gone;
  using data = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(new TextDecoder().decode(await readAll(data)), "data");
  await client.expect(226);
});

Deno.test("--limit-rate: a transfer keeps to it", async () => {
  await using server = await TestServer.start({ config: { limitRate: 1_000_000 } });
  await Deno.writeFile(server.path("f"), new Uint8Array(200_000));
  using client = await RawClient.login(server.address);
  const started = performance.now();
  await client.fetch("RETR f");
  assert(performance.now() - started > 100);
});

Deno.test("partials: an anonymous upload that was cut is not for another address", async () => {
  const accounts = { kind: "accepted" as const, account: ANONYMOUS };
  await using server = await TestServer.start({
    config: { host: "::" },
    authority: { login: () => Promise.resolve(accounts) },
  });
  const { port } = server.address;
  using first = await RawClient.login({ hostname: "127.0.0.1", port }, "ftp", "x");
  {
    using data = await first.openData();
    await first.command("STOR scan", 150);
    await data.write(new Uint8Array(10));
    await first.send("ABOR\r\n");
    await first.expect(426);
    await first.expect(226);
  }
  await first.command("SIZE scan", 213);
  using other = await RawClient.login({ hostname: "::1", port }, "ftp", "x");
  await other.command("SIZE scan", 550);
});

const ANONYMOUS = testAccount({
  user: "anonymous",
  anonymous: true,
  permissions: ["list", "upload"],
});

Deno.test("APPE: of two that make a file at once the second is 451, and loses no byte of the first", async () => {
  await using server = await TestServer.start();
  using first = await RawClient.login(server.address);
  using second = await RawClient.login(server.address);
  {
    using data = await second.openData();
    await second.command("APPE log", 150);
    await first.store("APPE log", "one\n");
    await data.write(new TextEncoder().encode("two\n"));
  }
  await second.expect(451);
  await second.store("APPE log", "two\n");
  assertEquals(await Deno.readTextFile(server.path("log")), "one\ntwo\n");
});
