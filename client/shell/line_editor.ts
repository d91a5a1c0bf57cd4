/**
 * Lines typed at a terminal: `node:readline` with a prompt, history, search and completion.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createInterface, type Interface } from "node:readline";
import { PassThrough, Writable } from "node:stream";
import type { CommandIo } from "../../shared/command_io.ts";
import { InterruptedError } from "../../shared/errors.ts";
import { columnText } from "../output/ls_output.ts";
import { isKept, MOST_LINES } from "./history.ts";
import { HistorySearch } from "./history_search.ts";
import { Keyboard } from "./keyboard.ts";

/** What the end of a line can be completed to. */
export interface Completion {
  /** The end as it stands. */
  readonly end: string;
  /** What all candidates have in common, which takes its place; the end itself where that is no more. */
  readonly becomes: string;
  /** In order. */
  readonly candidates: readonly string[];
}

/** How lines are edited. */
export interface EditorOptions {
  /** Lines of earlier sessions, oldest first. */
  readonly history: readonly string[];
  /** Completes what stands before the cursor; it throws an `InterruptedError` after Ctrl-C. */
  readonly complete: (line: string) => Promise<Completion>;
}

/** What somebody did at the prompt. */
export type Input =
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-C, with something in the line or without. */
  | { readonly kind: "interrupt"; readonly empty: boolean }
  /** Ctrl-D in an empty line, or the terminal is gone. */
  | { readonly kind: "end" };

const KEYS = {
  interrupt: "\x03",
  end: "\x04",
  cancel: "\x07",
  tab: "\t",
  search: "\x12",
  suspend: "\x1a",
} as const;

/** Brings the cursor to the end of the line, which may be several rows down. */
const TO_END = "\x05";

/** Milliseconds after which a completion may be interrupted. */
const PATIENCE = 300;

const ERASE: ReadonlySet<string> = new Set(["\x7f", "\b"]);
const ENTER: ReadonlySet<string> = new Set(["\r", "\n"]);

/** The terminal as readline writes to it. */
class Screen extends Writable {
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    super({ decodeStrings: false });
    this.#io = io;
  }

  get columns(): number {
    return this.#io.columns();
  }

  override _write(text: string, _encoding: string, done: (error?: Error) => void): void {
    this.#io.out(text).then(() => done(), done);
  }

  /** Resolves when all is written. */
  flushed(): Promise<void> {
    return new Promise((resolve) => this.write("", () => resolve()));
  }
}

/** A terminal that lines are typed at. Disposing it leaves the terminal as it was. */
export class LineEditor implements Disposable {
  readonly #io: CommandIo;
  readonly #keyboard: Keyboard;
  readonly #screen: Screen;
  readonly #input = new PassThrough();
  readonly #readline: Interface;
  readonly #resizing: Disposable;
  #line: string | undefined;
  #isReading = false;
  /** The one that runs; null where Ctrl-C has ended it. */
  #completing: Promise<Completion | null> | undefined;
  /** The key before was Tab. */
  #hasTabbed = false;
  #search: HistorySearch | undefined;
  /** Newest first. */
  #history: readonly string[];
  #prompt = "";
  /** What stood in the line before a search. */
  #before = "";

