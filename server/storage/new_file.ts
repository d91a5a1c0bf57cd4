/**
 * A file that does not exist under its name yet: written to a hidden temporary beside it.
 *
 * @module
 */
import fs from "node:fs";
import { osCode, systemReason } from "../../shared/errors.ts";
import { joinPath, parentPath } from "../../shared/ftp_path.ts";
import { log } from "../../shared/log.ts";
import {
  livePartialSize,
  moveIfThere,
  moveWithoutReplacing,
  partialPath,
  removeQuietly,
  sizeThere,
} from "./hidden_file.ts";
import { temporaryName } from "./hidden_name.ts";
import { type Jail, lstatIfThere } from "./jail.ts";
import { O_CREAT, O_EXCL, O_WRONLY, type OpenFile, syncDirectory } from "../system/open_file.ts";
import { type Amount, type Arrived, NOTHING } from "./storage.ts";

/** Read, write and execute; a client's bytes must never run with another user's rights. */
const RIGHTS = 0o777;

/** Where an upload goes. */
export interface UploadTarget {
  /** Real path that it gets at last. */
  readonly real: string;
  /** What it replaces. */
  readonly old: Deno.FileInfo | undefined;
  /** Whose upload. */
  readonly user: string;
  /** Permission bits where nothing is replaced. */
  readonly rights: number;
  /** Nothing may be replaced. */
  readonly exclusive: boolean;
}

/** An upload under its hidden name. `commit`, `abort` or `unclaim` ends it; the caller closes it. */
export class NewFile {
  /** The file, open for writing. */
  readonly file: OpenFile;
  readonly #target: UploadTarget;
  readonly #temporary: string;
  /** Bytes that it had when it was opened. */
  readonly #before: number;
  #growth = NOTHING;

  private constructor(file: OpenFile, target: UploadTarget, temporary: string) {
    this.file = file;
    this.#target = target;
    this.#temporary = temporary;
    this.#before = file.found.size;
  }

  /** How much more there is by it, once it has ended. */
  get growth(): Amount {
    return this.#growth;
  }

  /**
   * Starts an upload.
   *
   * @param jail Where.
   * @param target What it will be.
   * @returns The empty file.
   * @throws {Error} Whatever the system says, such as that the directory may not be written.
   */
  static create(jail: Jail, target: UploadTarget): NewFile {
    const temporary = temporaryBeside(target.real);
    // Never more open than the file it replaces.
    const mode = (target.old?.mode ?? target.rights) & RIGHTS;
    try {
      const file = jail.open(temporary, { flags: O_WRONLY | O_CREAT | O_EXCL, mode });
      return new NewFile(file, target, temporary);
    } catch (error) {
      removeQuietly(temporary);
      throw error;
    }
  }

  /**
   * Takes over what the user was cut off from. Of two that try, one gets it.
   *
   * @param jail Where.
   * @param target What it will be.
   * @returns The partial file; undefined where there is none younger than a day.
   * @throws {Error} Whatever the system says.
   */
  static claim(jail: Jail, target: UploadTarget): NewFile | undefined {
    const partial = partialPath(target.real, target.user);
    if (livePartialSize(partial) === undefined) return undefined;
    const temporary = temporaryBeside(target.real);
    if (!moveIfThere({ from: partial, to: temporary })) return undefined;
    try {
      return new NewFile(jail.open(temporary, { flags: O_WRONLY }), target, temporary);
    } catch (error) {
      moveIfThere({ from: temporary, to: partial });
      throw error;
    }
  }

  /** Puts back what {@linkcode NewFile.claim} took, as it was. */
  unclaim(): void {
    this.#setAside();
  }

  /**
   * Puts the file under its name, on the disk when this resolves. It keeps the rights of the file it
   * replaces. Where only the directory cannot be flushed the log says so: the file is there.
   *
   * @param size How many bytes it has.
   * @param signal Aborted before it has its name, it is kept aside instead as by {@linkcode NewFile.abort}.
   * @returns Whether it has its name.
   * @throws {Error} Whatever the system says; the upload is gone then.
   */
  async commit(size: number, signal?: AbortSignal): Promise<boolean> {
    try {
      this.#inheritRights();
      await this.file.sync();
      if (signal?.aborted) {
        await this.abort("keep");
        return false;
      }
      this.#publish(size);
    } catch (error) {
      this.#discard();
      throw error;
    }
    await this.#syncName();
    return true;
  }

