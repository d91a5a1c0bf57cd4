/**
 * Where a session is on its server, and where it belongs.
 *
 * @module
 */
import { unquotePath } from "../../shared/ftp_path.ts";
import { type Control, refused } from "../connection/control.ts";
import { displayName } from "../remote_name.ts";

/** The working directory of one session. Relative paths begin where the session belongs. */
export class WorkingDirectory {
  readonly #control: Control;
  /** Where the session belongs: after login where the server puts it. */
  #home: string | undefined;

  /** Asks for nothing yet. */
  constructor(control: Control) {
    this.#control = control;
  }

  /**
   * Asks where the session is (RFC 959 section 4.1.3, PWD).
   *
   * @throws {ReplyError} If the server does not tell.
   */
  async ask(): Promise<string> {
    const reply = await this.#control.command("PWD");
    if (reply.code >= 300) throw refused("ask for the working directory", { verb: "PWD", reply });
    return unquotePath(reply.lines.join(" "));
  }

  /**
   * Goes somewhere.
   *
   * @throws {ReplyError} If the server refuses.
   */
  async change(path: string): Promise<void> {
    const reply = await this.#control.command("CWD", path);
    if (reply.code < 300) return;
    throw refused(`open the directory "${displayName(path)}"`, { verb: "CWD", reply });
  }

  /**
   * Moves to where the session belongs from now on.
   *
   * @param path The directory; `..` is the one above, whatever the server calls it (CDUP).
   * @returns What the server calls it.
   * @throws {ReplyError} If the server refuses.
   */
  async move(path: string): Promise<string> {
    const isUp = path === ".." && (await this.#control.command("CDUP")).code < 300;
    if (!isUp) await this.change(path);
    return this.#home = await this.ask();
  }

  /** Where the session is from now on is where it belongs: somebody has moved it. */
  async settle(): Promise<string> {
    return this.#home = await this.ask();
  }

  /**
   * Goes where the session is to belong, unless it is there.
   *
   * @param path What the server calls the directory.
   * @throws {ReplyError} If the server refuses.
   */
  async restore(path: string): Promise<void> {
    if (this.#home === path) return;
    await this.change(path);
    this.#home = path;
  }

  /**
   * Does something elsewhere, and goes back.
   *
   * @throws {ReplyError} If the server refuses.
   */
  async visit<T>(path: string, work: () => Promise<T>): Promise<T> {
    const home = this.#home ??= await this.ask();
    await this.change(path);
    try {
      return await work();
    } finally {
      // A later try would begin in the wrong place.
      if (this.#control.open) await this.#return(home);
    }
  }

  /** Whether a path is a directory, found out by going there. */
  async isDirectory(path: string): Promise<boolean> {
    this.#home ??= await this.ask();
    const reply = await this.#control.command("CWD", path);
    if (reply.code >= 500) return false;
    if (reply.code >= 300) throw refused(`look at "${displayName(path)}"`, { verb: "CWD", reply });
    await this.change(this.#home);
    return true;
  }

  async #return(home: string): Promise<void> {
    const reply = await this.#control.command("CWD", home);
    if (reply.code >= 300) this.#control.close();
  }
}
