/**
 * What a running server writes down, and that no password is in any of it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Child } from "../support/child.ts";
import { ftpkit, serve, type Serving } from "../support/cli.ts";
import { RawClient } from "../support/raw_client.ts";

const unix = Deno.build.os !== "windows";
const PASSWORD = "Hunter2-Hunter2";
const addressOf = ({ host, port }: Serving) => ({ hostname: host, port });

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ftpkit-logs-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Everything in a folder, by name. */
function contents(folder: string): Record<string, string> {
  const read = ({ name, isFile }: Deno.DirEntry): [string, string][] =>
    isFile ? [[name, Deno.readTextFileSync(`${folder}/${name}`)]] : [];
  return Object.fromEntries([...Deno.readDirSync(folder)].flatMap(read));
}

async function dialogue(server: Serving): Promise<void> {
  using client = await RawClient.connect(addressOf(server));
  await client.expect(220);
  await client.command("USER alice", 331);
  await client.command(`PASS wrong-${PASSWORD}`, 530);
  await client.command("USER alice", 331);
  await client.command(`pass ${PASSWORD}`, 230);
  await client.command(`ACCT ${PASSWORD}`, 202);
  for (const odd of [" PASS ", "PASS\t", "SITE PSWD x ", "SITE CHPASS "]) {
    await client.send(`${odd}${PASSWORD}\r\n`);
    const code = (await client.next())?.code ?? 0;
    assert(code >= 500, `${odd}: ${code}`);
  }
  await client.command("TYPE I", 200);
  await client.store("STOR a b", "content");
  await client.fetchText("RETR a b");
  await client.command("DELE a b", 250);
  await client.command("QUIT", 221);
}

Deno.test({
  name: "serve: the log in JSON, session logs, the transfer log and a hook tell of one session",
  ignore: !unix,
  async fn() {
    await withFolder(async (folder) => {
      const config = `${folder}/ftpkit.toml`;
      await Deno.writeTextFile(
        config,
        `[[hooks]]\non = ["upload", "login"]\nexec = ["sh", "-c", "cat >> ${folder}/hook"]\n`,
      );
      const args = [
        "--config",
        config,
        "--user",
        `alice:${PASSWORD}:write`,
        "--log-level",
        "debug",
        "--log-format",
        "json",
        "--log-file",
        `${folder}/log`,
        "--session-logs",
        `${folder}/sessions`,
        "--transfer-log",
        `${folder}/xferlog`,
      ];
      await using server = await serve({ args });
      await dialogue(server);
      assertEquals((await server.stop()).code, 0);
      const files: Record<string, string> = {
        ...contents(folder),
        ...contents(`${folder}/sessions`),
        stderr: server.child.stderr,
      };
      const records = files["log"]?.trim().split("\n").map((line) => JSON.parse(line)) ?? [];
      const upload = records.find(({ verb }) => verb === "STOR");
      assertEquals([upload.user, upload.path, upload.bytes, upload.complete], [
        "alice",
        "/a b",
        7,
        true,
      ]);
      assert(records.some(({ command, reply }) => command === "DELE a b" && reply === 250));
      assert(
        records.some(({ level, event, result }) =>
          level === "warning" && event === "login" && result === "refused"
        ),
      );
      const transfers = files["xferlog"]?.trim().split("\n").map((line) =>
        line.split(" ").slice(-8).join(" ")
      );
      assertEquals(transfers, [
        "_ i r alice ftp 0 * c",
        "_ o r alice ftp 0 * c",
        "_ d r alice ftp 0 * c",
      ]);
      const [session = ""] = Object.entries(files).filter(([name]) =>
        name.endsWith("127.0.0.1.log")
      ).map(([, text]) => text);
      const said = session.split("\n").map((line) => line.slice(13));
      assertEquals(said.slice(0, 4), [
        "* connected from 127.0.0.1",
        "< 220 ftpkit ready",
        "> USER alice",
        "< 331 Password, please",
      ]);
      assert(said.includes("> SITE CHPASS ***"), session);
      assert(said.includes("> PASS ***") && said.includes("< 150 Ready for the data"), session);
      assertEquals(said.slice(-4), ["> QUIT", "< 221 Goodbye", "* ended", ""]);
      const told = files["hook"]?.trim().split("\n").map((line) => JSON.parse(line)) ?? [];
      assertEquals(told.map(({ event }) => event).sort(), ["login", "upload"]);
      assertEquals(
        told.find(({ event }) => event === "upload").file,
        `${server.root}/a b`,
      );
      for (const [name, text] of Object.entries(files)) {
        if (name !== "ftpkit.toml") assertEquals(text.includes(PASSWORD), false, name);
      }
    });
  },
});

Deno.test({
  name: "serve: SIGHUP opens files that were moved away anew",
  ignore: !unix,
  async fn() {
    await withFolder(async (folder) => {
      await using server = await serve({ args: ["--log-file", `${folder}/log`] });
      using client = await RawClient.connect(addressOf(server));
      await client.expect(220);
      const text = (): string => contents(folder)["log"] ?? "";
      while (!/session 1 from/.test(text())) await client.command("NOOP", 200);
      await Deno.rename(`${folder}/log`, `${folder}/log.1`);
      server.child.signal("SIGHUP");
      while (!/read again/.test(text())) await client.command("NOOP", 200);
      await server.stop();
      assertEquals(/session 1 ended/.test(text()), true);
    });
  },
});

