/**
 * A server under faults, as a program: a full disk, a directory that goes away, kill -9, clients that
 * reset at every stage of every command.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { COMMANDS } from "../../server/commands/commands.ts";
import { Child } from "../support/child.ts";
import { serve, type Serving } from "../support/cli.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer } from "../support/test_server.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const WRITER = ["--user", "alice:secret:write"];
const MIB = 1024 * 1024;

const addressOf = ({ host, port }: Serving) => ({ hostname: host, port });

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const args = ["--mount", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"];
  return (await new Deno.Command("unshare", { args }).output()).success;
}

Deno.test({
  name:
    "fault: a full disk is 452, the old file stays, and there is room again afterwards (ignored unless root may mount)",
  ignore: !await canMount(),
  async fn() {
    const root = await Deno.makeTempDir({ prefix: "ftpkit-full-" });
    const deno = `exec "${Deno.execPath()}" run -A --no-prompt --quiet "${MAIN}" serve "$0" "$@"`;
    const script = `mount -t tmpfs -o size=3m tmpfs "$0" && ${deno}`;
    const options = ["--port", "0", "--host", "127.0.0.1", ...WRITER];
    try {
      await using child = new Child("unshare", {
        args: ["--mount", "sh", "-c", script, root, ...options],
      });
      const [, port] = await child.waitFor("stdout", /^listening ftp:\/\/\S+:(\d+)\/$/m);
      using client = await RawClient.login({ hostname: "127.0.0.1", port: Number(port) });
      await client.store("STOR file", "old");
      await storeTooMuch(client, "STOR file");
      assertEquals(await client.fetchText("RETR file"), "old");
      await storeTooMuch(client, "STOR new");
      assertEquals(await client.fetchText("NLST -a"), "file\r\n");
      await client.command("DELE new", 250);
      await client.store("STOR new", new Uint8Array(2 * MIB));
      await client.command("SIZE new", 213);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

/** The server stops taking bytes as soon as the disk is full. */
async function storeTooMuch(client: RawClient, command: string): Promise<void> {
  using data = await client.openData();
  await client.command(command, 150);
  const bytes = new Uint8Array(MIB);
  try {
    for (let sent = 0; sent < 64 * MIB;) sent += await data.write(bytes);
  } catch {
    // It has closed the data connection.
  }
  await client.expect(452);
}

Deno.test("fault: a directory that is removed under a session", async () => {
  await using server = await TestServer.start();
  await Deno.mkdir(server.path("d/e"), { recursive: true });
  using client = await RawClient.login(server.address);
  await client.command("CWD d/e", 250);
  {
    using data = await client.openData();
    await client.command("STOR upload", 150);
    await data.write(new Uint8Array(100_000));
    await Deno.remove(server.path("d"), { recursive: true });
  }
  const answer = await client.next();
  assert(answer?.code === 451 || answer?.code === 550, JSON.stringify(answer));
  for (const command of ["SIZE f", "MDTM f", "CWD .", "MLST", "DELE f", "MKD x", "RNFR f"]) {
    await client.command(command, 550);
  }
  for (const command of ["LIST", "NLST", "MLSD", "RETR f", "STOR f"]) {
    await client.command("EPSV", 229);
    await client.command(command, 550);
  }
  await client.command("CDUP", 550);
  await client.command("CWD /", 250);
  assertEquals(await client.fetchText("NLST"), "");
});