  /** Shows nothing yet. */
  constructor(io: CommandIo, options: EditorOptions) {
    this.#io = io;
    this.#keyboard = new Keyboard(io.stdin, io.signal);
    this.#screen = new Screen(io);
    this.#history = options.history.toReversed();
    this.#readline = createInterface({
      input: this.#input,
      output: this.#screen,
      terminal: true,
      history: [...this.#history],
      historySize: MOST_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        this.#completing = this.#complete(options.complete(line), done);
      },
    });
    this.#readline.on("line", (line: string) => this.#line = line);
    this.#readline.on("history", (lines: string[]) => {
      // Readline keeps what is left here: nobody can bring a password back to the screen.
      const [newest = ""] = lines;
      if (!isKept(newest)) lines.shift();
      this.#history = [...lines];
    });
    // While a command runs, there is no line to be drawn again.
    this.#resizing = io.onResize(() => this.#isReading && this.#screen.emit("resize"));
  }

  /**
   * Lets a line be typed.
   *
   * @param prompt What stands before it.
   * @returns What was done.
   * @throws {InterruptedError} If the process is to end.
   */
  async read(prompt: string): Promise<Input> {
    this.#line = undefined;
    this.#prompt = prompt;
    this.#isReading = true;
    this.#io.setRaw(true);
    this.#keyboard.prompted();
    try {
      this.#readline.setPrompt(prompt);
      this.#readline.prompt();
      for (;;) {
        const key = await this.#keyboard.next();
        const input = key === null ? { kind: "end" } as const : await this.#press(key);
        if (input !== undefined) return input;
      }
    } finally {
      this.#isReading = false;
      await this.#screen.flushed();
      this.#io.setRaw(false);
    }
  }

  /**
   * Asks something, in a line of its own.
   *
   * @param question The question.
   * @param signal Ends the wait.
   * @returns The answer; empty where there is none.
   */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    await this.#io.out(question);
    let answer = "";
    for (;;) {
      const key = await this.#keyboard.next(signal);
      if (key === null || ENTER.has(key)) return answer;
      answer += key;
    }
  }

  [Symbol.dispose](): void {
    this.#resizing[Symbol.dispose]();
    this.#readline.close();
    this.#input.destroy();
    this.#screen.destroy();
  }

  async #press(key: string): Promise<Input | undefined> {
    if (this.#search !== undefined) return this.#pressInSearch(this.#search, key);
    const { line } = this.#readline;
    if (key === KEYS.end && line === "") return { kind: "end" };
    if (key === KEYS.interrupt) return this.#interrupt();
    if (key === KEYS.search) this.#beginSearch();
    else if (key !== KEYS.suspend) this.#feed(key);
    if (key === KEYS.tab && !(await this.#endCompletion())) return this.#interrupt();
    this.#hasTabbed = key === KEYS.tab;
    if (this.#line !== undefined) return { kind: "line", text: this.#line };
    this.#countRows();
    return undefined;
  }

  /** False where Ctrl-C has ended it. While the server keeps us waiting, that is to be a signal. */
  async #endCompletion(): Promise<boolean> {
    const timer = setTimeout(() => this.#io.setRaw(false), PATIENCE);
    try {
      const completion = await this.#completing;
      if (!completion) return completion !== null;
      const { end, becomes, candidates } = completion;
      if (this.#hasTabbed && becomes === end && candidates.length > 0) this.#list(candidates);
      return true;
    } finally {
      this.#completing = undefined;
      clearTimeout(timer);
      this.#io.setRaw(true);
    }
  }

  /** Below the line, of which the cursor may not be in the last row; then the line again. */
  #list(candidates: readonly string[]): void {
    const { cursor } = this.#readline;
    this.#feed(TO_END);
    const entries = candidates.map((name) => ({ name, type: "file" as const }));
    const text = columnText(entries, { columns: this.#io.columns(), colours: false });
    this.#screen.write(`\r\n${text.replaceAll("\n", "\r\n")}`);
    Object.assign(this.#readline, { cursor, prevRows: 0 });
    this.#readline.prompt(true);
  }

  /** What was typed is left standing; the next prompt is empty. */
  #interrupt(): Input {
    const empty = this.#readline.line === "";
    this.#feed(TO_END);
    this.#screen.write("^C\r\n");
    Object.assign(this.#readline, { line: "", cursor: 0, prevRows: 0 });
    return { kind: "interrupt", empty };
  }

  #pressInSearch(search: HistorySearch, key: string): Promise<Input | undefined> | undefined {
    if (key === KEYS.search) search.older();
    else if (ERASE.has(key)) search.erase();
    else if (key === KEYS.cancel || key === KEYS.interrupt) return this.#endSearch(this.#before);
    // deno-lint-ignore no-control-regex -- any other key ends the search and then does its own
    else if (/^[\x00-\x1f]/.test(key)) {
      this.#endSearch(search.found ?? this.#before);
      return this.#press(key);
    } else for (const character of key) search.type(character);
    this.#showSearch(search);
    return undefined;
  }

  #beginSearch(): void {
    this.#before = this.#readline.line;
    this.#search = new HistorySearch(this.#history);
    this.#showSearch(this.#search);
  }

  #showSearch(search: HistorySearch): void {
    const failed = search.text !== "" && search.found === undefined;
    this.#readline.setPrompt(`(${failed ? "no " : ""}search "${search.text}") `);
    this.#replace(search.found ?? "");
  }

  #endSearch(line: string): undefined {
    this.#search = undefined;
    this.#readline.setPrompt(this.#prompt);
    this.#replace(line);
    return undefined;
  }

  #replace(line: string): void {
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    if (line !== "") this.#readline.write(line);
    this.#readline.prompt(true);
  }

  /** Where several characters come at once, readline does not notice that they need another row. */
  #countRows(): void {
    Object.assign(this.#readline, { prevRows: this.#readline.getCursorPos().rows });
  }

  #feed(keys: string): void {
    this.#input.emit("data", Buffer.from(keys));
  }

  async #complete(
    completing: Promise<Completion>,
    done: (error: null, found: [string[], string]) => void,
  ): Promise<Completion | null> {
    let found: [string[], string] = [[], ""];
    try {
      const completion = await completing;
      const { end, becomes } = completion;
      // A list it would draw over where the line has several rows.
      if (becomes !== end) found = [[becomes], end];
      return completion;
    } catch (error) {
      if (error instanceof InterruptedError) return null;
      throw error;
    } finally {
      done(null, found);
    }
  }
}
