/**
 * `deno task compare [SIZE]`: how long curl takes with vsftpd and with ftpkit, in one run.
 *
 * The two take turns, so that whatever else the machine does hits both. Bytes are compared once.
 * Both servers run as they do in the tests, on loopback. ftpkit flushes an upload to the disk before
 * it answers, vsftpd does not: with `TMPDIR` in memory (a tmpfs, but not below /dev) the disk is out of it.
 *
 * @module
 */

import { join } from "@std/path";
import { makeSelfSigned } from "../shared/self_signed.ts";
import { parseSize } from "../shared/size.ts";
import type { TlsIdentity } from "../shared/tls_identity.ts";
import { serve } from "../tests/support/cli.ts";
import { hashFile, makeFile, tempFolder } from "../tests/support/files.ts";
import { findPeer, peerVersion } from "../tests/support/peers.ts";
import { run } from "../tests/support/run.ts";
import { startServer } from "../tests/support/servers.ts";

/** Counted runs of each transfer with each server. */
const RUNS = 5;

/** A server to measure. */
interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly root: string;
  /** `user:password`, as curl wants it. */
  readonly login: string;
  /** What curl needs for it beside that. */
  readonly options: readonly string[];
}

/** One line of the table. */
interface Row {
  readonly name: string;
  /** Readies what is needed, once for each server. */
  prepare(server: Contestant, file: string): Promise<void>;
  /** The arguments of curl for one run; `output` is where a download goes. */
  curl(server: Contestant, files: { readonly file: string; readonly output: string }): string[];
  /** What a run made, and the file that it must be the same as. */
  result(server: Contestant, file: string): readonly [string, string];
}

function urlOf(server: Contestant, name: string): string {
  return `ftp://127.0.0.1:${server.port}/${name}`;
}

const ROWS: readonly Row[] = [
  {
    name: "download",
    prepare: (server, file) => Deno.copyFile(file, join(server.root, "down")),
    curl: (server, { output }) => ["--output", output, urlOf(server, "down")],
    result: (_server, file) => [`${file}.got`, file],
  },
  {
    name: "upload",
    prepare: () => Promise.resolve(),
    curl: (server, { file }) => ["--upload-file", file, urlOf(server, "up")],
    result: (server, file) => [join(server.root, "up"), file],
  },
];

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

interface Turn {
  readonly server: Contestant;
  readonly file: string;
  readonly output: string;
}

/** Seconds that one run took, with nothing left of the one before: no old file, no dirty page. */
async function measure(row: Row, { server, file, output }: Turn): Promise<number> {
  const [made] = row.result(server, file);
  await Deno.remove(made).catch(() => {}); // The first time there is none.
  await new Deno.Command("sync").output();
  const args = row.curl(server, { file, output });
  const start = performance.now();
  const result = await run("curl", [
    "--silent",
    "--show-error",
    "--user",
    server.login,
    ...server.options,
    ...args,
  ]);
  const seconds = (performance.now() - start) / 1000;
  if (result.code !== 0) throw new Error(`${server.name}: ${result.stderr}`);
  return seconds;
}

async function checkBytes(server: Contestant, [one, other]: readonly [string, string]) {
  const [got, wanted] = await Promise.all([hashFile(one), hashFile(other)]);
  if (got !== wanted) throw new Error(`${server.name}: the bytes differ`);
}

/** The run that is not counted: it warms up, and its bytes are compared. */
async function warmUp(row: Row, turn: Omit<Turn, "output">): Promise<void> {
  const { server, file } = turn;
  await row.prepare(server, file);
  await measure(row, { ...turn, output: `${file}.got` });
  await checkBytes(server, row.result(server, file));
}

interface Race {
  readonly servers: readonly Contestant[];
  readonly file: string;
}