Deno.test("fault: kill -9 in an upload leaves nothing under the name, and a start clears what is old", async () => {
  const root = await Deno.makeTempDir({ prefix: "ftpkit-kill-" });
  try {
    await Deno.writeTextFile(`${root}/file`, "old");
    {
      await using server = await serve({ root, args: WRITER });
      using client = await RawClient.login(addressOf(server));
      using data = await client.openData();
      await client.command("STOR file", 150);
      await data.write(new Uint8Array(MIB));
      // STAT tells when the bytes are in the server's hands.
      while (!/[1-9]\d* bytes/.test((await client.command("STAT", 211)).lines.join())) continue;
      await server.stop("SIGKILL");
    }
    const names = (): string[] => Array.from(Deno.readDirSync(root), ({ name }) => name);
    assertEquals(names().length, 2);
    const [left = ""] = names().filter((name) => name !== "file");
    const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
    await Deno.utime(`${root}/${left}`, yesterday, yesterday);
    await using server = await serve({ root, args: WRITER });
    using client = await RawClient.login(addressOf(server));
    assertEquals(await client.fetchText("RETR file"), "old");
    while (names().length > 1) await client.command("NOOP", 200);
    assertEquals(names(), ["file"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

function descriptors({ child }: Serving): number {
  return [...Deno.readDirSync(`/proc/${child.pid}/fd`)].length;
}

/** Closing a socket that holds unread bytes resets the connection. */
async function reset(
  server: Serving,
  stage: (client: RawClient) => Promise<unknown>,
): Promise<void> {
  using client = await RawClient.login(addressOf(server));
  await stage(client);
  await client.send("NOOP\r\nHELP\r\n");
}

Deno.test({
  name:
    "fault: a reset at every stage of every command leaves no descriptor and no temporary behind",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await serve({ args: [...WRITER, "--stall-timeout", "2"] });
    await Deno.writeTextFile(`${server.root}/f`, "x".repeat(3 * MIB));
    using witness = await RawClient.login(addressOf(server));
    const before = descriptors(server);
    for (const verb of COMMANDS.keys()) {
      await reset(server, (client) => client.send(`${verb} f`));
      await reset(server, (client) => client.send(`${verb} f\r\n`));
      if (COMMANDS.get(verb)?.transfers === undefined) continue;
      await reset(server, async (client) => {
        await client.command("EPSV", 229);
        await client.send(`${verb} f\r\n`);
      });
      await reset(server, async (client) => {
        using data = await client.openData();
        await client.send(`${verb} f\r\n`);
        await data.write(new Uint8Array(1000)).catch(() => {});
      });
    }
    while (descriptors(server) > before) await witness.command("NOOP", 200);
    const left = Array.from(Deno.readDirSync(server.root), ({ name }) => name)
      .filter((name) => name.endsWith(".tmp"));
    assertEquals(left, []);
  },
});

Deno.test({
  name: "fault: permission lost in mid-upload is 451, and the old file stays (ignored unless root)",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    const root = await Deno.makeTempDir({ prefix: "ftpkit-lost-" });
    await using _folder = {
      [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
    };
    const [nobody, rootUid] = [65534, 0];
    await Deno.chown(root, nobody, nobody);
    await using server = await serve({ root, args: [...WRITER, "--run-as", "nobody"] });
    using client = await RawClient.login(addressOf(server));
    await client.store("STOR f", "old");
    for (const [name, code] of [["f", 451], ["new", 451]] as const) {
      using data = await client.openData();
      await client.command(`STOR ${name}`, 150);
      await data.write(new Uint8Array(1000));
      await Deno.chown(root, rootUid, rootUid);
      await data.closeWrite();
      await client.expect(code);
      await Deno.chown(root, nobody, nobody);
    }
    assertEquals(await client.fetchText("RETR f"), "old");
    await client.command("SIZE new", 550);
    await client.store("STOR f", "anew");
    assertEquals(await client.fetchText("RETR f"), "anew");
  },
});

Deno.test({
  name: "fault: two thousand connections that say nothing keep nobody out, and are ended in time",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const limits = ["--max-sessions", "3000", "--max-sessions-per-ip", "3000"];
    await using server = await serve({ args: [...WRITER, ...limits, "--login-timeout", "4"] });
    const before = descriptors(server);
    const silent = await Promise.all(
      Array.from({ length: 2000 }, () => Deno.connect(addressOf(server))),
    );
    using client = await RawClient.login(addressOf(server));
    await client.store("STOR f", "x");
    const ends = await Promise.all(silent.map(async (connection) => {
      using _owned = connection;
      let text = "";
      for await (const chunk of connection.readable) text += new TextDecoder().decode(chunk);
      return text.split("\r\n")[1]?.slice(0, 3);
    }));
    assertEquals(new Set(ends), new Set(["421"]));
    while (descriptors(server) > before + 1) await client.command("NOOP", 200);
  },
});
