/**
 * The side of a tree transfer that is on a server.
 *
 * @module
 */
import { FtpkitError, ReplyError } from "../../shared/errors.ts";
import type { RateLimit } from "../../shared/rate_limit.ts";
import { refused } from "../connection/control.ts";
import { listPath } from "../directory/directory.ts";
import { childPath, formatRemote, type RemoteLocation } from "../location.ts";
import type { Report } from "../output/report.ts";
import { displayName } from "../remote_name.ts";
import { makeDirectory, removeDirectory, removeFile } from "../session/remote_change.ts";
import type { RemoteHost } from "../session/remote_host.ts";
import type { Session } from "../session/session.ts";
import { type TreeEntry, treeEntry, type TreeListing, type TreeSide } from "./tree_entry.ts";

/** What a remote tree needs. */
export interface RemoteTreeOptions {
  readonly location: RemoteLocation;
  readonly host: RemoteHost;
  readonly rateLimit: RateLimit | undefined;
  readonly report: Report;
}

/** Trees on a server. Each step is tried again where its failure may pass. */
export class RemoteTree implements TreeSide {
  readonly #options: RemoteTreeOptions;

  /** Asks for nothing yet. */
  constructor(options: RemoteTreeOptions) {
    this.#options = options;
  }

  /** Implements {@linkcode TreeSide.list}. */
  async list(path: string): Promise<TreeListing> {
    const { host, rateLimit, report } = this.#options;
    const content = await host.use((session) =>
      listPath(session, path, { all: true, rateLimit, report, exactTimes: true })
    );
    if (!content.isDirectory) {
      throw new FtpkitError(`Cannot list "${displayName(path)}": it is no directory`);
    }
    const entries = content.entries.map(treeEntry);
    const { strangeLines, isClosed } = content;
    if (isClosed) return { entries, incomplete: "there is no permission to enter it" };
    if (strangeLines === 0) return { entries };
    return { entries, incomplete: `${strangeLines} lines of it cannot be read` };
  }

  /** Implements {@linkcode TreeSide.behind}. */
  async behind(path: string, link: TreeEntry): Promise<TreeEntry> {
    return await this.#options.host.use(async (session) => {
      const { name, target } = link;
      const base = { name, isLink: true, ...(target === undefined ? {} : { target }) };
      if (await session.isDirectory(path)) {
        // What is told of the link itself does not tell a circle.
        const { id } = session.features.has("MLST") ? await session.stat(`${path}/.`) : {};
        return { ...base, type: "dir", ...(id === undefined ? {} : { id }) };
      }
      const { size, modified, refusal } = await session.stat(path);
      if (refusal !== undefined) {
        throw refused(`look at "${displayName(path)}"`, { verb: "SIZE", reply: refusal });
      }
      return {
        ...base,
        type: "file",
        ...(size === undefined ? {} : { size }),
        ...(modified === undefined
          ? {}
          : { modified: { date: modified, precision: "second", zoneKnown: true } }),
      };
    });
  }

  /** Implements {@linkcode TreeSide.identify}. */
  async identify(path: string): Promise<string | undefined> {
    return (await this.#options.host.use((session) => session.stat(path))).id;
  }

  /** Implements {@linkcode TreeSide.makeDirectory}. */
  async makeDirectory(path: string): Promise<void> {
    await this.#options.host.use((session) => makeDirectory(session, path));
  }

  /**
   * Implements {@linkcode TreeSide.unlink}: no server takes DELE for a directory with something in
   * it, and none follows a link for it.
   */
  async unlink(path: string): Promise<boolean> {
    return await this.#options.host.use(async (session) => {
      try {
        await removeFile(session, path);
        return true;
      } catch (error) {
        if (error instanceof ReplyError && !error.transient) return false;
        throw error;
      }
    });
  }

  /** Implements {@linkcode TreeSide.remove}. */
  async remove(path: string, entry: TreeEntry): Promise<void> {
    const isDirectory = entry.type === "dir" && !entry.isLink;
    let isAgain = false;
    await this.#options.host.use(async (session) => {
      const mayBeGone = isAgain;
      isAgain = true;
      try {
        await (isDirectory ? removeDirectory(session, path) : removeFile(session, path));
      } catch (error) {
        // Of a try that went through only the answer was lost.
        const isGone = mayBeGone && error instanceof ReplyError && await isMissing(session, path);
        if (!isGone) throw error;
      }
    });
  }

  /** Implements {@linkcode TreeSide.child}. */
  child(path: string, name: string): string {
    return childPath(path, name);
  }

  /** Implements {@linkcode TreeSide.show}. */
  show(path: string): string {
    return formatRemote(this.#options.location.host, path);
  }

  /** Implements {@linkcode TreeSide.refusesName}. */
  refusesName(name: string): string | undefined {
    if (/[\r\n\0]/.test(name)) return "CR, LF or NUL in the name";
    return name.includes("\ufffd") ? "its name is not UTF-8" : undefined;
  }

  /** Implements {@linkcode TreeSide.nameFrom}: names here are UTF-8. */
  nameFrom(name: string): string {
    return name;
  }
}

async function isMissing(session: Session, path: string): Promise<boolean> {
  const { refusal, isAbsent } = await session.stat(path);
  if (isAbsent) return true;
  return refusal !== undefined && !await session.isDirectory(path);
}
