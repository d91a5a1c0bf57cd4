/**
 * Progress of running transfers on standard error: a bar, a line now and then, or nothing.
 *
 * @module
 */
import type { CommandIo } from "../shared/command_io.ts";
import { formatRate, formatSize } from "../shared/size.ts";
import type { ProgressMode } from "./client_options.ts";
import { displayName } from "./remote_name.ts";

/** A file whose bytes are about to move. */
export interface RunningFile {
  readonly name: string;
  /** Bytes of the whole file, where that is known. */
  readonly total: number | undefined;
  /** Bytes that were there before. */
  readonly offset: number;
}

/** Shows how far the running file is. */
export interface Progress {
  /** Bytes begin to move; called again where a transfer starts again. */
  begin(file: RunningFile): void;
  /** So many bytes have moved. */
  add(bytes: number): void;
  /** They have stopped. */
  end(): void;
  /** Prints a line on standard error, where the bar may stand. */
  print(line: string): void;
}

/** Milliseconds between two drawings. */
const BAR_INTERVAL = 100;
const LINE_INTERVAL = 5000;

const CLEAR_LINE = "\r\x1b[K";

/**
 * Picks the way of showing progress.
 *
 * @param mode What was asked for; `auto` is a bar on a terminal, else nothing.
 * @param io Where it is shown.
 * @returns The progress.
 */
export function openProgress(mode: ProgressMode, io: CommandIo): Progress {
  const shown = mode === "auto" ? (io.terminals.stderr ? "bar" : "none") : mode;
  if (shown === "bar") return new BarProgress(io);
  if (shown === "line") return new LineProgress(io);
  return {
    begin() {},
    add() {},
    end() {},
    print: (line) => io.err(`${line}\n`),
  };
}

/** How far one file is, measured since its bytes began to move. */
class Meter {
  readonly #file: RunningFile;
  readonly #started = performance.now();
  #moved = 0;
  #drawn = this.#started;

  constructor(file: RunningFile) {
    this.#file = file;
  }

  get name(): string {
    return displayName(this.#file.name);
  }

  /** Counts, and says whether it is time to draw again. */
  add(bytes: number, interval: number): boolean {
    this.#moved += bytes;
    const now = performance.now();
    if (now - this.#drawn < interval) return false;
    this.#drawn = now;
    return true;
  }

  /** Between 0 and 1; undefined where the size is not known. */
  get share(): number | undefined {
    const { total, offset } = this.#file;
    if (total === undefined) return undefined;
    return total === 0 ? 1 : Math.min(1, (offset + this.#moved) / total);
  }

  get text(): string {
    const done = this.#file.offset + this.#moved;
    const rate = this.#moved / Math.max(0.001, (performance.now() - this.#started) / 1000);
    const { total } = this.#file;
    if (total === undefined) return `${formatSize(done)}  ${formatRate(rate)}`;
    const left = rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : undefined;
    const eta = left === undefined ? "" : `  ETA ${formatDuration(left)}`;
    return `${Math.floor((this.share ?? 0) * 100)}%  ${formatSize(done)}  ${
      formatRate(rate)
    }${eta}`;
  }
}

function formatDuration(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/**
 * One line of a bar that fits into the width: the name is shortened first, then the bar left out.
 *
 * @param parts Name, share done (0 to 1) where it is known, and figures.
 * @param width Columns.
 * @returns The line, shorter than the width.
 */
export function barLine(
  parts: { readonly name: string; readonly share: number | undefined; readonly text: string },
  width: number,
): string {
  const { name, share, text } = parts;
  const room = width - 1 - text.length - 2;
  const bar = share === undefined || room < 24 ? "" : `  ${drawBar(share, 10)}`;
  const nameRoom = Math.max(0, Math.min(name.length, room - bar.length));
  const shortName = name.length <= nameRoom ? name : `${name.slice(0, nameRoom - 1)}…`;
  return `${nameRoom < 2 ? "" : `${shortName}${bar}  `}${text}`.slice(0, width - 1);
}

function drawBar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return `[${"#".repeat(full)}${" ".repeat(cells - full)}]`;
}

class BarProgress implements Progress {
  readonly #io: CommandIo;
  #meter: Meter | undefined;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  begin(file: RunningFile): void {
    this.#meter = new Meter(file);
    this.#draw(this.#meter);
  }

  add(bytes: number): void {
    if (this.#meter?.add(bytes, BAR_INTERVAL)) this.#draw(this.#meter);
  }

  end(): void {
    if (this.#meter === undefined) return;
    this.#meter = undefined;
    this.#io.err(CLEAR_LINE);
  }

  print(line: string): void {
    this.#io.err(this.#meter === undefined ? `${line}\n` : `${CLEAR_LINE}${line}\n`);
    if (this.#meter !== undefined) this.#draw(this.#meter);
  }

  #draw(meter: Meter): void {
    this.#io.err(`${CLEAR_LINE}${barLine(meter, this.#io.columns())}`);
  }
}

class LineProgress implements Progress {
  readonly #io: CommandIo;
  #meter: Meter | undefined;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  begin(file: RunningFile): void {
    this.#meter = new Meter(file);
  }

  add(bytes: number): void {
    if (this.#meter?.add(bytes, LINE_INTERVAL)) {
      this.print(`${this.#meter.name}  ${this.#meter.text}`);
    }
  }

  end(): void {
    this.#meter = undefined;
  }

  print(line: string): void {
    this.#io.err(`${line}\n`);
  }
}
