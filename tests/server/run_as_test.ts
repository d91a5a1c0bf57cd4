import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { isRoot } from "../../server/system/privileges.ts";
import { systemUser } from "../../server/system/system_user.ts";
import { FtpkitError } from "../../shared/errors.ts";
import { Child } from "../support/child.ts";
import { RawClient } from "../support/raw_client.ts";

const DATABASE = {
  passwd: "root:x:0:0:root:/root:/bin/sh\n# ftp:x:1:1::/:\nftp:x:14:50::/srv/ftp:/bin/false\n",
  group: "root:x:0:\nftp:x:50:\nstaff:x:60:alice,ftp\nother:x:61:alice\nftp2:x:50:ftp\n",
};

Deno.test("systemUser: names and numbers, with the user's own groups or the one that is given", () => {
  const table: readonly [string, number, number, readonly number[]][] = [
    ["ftp", 14, 50, [60]],
    ["14", 14, 50, [60]],
    ["ftp:staff", 14, 60, []],
    ["ftp:7", 14, 7, []],
    ["1234:staff", 1234, 60, []],
    ["1234:5678", 1234, 5678, []],
  ];
  for (const [name, uid, gid, groups] of table) {
    assertEquals(systemUser(name, DATABASE), { name, uid, gid, groups }, name);
  }
});

Deno.test("systemUser: says what is wrong with it", () => {
  const table: readonly [string, string][] = [
    ["nobody-here", 'no user "nobody-here"'],
    ["ftp:nothing", 'no group "nothing"'],
    ["1234", 'user "1234" is not known, name a group too'],
    ["root", "that is root itself"],
    ["0:0", "that is root itself"],
    ["", "must be USER or USER:GROUP"],
    ["ftp:", "must be USER or USER:GROUP"],
    ["a:b:c", "must be USER or USER:GROUP"],
  ];
  for (const [name, reason] of table) {
    const error = assertThrows(() => systemUser(name, DATABASE), FtpkitError);
    assertEquals(error.message, `Cannot run as "${name}": ${reason}`);
  }
});

const NOBODY = 65_534;
const skip = !isRoot() || Deno.build.os !== "linux";
const SERVER = fromFileUrl(new URL("../support/run_as_server.ts", import.meta.url));
const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));

interface Served extends AsyncDisposable {
  readonly child: Child;
  readonly root: string;
  readonly address: { readonly hostname: string; readonly port: number };
}

