/**
 * Writes listings as they come: blocks with headings for people, lines for programs.
 *
 * @module
 */
import { reasonOf } from "../../shared/errors.ts";
import { EXIT, exitCodeOf } from "../../shared/exit_code.ts";
import type { RemoteEntry } from "../listing/entry.ts";
import { childPath } from "../location.ts";
import { columnText, jsonEntry, longText } from "../output/ls_output.ts";
import type { Report } from "../output/report.ts";
import { displayName, readableName } from "../remote_name.ts";
import type { GlobMatch } from "./glob_walk.ts";
import type { ListedPath } from "./ls_tree.ts";
import type { ListingFailure } from "./remote_glob.ts";

/** How entries are shown. */
export interface LsForm {
  readonly json: boolean;
  readonly long: boolean;
  /** Sizes as people read them. */
  readonly human: boolean;
  /** Columns of the terminal; 0: one name a line. */
  readonly columns: number;
  /** Directories and links have a colour. */
  readonly colours: boolean;
}

/** Takes what was listed and what was not, and knows the exit code. */
export class LsPrinter {
  readonly #report: Report;
  readonly #form: LsForm;
  #listed = 0;
  #failures = 0;
  #firstCode: number = EXIT.done;
  #printed = false;

  /** Prints nothing yet. */
  constructor(report: Report, form: LsForm) {
    this.#report = report;
    this.#form = form;
  }

  /** The exit code of everything so far. */
  get exitCode(): number {
    return this.#failures > 0 && this.#listed > 0 ? EXIT.someFailed : this.#firstCode;
  }

  /**
   * Prints the entries of a directory, or the file that a path leads to.
   *
   * @param listed What was listed.
   * @param heading Whether its path stands above.
   */
  async directory(listed: ListedPath, heading: boolean): Promise<void> {
    const { path, entries, isDirectory } = listed;
    this.#listed++;
    if (this.#form.json) {
      const pathOf = ({ name }: RemoteEntry): string => isDirectory ? childPath(path, name) : path;
      return await this.#json(entries.map((entry) => ({ entry, path: pathOf(entry) })));
    }
    const gap = this.#printed ? "\n" : "";
    const head = heading ? `${gap}${displayName(path || ".")}:\n` : "";
    await this.#print(head + this.#text(entries));
  }

  /** Prints what matches a pattern by its paths, in the order given. */
  async files(matches: readonly GlobMatch<RemoteEntry>[]): Promise<void> {
    if (matches.length === 0) return;
    this.#listed++;
    if (this.#form.json) return await this.#json(matches);
    await this.#print(this.#text(matches.map(({ entry, path }) => ({ ...entry, name: path }))));
  }

  /** Names a directory that could not be listed, on standard error and to programs. */
  async failure({ path, error }: ListingFailure): Promise<void> {
    const code = exitCodeOf(error);
    this.#failures++;
    if (this.#firstCode === EXIT.done) this.#firstCode = code;
    this.#report.progress.print(`ftpkit: ${displayName(reasonOf(error))}`);
    if (!this.#form.json) return;
    const line = { path: readableName(path), status: "failed", error: reasonOf(error), code };
    await this.#print(`${JSON.stringify(line)}\n`);
  }

  #text(entries: readonly RemoteEntry[]): string {
    const { long, human, columns, colours } = this.#form;
    return long ? longText(entries, { human, colours }) : columnText(entries, { columns, colours });
  }

  async #json(rows: readonly GlobMatch<RemoteEntry>[]): Promise<void> {
    await this.#print(rows.map(({ entry, path }) => `${jsonEntry(entry, path)}\n`).join(""));
  }

  async #print(text: string): Promise<void> {
    if (text === "") return;
    this.#printed = true;
    await this.#report.print(text);
  }
}
