/**
 * The shared directory as a jail: virtual paths to real ones, and nothing outside.
 *
 * A link that leads outside, nowhere or in a circle does not exist. Neither does what could only be
 * reached through one, even where the way leads back inside.
 *
 * @module
 */
import { osCode } from "../../shared/errors.ts";
import { baseName, joinPath, parentPath } from "../../shared/ftp_path.ts";
import { OpenFile, type OpenFlags } from "../system/open_file.ts";
import { refuse } from "./os_error.ts";

/** A name in the jail, and what is there. */
export interface Place {
  /** Real path of the name itself, its directory's links followed. */
  readonly own: string;
  /** Real path of what it leads to: `own`, but where that is a link. */
  readonly real: string;
  /** What is at `real`; undefined where there is nothing. */
  readonly info: Deno.FileInfo | undefined;
}

/** A place where there is something. */
export interface FilledPlace extends Place {
  /** What is at `real`. */
  readonly info: Deno.FileInfo;
}

/** Maps virtual paths to real ones. All of it is synchronous: see the runtime's measured costs. */
export class Jail {
  /** The real path of the shared directory. */
  readonly root: string;
  /** What stands before a virtual path in a real one. */
  readonly #prefix: string;

  /** Makes the jail; `root` must be a real path already. */
  constructor(root: string) {
    this.root = root;
    this.#prefix = root === "/" ? "" : root;
  }

  /**
   * Finds a path; its directory must exist.
   *
   * @param path Virtual path, its names checked.
   * @returns Where it is and what is there.
   * @throws {Refusal} `not-found` where the directory or a link is not inside.
   * @throws {Error} Whatever the system says about a path inside.
   */
  locate(path: string): Place {
    if (path === "/") return { own: this.root, real: this.root, info: Deno.lstatSync(this.root) };
    const own = joinPath(this.#resolve(parentPath(path)), baseName(path));
    const info = lstatIfThere(own);
    return info?.isSymlink ? this.#behind(own) : { own, real: own, info };
  }

  /**
   * Finds what must be there.
   *
   * @param path Virtual path, its names checked.
   * @returns Where it is and what is there.
   * @throws {Refusal} `not-found`, also where it is not inside.
   */
  find(path: string): FilledPlace {
    const place = this.locate(path);
    return { ...place, info: place.info ?? refuse("not-found") };
  }

  /**
   * Follows a link.
   *
   * @param own Real path of the link.
   * @returns What it leads to; undefined where that is not inside or not there.
   */
  follow(own: string): FilledPlace | undefined {
    try {
      const real = Deno.realPathSync(own);
      return this.#holds(real) ? { own, real, info: Deno.lstatSync(real) } : undefined;
    } catch {
      // Any difference between the reasons would tell what is outside.
      return undefined;
    }
  }

  /** The virtual path of a real one inside. */
  virtualPath(real: string): string {
    return real.slice(this.#prefix.length) || "/";
  }

  /**
   * Opens a file, and checks that what was opened is what the path leads to, now that it is open: a
   * directory on the way may have been exchanged in between.
   *
   * @param real Real path, as it was found.
   * @param how Flags and mode.
   * @returns The open file.
   * @throws {Refusal} `not-found` where it is something else.
   * @throws {Error} Whatever the system says.
   */
  open(real: string, how: OpenFlags): OpenFile {
    const file = OpenFile.open(real, how);
    try {
      this.#confirm(file, real);
      return file;
    } catch (error) {
      file.closeNow();
      throw error;
    }
  }

  /**
   * Checks that a directory has not been exchanged.
   *
   * @param real Where it was found.
   * @throws {Refusal} `not-found` where the path leads elsewhere now.
   */
  confirmDirectory(real: string): void {
    if (!this.#holds(Deno.realPathSync(real))) refuse("not-found");
  }

  #confirm(file: OpenFile, real: string): void {
    const now = Deno.realPathSync(real);
    const there = Deno.lstatSync(now);
    const opened = file.found;
    const same = there.dev === opened.dev && there.ino === opened.ino;
    if (!same || !this.#holds(now)) refuse("not-found");
  }

  #behind(link: string): FilledPlace {
    return this.follow(link) ?? refuse("not-found");
  }

  #holds(real: string): boolean {
    return real === this.root || real.startsWith(`${this.#prefix}/`);
  }

  // One call where no link is on the way. Otherwise name by name, so that no part of the way is
  // outside, and no error of a place outside shows.
  #resolve(path: string): string {
    if (path === "/") return this.root;
    const plain = `${this.#prefix}${path}`;
    return isReal(plain) ? plain : this.find(path).real;
  }
}

function isReal(path: string): boolean {
  try {
    return Deno.realPathSync(path) === path;
  } catch {
    return false;
  }
}

/**
 * What is at a real path, links not followed.
 *
 * @param real A real path.
 * @returns The information; undefined where there is nothing.
 * @throws {Error} Whatever else the system says.
 */
export function lstatIfThere(real: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(real);
  } catch (error) {
    if (osCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