/** Starts the server as root, with Deno's own files where nobody else but its user may read them. */
async function start(port: number, options: { readonly readableCode: boolean }): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const root = await Deno.makeTempDir({ prefix: "ftpkit-run-as-" });
  stack.defer(() => Deno.remove(root, { recursive: true }));
  await Deno.chown(root, NOBODY, NOBODY);
  const code = await copyOfDenoDir();
  stack.defer(() => Deno.remove(code, { recursive: true }));
  if (!options.readableCode) await Deno.chmod(code, 0o700);
  const args = ["run", "-A", "--quiet", "--config", CONFIG, SERVER, root, `${port}`, "nobody"];
  const program = ["--groups", "0,4", Deno.execPath(), ...args];
  const child = stack.use(
    new Child("/usr/bin/setpriv", { args: program, env: { DENO_DIR: code } }),
  );
  const [, bound = ""] = await child.waitFor("stdout", /^listening (\d+)$/m);
  const owned = stack.move();
  return {
    child,
    root,
    address: { hostname: "127.0.0.1", port: Number(bound) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The dependencies, where everyone may read them. */
async function copyOfDenoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const copy = await Deno.makeTempDir({ prefix: "ftpkit-deno-" });
  await new Deno.Command("cp", { args: ["-r", npmCache, `${copy}/npm`] }).output();
  await new Deno.Command("chmod", { args: ["-R", "a+rX", copy] }).output();
  return copy;
}

/** The lines of every thread's status that say whose it is, each kind once. */
function rights(pid: number): string[] {
  const texts = [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) => {
    try {
      return [Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`)];
    } catch (error) {
      // A thread that ends between the two looks: gone, or "no such process" while it is read.
      if (error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error))) return [];
      throw error;
    }
  });
  const lines = texts.flatMap((text) =>
    text.match(/^(?:Uid|Gid|Groups|CapEff|CapPrm):.*$/gm) ?? []
  );
  return [...new Set(lines.map((line) => line.trimEnd().replaceAll("\t", " ")))].sort();
}

const NOBODY_ALONE = [
  "Gid: 65534 65534 65534 65534",
  "Groups:",
  "Uid: 65534 65534 65534 65534",
];
const NO_CAPABILITIES = ["CapEff: 0000000000000000", "CapPrm: 0000000000000000"];
const LOW_PORTS_ONLY = ["CapEff: 0000000000000400", "CapPrm: 0000000000000400"];

async function becomesWritable({ child, root, address }: Served): Promise<void> {
  using reader = await RawClient.login(address, "bob");
  child.signal("SIGHUP");
  await child.waitFor("stderr", /configuration read again/);
  using writer = await RawClient.login(address);
  await writer.store("STOR file", "content");
  await reader.command("NOOP", 200);
  assertEquals((await Deno.stat(`${root}/file`)).uid, NOBODY);
}

Deno.test({
  name:
    "giveUpRoot: every thread has changed, in user, groups and capabilities, and a reload keeps it so",
  ignore: skip,
  async fn() {
    await using served = await start(0, { readableCode: true });
    assertEquals(rights(served.child.pid), [...NO_CAPABILITIES, ...NOBODY_ALONE]);
    await becomesWritable(served);
    assertEquals(rights(served.child.pid), [...NO_CAPABILITIES, ...NOBODY_ALONE]);
  },
});

Deno.test({
  name:
    "giveUpRoot: below port 1024 new workers can open the port again, and that is the only right left",
  ignore: skip,
  async fn() {
    await using served = await start(freeLowPort(), { readableCode: true });
    await becomesWritable(served);
    const left = rights(served.child.pid);
    assertEquals(
      left.filter((line) => !NO_CAPABILITIES.includes(line)),
      [...LOW_PORTS_ONLY, ...NOBODY_ALONE],
    );
  },
});

Deno.test({
  name: "giveUpRoot: where the new user cannot read the program, a reload says so and serves on",
  ignore: skip,
  async fn() {
    await using served = await start(0, { readableCode: false });
    served.child.signal("SIGHUP");
    await served.child.waitFor("stderr", /this change needs a restart/);
    using reader = await RawClient.login(served.address, "bob");
    await reader.command("NOOP", 200);
    assert(rights(served.child.pid).includes("Uid: 65534 65534 65534 65534"));
  },
});

Deno.test({
  name: "supervise: an unknown user is one clear line before anything is served",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = ["run", "-A", "--quiet", "--config", CONFIG, SERVER, "/", "0", "nobody-here"];
    await using child = new Child(Deno.execPath(), { args });
    assertEquals((await child.stop("SIGCONT")).code, 1);
    assertMatch(child.stderr, /^Cannot run as "nobody-here": no user "nobody-here"$/m);
    assertEquals(child.stdout, "");
  },
});

/** A port that only root may open, and nobody has. */
function freeLowPort(): number {
  for (let port = 1023; port > 600; port--) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch {
      // Somebody has it.
    }
  }
  throw new Error("no port below 1024 is free");
}

Deno.test({
  name: "supervise: what the new user cannot read is told at the start, not at the first reload",
  ignore: skip,
  async fn() {
    const root = await Deno.makeTempDir({ prefix: "ftpkit-run-as-" });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.remove(root, { recursive: true }));
    await Deno.chmod(root, 0o755);
    await Deno.writeTextFile(`${root}/users.toml`, "", { mode: 0o600 });
    const serve = ["serve", root, "--host", "127.0.0.1", "--port", "0", "--run-as", "nobody"];
    const args = ["run", "-A", "--quiet", MAIN, ...serve, "--users", `${root}/users.toml`];
    const child = stack.use(new Child(Deno.execPath(), { args, env: {} }));
    await child.waitFor("stderr", /a reload will fail, since nobody cannot .*"[^"]+users\.toml"/);
  },
});
