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
import { isKept, MOST_LINES } from "./history.ts";
import { HistorySearch } from "./history_search.ts";
import { Keyboard } from "./keyboard.ts";

/** What a line can be completed to: the candidates for its end, and that end. */
export type Completion = readonly [candidates: readonly string[], end: string];

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
  /** Resolves with whether Ctrl-C has ended it. */
  #completing: Promise<boolean> = Promise.resolve(false);
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
        this.#completing = this.#complete(line, { options, done });
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
    if (key === KEYS.tab && await this.#waitForCompletion()) return this.#interrupt();
    if (this.#line !== undefined) return { kind: "line", text: this.#line };
    this.#countRows();
    return undefined;
  }

  /** While the server keeps us waiting, Ctrl-C is to be a signal. */
  async #waitForCompletion(): Promise<boolean> {
    const timer = setTimeout(() => this.#io.setRaw(false), PATIENCE);
    try {
      return await this.#completing;
    } finally {
      this.#completing = Promise.resolve(false);
      clearTimeout(timer);
      this.#io.setRaw(true);
    }
  }

  /** What was typed is left standing; the next prompt is empty. */
  #interrupt(): Input {
    const empty = this.#readline.line === "";
    this.#feed("\x05"); // the end of the line, which may be several rows down
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
    line: string,
    way: {
      readonly options: EditorOptions;
      readonly done: (error: null, found: [string[], string]) => void;
    },
  ): Promise<boolean> {
    let found: Completion = [[], line];
    try {
      found = await way.options.complete(line);
      return false;
    } catch (error) {
      if (error instanceof InterruptedError) return true;
      throw error;
    } finally {
      way.done(null, [[...found[0]], found[1]]);
    }
  }
}
