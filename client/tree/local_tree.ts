/**
 * The side of a tree transfer that is here.
 *
 * @module
 */
import { join, sep } from "node:path";
import { nextTurn } from "../../shared/turn.ts";
import type { EntryTime } from "../listing/entry.ts";
import { readableName } from "../remote_name.ts";
import { local } from "../transfer/local_file.ts";
import type { TreeEntry, TreeListing, TreeSide } from "./tree_entry.ts";

/** Entries that are looked at before others get their turn: a few hundred microseconds. */
const BATCH = 64;

/** Trees here. */
export const localTree: TreeSide = {
  async list(path: string): Promise<TreeListing> {
    const names = await local(`list "${path}"`, () => namesIn(path));
    const entries: TreeEntry[] = [];
    for (let start = 0; start < names.length; start += BATCH) {
      if (start > 0) await nextTurn();
      const batch = names.slice(start, start + BATCH);
      const looked = batch.map((name) => entryAt(path, name));
      entries.push(...looked.filter((entry) => entry !== undefined));
    }
    return { entries };
  },

  async behind(path: string, link: TreeEntry): Promise<TreeEntry> {
    const { name } = link;
    const info = await local(`read "${path}"`, () => Deno.stat(path));
    return { ...entryOf(name, info), isLink: true };
  },

  async identify(path: string): Promise<string | undefined> {
    return entryOf(path, await local(`list "${path}"`, () => Deno.stat(path))).id;
  },

  async makeDirectory(path: string): Promise<void> {
    await local(`make the directory "${path}"`, async () => {
      try {
        await Deno.mkdir(path);
      } catch (error) {
        const there = error instanceof Deno.errors.AlreadyExists && await Deno.stat(path);
        if (!there || !there.isDirectory) throw error;
      }
    });
  },

  /** Listings here tell links from what they lead to. */
  unlink: () => Promise.resolve(false),

  async remove(path: string): Promise<void> {
    await local(`remove "${path}"`, () => Deno.remove(path));
  },

  child: (path: string, name: string): string => join(path, name),

  show: (path: string): string => path,

  refusesName(name: string): string | undefined {
    if (name === "") return "it has no name";
    if (name === "." || name === "..") return "it would leave the destination";
    if (name.includes("/")) return 'a "/" in it would leave the destination';
    if (name.includes("\0")) return "no file here can have a NUL in its name";
    return sep === "\\" ? refusedByWindows(name) : undefined;
  },

  nameFrom: readableName,
};

/** Names that stand for devices, streams or other directories there. */
function refusedByWindows(name: string): string | undefined {
  if (/[\\:*?"<>|]/.test(name)) return "Windows has no such names";
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[. ]$/i.test(name)
    ? "the name is Windows' own"
    : undefined;
}

async function namesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(path)) names.push(name);
  return names;
}

/** What is gone again meanwhile is no entry. A name that is no text stays: it cannot be read. */
function entryAt(path: string, name: string): TreeEntry | undefined {
  try {
    return entryOf(name, Deno.lstatSync(join(path, name)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return { name, type: "file" };
    return name.includes("\ufffd") ? { name, type: "file" } : undefined;
  }
}

function entryOf(name: string, info: Deno.FileInfo): TreeEntry {
  const { isFile, isDirectory, isSymlink, mtime, mode, dev, ino } = info;
  const type = isFile ? "file" : isDirectory ? "dir" : isSymlink ? "link" : "other";
  return {
    name,
    type,
    ...(isFile ? { size: info.size } : {}),
    ...(mtime === null ? {} : { modified: exactTime(mtime) }),
    ...(mode === null ? {} : { mode: mode & 0o777 }),
    ...(ino === null ? {} : { id: `${dev}:${ino}` }),
    ...(isSymlink ? { isLink: true } : {}),
  };
}

function exactTime(date: Date): EntryTime {
  return { date, precision: "second", zoneKnown: true };
}