  /** Whether another file had the name when it began. */
  get replaces(): boolean {
    return this.#target.old !== undefined;
  }

  /**
   * Keeps the file for its user where that is wanted and there is no whole one, else removes it.
   *
   * @throws {Error} Whatever the system says; the upload is gone then.
   */
  async abort(arrived: Arrived): Promise<void> {
    try {
      if (arrived === "remove" || !this.#isWorthKeeping()) return this.#discard();
      await this.file.sync();
      if (!this.#setAside()) return this.#discard();
    } catch (error) {
      this.#discard();
      throw error;
    }
    await this.#syncName();
  }

  #isWorthKeeping(): boolean {
    return this.file.info().size > 0 && lstatIfThere(this.#target.real) === undefined;
  }

  /** False where its directory has got another name meanwhile. */
  #setAside(): boolean {
    const { real, user } = this.#target;
    const partial = partialPath(real, user);
    const replaced = sizeThere(partial);
    if (!moveIfThere({ from: this.#temporary, to: partial })) return false;
    this.#growth = { bytes: this.file.info().size - this.#before - replaced, files: 0 };
    return true;
  }

  #discard(): void {
    this.#growth = { bytes: -this.#before, files: 0 };
    if (removeQuietly(this.#temporary) || this.#hasItsName()) return;
    // Its directory has got another name meanwhile: no bytes stay there where nobody finds them.
    ifAllowed(() => this.file.truncate(0));
  }

  /** A network file system may have done what it says has failed. */
  #hasItsName(): boolean {
    try {
      const there = lstatIfThere(this.#target.real);
      const own = this.file.info();
      return there?.ino === own.ino && there.dev === own.dev;
    } catch (error) {
      // Where the directory was is a file now; of anything else nobody knows.
      return osCode(error) !== "ENOTDIR";
    }
  }

  #publish(size: number): void {
    const { real, user, exclusive } = this.#target;
    const partial = partialPath(real, user);
    const old = this.#old();
    const hasPartial = fs.existsSync(partial); // nearly never: an error would be dear
    const replaced = (old?.size ?? 0) + (hasPartial ? sizeThere(partial) : 0);
    const bytes = size - this.#before - replaced;
    if (exclusive) moveWithoutReplacing({ from: this.#temporary, to: real });
    else fs.renameSync(this.#temporary, real);
    // From here on nothing may fail: the file has its name.
    this.#growth = { bytes, files: old === undefined ? 1 : 0 };
    if (hasPartial) removeQuietly(partial);
  }

  /** What has the name now. Mostly what had it before, and an error for nothing would be dear. */
  #old(): Deno.FileInfo | undefined {
    const { real, old } = this.#target;
    return old !== undefined || fs.existsSync(real) ? lstatIfThere(real) : undefined;
  }

  /** What the name was before cannot be brought back, so that a failure would be no answer. */
  async #syncName(): Promise<void> {
    const directory = parentPath(this.#target.real);
    try {
      await syncDirectory(directory);
    } catch (error) {
      log.warning(`New names in ${directory} may be lost if power fails: ${systemReason(error)}`);
    }
  }

  #inheritRights(): void {
    const old = this.#old();
    if (!old?.isFile) {
      // What the process's own umask took away.
      return this.#setMode(this.#target.rights);
    }
    const { uid, gid, mode } = old;
    const own = this.file.found;
    const foreign = uid !== own.uid || gid !== own.gid;
    // Only root may give a file away, and not every file system has rights.
    if (foreign && uid !== null && gid !== null) ifAllowed(() => this.file.setOwner(uid, gid));
    if (mode !== null) this.#setMode(mode);
  }

  #setMode(mode: number): void {
    const wanted = mode & RIGHTS;
    if ((this.file.found.mode & RIGHTS) !== wanted) ifAllowed(() => this.file.setMode(wanted));
  }
}

function temporaryBeside(real: string): string {
  return joinPath(parentPath(real), temporaryName());
}

function ifAllowed(change: () => void): void {
  try {
    change();
  } catch {
    // The upload itself is whole without it, and was made with no more rights than the old file.
  }
}
