/**
 * get and put under faults, as programs against our own server: interrupted, killed, kept waiting.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Child } from "../support/child.ts";
import { ftpkit, serve, type Serving } from "../support/cli.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const unix = Deno.build.os !== "windows";
const MIB = 1024 * 1024;
const LOGIN = { FTPKIT_PASSWORD: "secret" };

function place(server: Serving, path: string): readonly string[] {
  return ["-P", String(server.port), "--no-netrc", `alice@127.0.0.1:${path}`];
}

async function withServer(test: (server: Serving, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ftpkit-client-fault-" });
  try {
    await using server = await serve({ args: ["--user", "alice:secret:write"] });
    await test(server, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    name: `fault: put ended by ${signal} leaves the old file, and -c brings the new one`,
    ignore: !unix,
    async fn() {
      await withServer(async (server, folder) => {
        await Deno.writeTextFile(`${server.root}/keep`, "old");
        await Deno.writeFile(`${folder}/big`, new Uint8Array(20 * MIB).fill(7));
        for (const name of ["keep", "new"]) {
          const args = ["run", "-A", "--quiet", MAIN, "put", "--limit-rate", "2M", `${folder}/big`];
          await using put = new Child(Deno.execPath(), {
            args: [...args, ...place(server, name)],
            env: LOGIN,
          });
          await arrived(server, MIB);
          const { code } = await put.stop(signal);
          if (signal !== "SIGKILL") assertEquals(code, 130);
          await server.child.waitFor("stderr", new RegExp(`STOR "/${name}" broken off`));
        }
        assertEquals(await Deno.readTextFile(`${server.root}/keep`), "old");
        assertEquals(await exists(`${server.root}/new`), false);
        const resumed = await ftpkit([
          "put",
          "-c",
          "--json",
          `${folder}/big`,
          ...place(server, "new"),
        ], { env: LOGIN });
        const { status, bytes } = JSON.parse(resumed.stdout);
        assertEquals([resumed.code, status, bytes < 20 * MIB], [0, "done", true], resumed.stdout);
        assertEquals((await Deno.readFile(`${server.root}/new`)).every((byte) => byte === 7), true);
      });
    },
  });
}

/** Waits until a hidden temporary file of the server has so many bytes. */
async function arrived(server: Serving, bytes: number): Promise<void> {
  for (;;) {
    for await (const { name } of Deno.readDir(server.root)) {
      if (!name.endsWith(".tmp")) continue;
      const { size } = await Deno.stat(`${server.root}/${name}`).catch(() => ({ size: 0 }));
      if (size >= bytes) return;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function shell(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command("sh", { args: ["-c", script], env: LOGIN });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function commandLine(...args: readonly string[]): string {
  const words = [Deno.execPath(), "run", "-A", "--quiet", MAIN, ...args];
  return words.map((word) => `'${word}'`).join(" ");
}

Deno.test({
  name: "fault: put - loses nothing of a standard input that comes late",
  ignore: !unix,
  async fn() {
    await withServer(async (server) => {
      const put = commandLine(
        "put",
        "--timeout",
        "1",
        "--retries",
        "9",
        "--retry-wait",
        "0.1",
        "-",
        ...place(server, "late"),
      );
      const { code, stderr } = await shell(
        `(sleep 2.5; echo hello; sleep 0.3; echo world) | ${put}`,
      );
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /trying again/);
      assertEquals(await Deno.readTextFile(`${server.root}/late`), "hello\nworld\n");
    });
  },
});

Deno.test({
  name: "fault: get to a reader that does not read is a failure, never the file twice",
  ignore: !unix,
  async fn() {
    await withServer(async (server) => {
      await Deno.writeFile(`${server.root}/f`, new Uint8Array(3 * MIB));
      const get = commandLine(
        "get",
        "--timeout",
        "1",
        "--retry-wait",
        "0.1",
        ...place(server, "f"),
        "-",
      );
      const { stdout } = await shell(`(${get}; echo "code $?" >&2) | (sleep 3; wc -c)`);
      assert(Number(stdout) <= 3 * MIB, stdout);
    });
  },
});

Deno.test("fault: -c keeps its part where the file is gone", async () => {
  await withServer(async (server, folder) => {
    await Deno.writeTextFile(`${folder}/gone.part`, "what came before");
    const { code } = await ftpkit(["get", "-c", ...place(server, "gone"), folder], { env: LOGIN });
    assertEquals(code, 6);
    assertEquals(await Deno.readTextFile(`${folder}/gone.part`), "what came before");
  });
});

Deno.test("fault: --update of what is not there is no success", async () => {
  await withServer(async (server, folder) => {
    await Deno.writeTextFile(`${folder}/missing`, "old");
    const args = ["get", "--update", ...place(server, "missing"), folder];
    assertEquals((await ftpkit(args, { env: LOGIN })).code, 6);
  });
});

Deno.test("fault: two that get one file at once never tear it", async () => {
  await withServer(async (server, folder) => {
    await Deno.writeFile(`${server.root}/f`, new Uint8Array(2 * MIB).fill(5));
    const get = (): ReturnType<typeof ftpkit> =>
      ftpkit(["get", "--limit-rate", "2M", ...place(server, "f"), folder], { env: LOGIN });
    const results = await Promise.all([get(), get()]);
    assertEquals(results.map(({ code }) => code).sort(), [0, 7]);
    assertMatch(results.map(({ stderr }) => stderr).join(""), /another program is writing it/);
    assertEquals((await Deno.readFile(`${folder}/f`)).every((byte) => byte === 5), true);
  });
});