Deno.test({
  name: "serve: a rotation works after root was given up (ignored unless root)",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await withFolder(async (folder) => {
      const args = [
        ...["--run-as", "nobody", "--log-file", `${folder}/log`, "--transfer-log", `${folder}/x`],
        ...["--session-logs", `${folder}/sessions`],
      ];
      await Deno.chmod(folder, 0o755);
      await using server = await serve({ args });
      await Deno.chmod(server.root, 0o755);
      using client = await RawClient.connect(addressOf(server));
      await client.expect(220);
      server.child.signal("SIGHUP");
      const log = (): string => contents(folder)["log"] ?? "";
      while (!/read again/.test(log())) await client.command("NOOP", 200);
      await client.command("QUIT", 221);
      await server.stop();
      assertEquals(/not opened again/.test(log()), false, log());
      assertMatch(Object.values(contents(`${folder}/sessions`)).join(), /> QUIT/);
      assertEquals(/cannot write/.test(server.child.stderr), false, server.child.stderr);
      const owners = ["log", "x", "sessions"].map((name) => Deno.statSync(`${folder}/${name}`).uid);
      assertEquals(owners, [65_534, 65_534, 65_534]);
    });
  },
});

Deno.test({
  name: "serve: session logs that --run-as may not write are one clear line (ignored unless root)",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await withFolder(async (folder) => {
      const args = ["serve", folder, "--port", "0", "--run-as", "nobody", "--session-logs", folder];
      const result = await ftpkit(args);
      assertEquals([result.code, result.stdout], [1, ""]);
      const words = /^ftpkit: Cannot write session logs to "[^"]+": permission denied\n$/;
      assertMatch(result.stderr, words);
    });
  },
});

Deno.test("serve: a metrics port that is taken is one clear line and exit code 1", async () => {
  await withFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const result = await ftpkit(["serve", folder, "--port", "0", "--metrics", `${port}`]);
    const message = `Cannot serve metrics on 127.0.0.1:${port}: address already in use`;
    assertEquals([result.code, result.stdout], [1, ""]);
    assertEquals(result.stderr, `ftpkit: ${message}\n`);
  });
});

Deno.test("serve: metrics and health over HTTP", async () => {
  await withFolder(async (folder) => {
    const log = `${folder}/log`;
    await using server = await serve({
      args: ["--metrics", "0", "--log-file", log, "--user", "alice:x:write"],
    });
    const [url = ""] = /http:\/\/\S+/.exec(await Deno.readTextFile(log)) ?? [];
    using client = await RawClient.login(addressOf(server), "alice", "x");
    await client.store("STOR f", "12345");
    let text = "";
    while (!text.includes('ftpkit_bytes_total{direction="in"} 5')) {
      text = await (await fetch(`${url}metrics`)).text();
    }
    assert(
      text.includes("ftpkit_sessions 1\n") &&
        text.includes('ftpkit_logins_total{result="accepted"} 1'),
    );
    assertMatch(text, /ftpkit_replies_total\{code="226"\} 1/);
    for (
      const [path, method, status] of [["healthz", "GET", 200], ["", "GET", 404], [
        "metrics",
        "POST",
        405,
      ]] as const
    ) {
      const response = await fetch(`${url}${path}`, { method });
      assertEquals([path, response.status], [path, status]);
      await response.body?.cancel();
    }
    using data = await client.openData();
    await client.command("STOR slow", 150);
    server.child.signal("SIGTERM");
    for (let status = 200; status === 200;) {
      const response = await fetch(`${url}healthz`);
      status = response.status;
      await response.body?.cancel();
      if (status !== 200) assertEquals(status, 503);
    }
    data.close();
    await client.expect(226);
    assertEquals((await server.child.status).code, 0);
  });
});

const CANNOT: readonly (readonly [option: string, value: string, words: RegExp])[] = [
  ["--log-file", "/no/such/log", /^ftpkit: Cannot open the log "\/no\/such\/log": .*\n$/],
  ["--transfer-log", "/no/such/x", /^ftpkit: Cannot open the transfer log "\/no\/such\/x": .*\n$/],
  [
    "--session-logs",
    "/dev/null/x",
    /^ftpkit: Cannot write session logs to "\/dev\/null\/x": .*\n$/,
  ],
];

for (const [option, value, words] of CANNOT) {
  Deno.test({
    name: `serve: ${option} ${value} is one clear line and exit code 1`,
    ignore: !unix,
    async fn() {
      await withFolder(async (folder) => {
        const result = await ftpkit(["serve", folder, "--port", "0", option, value]);
        assertEquals([result.code, result.stdout], [1, ""]);
        assertMatch(result.stderr, words);
      });
    },
  });
}

Deno.test({
  name: "serve: a full disk under the log stops nothing and is told once",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await serve({ args: ["--log-file", "/dev/full"] });
    for (let session = 0; session < 3; session++) {
      using client = await RawClient.connect(addressOf(server));
      await client.expect(220);
      await client.command("QUIT", 221);
    }
    assertEquals((await server.stop()).code, 0);
    assertEquals(server.child.stderr.match(/cannot write the log/g)?.length, 1);
  },
});

Deno.test({
  name: "serve: a full disk under standard error stops nothing",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withFolder(async (folder) => {
      const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
      const script = `exec "$0" run -A --quiet "$@" 2>/dev/full`;
      const args = ["serve", folder, "--port", "0", "--host", "127.0.0.1"];
      await using child = new Child("sh", { args: ["-c", script, Deno.execPath(), main, ...args] });
      const [, port = ""] = await child.waitFor("stdout", /:(\d+)\/$/m);
      using client = await RawClient.connect({ hostname: "127.0.0.1", port: Number(port) });
      await client.expect(220);
      await client.command("QUIT", 221);
      assertEquals((await child.stop("SIGTERM")).code, 0);
    });
  },
});
