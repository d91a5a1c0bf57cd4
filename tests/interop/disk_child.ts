/**
 * get and put with one server where disks are full or read-only, in a process whose mounts end with
 * it: `disk_child.ts KIND FOLDER`. Prints what came of it as JSON.
 *
 * @module
 */
import { join } from "@std/path";
import { hashFile, makeFile } from "../support/files.ts";
import { call, KINDS, type Remote, target } from "./remote.ts";

const SMALL_DISK = "size=256k,mode=777";
const SIZE = 1024 * 1024;

/** What one command came to. */
export interface DiskResult {
  /** Exit codes by what was tried. */
  readonly codes: Readonly<Record<string, number>>;
  /** What is in the folders on small disks behind it, other than partial files. */
  readonly whole: readonly string[];
  /** What the failures said. */
  readonly said: string;
  /** Whether a download that failed for want of room was made good by `--continue`. */
  readonly madeGood: boolean;
}

async function system(program: string, ...args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`cannot ${program}`);
}

/** A disk that is there as long as the server. */
async function mount(path: string, options: string): Promise<AsyncDisposable> {
  await Deno.mkdir(path);
  await system("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
  return { [Symbol.asyncDispose]: () => system("umount", "-l", path) };
}

async function wholeNames(path: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
  return names.filter((name) => !/\.part$|^\./.test(name));
}

async function tryDisks(server: Remote, folder: string): Promise<DiskResult> {
  const big = join(folder, "big");
  await makeFile(big, SIZE);
  await Deno.copyFile(big, join(server.root, "big"));
  const [fullHere, lockedHere] = [join(folder, "full"), join(folder, "locked")];
  await using _disk1 = await mount(fullHere, SMALL_DISK);
  await using _disk2 = await mount(lockedHere, "ro");
  const fullThere = join(server.root, "full");
  await using _disk3 = await mount(fullThere, SMALL_DISK);
  await using _disk4 = await mount(join(server.root, "locked"), "ro");
  const codes: Record<string, number> = {};
  let said = "";
  const note = async (name: string, ...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await call(server, args);
    codes[name] = code;
    said += stderr;
  };
  await note("get, full", "get", target(server, "big"), `${fullHere}/`);
  const afterGet = await wholeNames(fullHere);
  await system("mount", "-o", "remount,size=2m", fullHere);
  await note("get -c, room again", "get", "-c", target(server, "big"), `${fullHere}/`);
  const madeGood = await hashFile(join(fullHere, "big")) === await hashFile(big);
  await note("get, read-only", "get", target(server, "big"), `${lockedHere}/`);
  await note("put --atomic, full", "put", "--atomic", big, target(server, "full/"));
  const afterPut = await wholeNames(fullThere);
  await note("put, full", "put", big, target(server, "full/"));
  await note("put, read-only", "put", big, target(server, "locked/"));
  return { codes, whole: [...afterGet, ...afterPut], said, madeGood };
}

if (import.meta.main) {
  const [name, folder = ""] = Deno.args;
  const kind = KINDS.find((known) => known.name === name);
  if (kind === undefined) throw new Error(`no server is called ${name}`);
  await using server = await kind.start("127.0.0.1");
  const text = JSON.stringify(await tryDisks(server, folder));
  await Deno.stdout.write(new TextEncoder().encode(text));
}
