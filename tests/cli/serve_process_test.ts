import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { ftpkit, serve, type Serving } from "../support/cli.ts";
import { RawClient } from "../support/raw_client.ts";

const WRITER = ["--user", "alice:secret:write"];

const address = ({ host, port }: Serving) => ({ hostname: host, port });

Deno.test("serve: a port that is taken is one clear line and exit code 1, also where it could be shared", async () => {
  await using server = await serve();
  const { host, port, root } = server;
  const result = await ftpkit(["serve", root, "--host", host, "--port", `${port}`]);
  assertEquals(result.code, 1);
  assertEquals(
    result.stderr,
    `ftpkit: Cannot listen on ${host}:${port}: address already in use\n`,
  );
  assertEquals(result.stdout, "");
});

Deno.test({
  name: "serve: a user file that others can read is told",
  ignore: Deno.build.os === "windows",
  async fn() {
    const file = await Deno.makeTempFile({ prefix: "ftpkit-users-" });
    await Deno.chmod(file, 0o644);
    await using server = await serve({ args: ["--users", file] });
    await server.child.waitFor("stderr", /warning others can read .*its mode is 644: chmod 600/);
    await Deno.remove(file);
  },
});

Deno.test("serve: the line of the listener comes once", async () => {
  await using server = await serve();
  await server.stop();
  assertMatch(server.child.stdout, /^listening ftp:\/\/127\.0\.0\.1:\d+\/\n$/);
});

Deno.test({
  name: "serve: SIGHUP reads the configuration again and drops no session",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = await serve({ args: WRITER });
    using client = await RawClient.login(address(server));
    const data = await client.openData();
    await client.command("STOR file", 150);
    server.child.signal("SIGHUP");
    await server.child.waitFor("stderr", /configuration read again/);
    await data.write(new TextEncoder().encode("content"));
    data.close();
    await client.expect(226);
    assertEquals(await Deno.readTextFile(`${server.root}/file`), "content");
  },
});

Deno.test({
  name: "serve: SIGHUP while the shared directory is gone changes nothing, and says why",
  ignore: Deno.build.os === "windows",
  async fn() {
    const root = await Deno.makeTempDir({ prefix: "ftpkit-serve-" });
    await using server = await serve({ root });
    await Deno.rename(root, `${root}-moved`);
    server.child.signal("SIGHUP");
    await server.child.waitFor(
      "stderr",
      /error not read again: Cannot share ".*": no such directory/,
    );
    using client = await RawClient.connect(address(server));
    await client.expect(220);
    await Deno.remove(`${root}-moved`, { recursive: true });
  },
});

Deno.test("serve: SIGTERM lets a running transfer finish; idle sessions get 421, new ones nothing", async () => {
  await using server = await serve({ args: WRITER });
  using idle = await RawClient.login(address(server));
  using busy = await RawClient.login(address(server));
  const data = await busy.openData();
  await busy.command("STOR file", 150);
  server.child.signal("SIGTERM");
  await idle.expect(421);
  await data.write(new TextEncoder().encode("content"));
  const refused = await RawClient.connect(address(server)).catch((error) => error);
  assert(refused instanceof Deno.errors.ConnectionRefused, String(refused));
  data.close();
  await busy.expect(226);
  await busy.expect(421);
  assertEquals((await server.child.status).code, 0);
  assertEquals(await Deno.readTextFile(`${server.root}/file`), "content");
});

Deno.test("serve: a second signal stops at once, whatever runs", async () => {
  await using server = await serve({ args: WRITER });
  using idle = await RawClient.login(address(server));
  using busy = await RawClient.login(address(server));
  using _data = await busy.openData();
  await busy.command("STOR file", 150);
  server.child.signal("SIGTERM");
  await idle.expect(421);
  server.child.signal("SIGTERM");
  assertEquals((await server.child.status).code, 130);
});

Deno.test("serve: transfers that do not finish are cut when the drain time is over", async () => {
  await using server = await serve({ args: [...WRITER, "--drain-timeout", "0.2"] });
  using busy = await RawClient.login(address(server));
  using _data = await busy.openData();
  await busy.command("STOR file", 150);
  const { code } = await server.stop();
  assertEquals(code, 0);
  assertEquals(await busy.next(), null);
});

/** File descriptors of a process. */
function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

async function session(server: Serving): Promise<void> {
  using client = await RawClient.login(address(server));
  await client.fetch("NLST");
  await client.command("QUIT", 221);
  assertEquals(await client.next(), null);
}

Deno.test({
  name: "serve: two thousand sessions leave no file descriptor behind",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await serve({ args: WRITER });
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) {
        await Promise.all(Array.from({ length: 50 }, () => session(server)));
      }
    };
    await rounds(1);
    const before = await settled(server);
    await rounds(40);
    // Sockets are closed a moment after the last reply; a leak would keep this waiting for ever.
    const deadline = AbortSignal.timeout(30_000);
    while (descriptors(server.child.pid) > before) {
      deadline.throwIfAborted();
      await delay(50);
    }
  },
});

/** The number once it does not change any more: sockets are closed a moment after the last reply. */
async function settled({ child }: Serving): Promise<number> {
  for (let [last, same] = [-1, 0];;) {
    const now = descriptors(child.pid);
    same = now === last ? same + 1 : 0;
    if (same === 5) return now;
    last = now;
    await delay(100);
  }
}