/** The seconds of each server, in their order. */
async function race(row: Row, { servers, file }: Race): Promise<number[][]> {
  const times: number[][] = servers.map(() => []);
  for (const server of servers) await warmUp(row, { server, file });
  for (let turn = 0; turn < RUNS; turn++) {
    for (const [index, server] of servers.entries()) {
      times[index]?.push(await measure(row, { server, file, output: "/dev/null" }));
    }
  }
  return times;
}

/** The middle one: {@linkcode RUNS} is odd. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function cell(values: readonly number[]): string {
  const digits = (seconds: number): string => seconds.toFixed(2);
  const range = `${digits(Math.min(...values))} to ${digits(Math.max(...values))}`;
  return `${digits(median(values))} s (${range})`;
}

function line(row: Row, times: readonly number[][]): string {
  const [theirs = [], ours = []] = times;
  const ratio = (median(ours) / median(theirs)).toFixed(2);
  return `| ${row.name} | ${cell(theirs)} | ${cell(ours)} | ${ratio} |`;
}

/** What is missing on this machine, said in one line. */
function missing(): string | undefined {
  const names = (["curl", "vsftpd"] as const).filter((name) => findPeer(name) === undefined);
  if (names.length > 0) return `${names.join(" and ")} not installed (scripts/peers.sh)`;
  return Deno.uid() === 0 ? undefined : "vsftpd needs root";
}

async function versions(): Promise<string> {
  const peers = (["vsftpd", "curl"] as const).map(findPeer).filter((peer) => peer !== undefined);
  const said = await Promise.all(
    peers.map(async (peer) => `${peer.name} ${await peerVersion(peer)}`),
  );
  return [...said, `Deno ${Deno.version.deno}`, `${navigator.hardwareConcurrency} cores`].join(
    ", ",
  );
}

async function compare(size: string): Promise<void> {
  await using folder = await tempFolder();
  await using plain = await contestants();
  await using secure = await contestants(folder.path);
  const file = join(folder.path, "file");
  await makeFile(file, parseSize(size));
  print(
    `One file of ${size}, ${RUNS} runs each: median (fastest to slowest). ${await versions()}.`,
  );
  print("\n| with curl | vsftpd | ftpkit | ftpkit / vsftpd |\n| --- | --- | --- | --- |");
  for (const [way, { servers }] of [["", plain], [" over TLS", secure]] as const) {
    for (const row of ROWS) {
      const name = `${row.name}${way}`;
      print(line({ ...row, name }, await race(row, { servers, file })));
    }
  }
}

interface Contestants extends AsyncDisposable {
  readonly servers: readonly Contestant[];
}

/** Both servers; over TLS where there is a folder for the certificate. */
async function contestants(folder?: string): Promise<Contestants> {
  await using stack = new AsyncDisposableStack();
  const identity = folder === undefined
    ? undefined
    : await makeSelfSigned({ names: ["localhost", "127.0.0.1"], days: 1 });
  const tls = await tlsArgs(folder, identity);
  const vsftpd = stack.use(await startServer("vsftpd", "127.0.0.1", identity));
  const ftpkit = stack.use(await serve({ args: ["--user", "ftpkit:secret:write", ...tls] }));
  const options = identity === undefined ? [] : ["--ssl-reqd", "--insecure"];
  const owned = stack.move();
  return {
    servers: [
      { ...vsftpd, login: `${vsftpd.user}:${vsftpd.password}`, options },
      { name: "ftpkit", port: ftpkit.port, root: ftpkit.root, login: "ftpkit:secret", options },
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function tlsArgs(folder: string | undefined, identity: TlsIdentity | undefined) {
  if (folder === undefined || identity === undefined) return [];
  const file = join(folder, "identity.pem");
  await Deno.writeTextFile(file, identity.cert + identity.key);
  return ["--cert", file, "--tls", "require"];
}

if (import.meta.main) {
  const reason = missing();
  if (reason === undefined) await compare(Deno.args[0] ?? "1G");
  else print(`Cannot compare: ${reason}`);
  Deno.exitCode = reason === undefined ? 0 : 1;
}
