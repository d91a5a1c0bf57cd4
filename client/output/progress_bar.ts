/**
 * Progress on a terminal: a bar for each running file, and one for all where there are several.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { shortenText, textWidth } from "../../shared/text_width.ts";
import { MeteredProgress } from "./metered_progress.ts";
import type { Meter } from "./progress_meter.ts";

/** Milliseconds between two drawings. */
const INTERVAL = 100;

/** Milliseconds before something aside, such as a listing, has a bar: most of it is over by then. */
const PATIENCE = 500;

/** Files that have a bar of their own at a time; the rest are in the sum. */
const MOST_BARS = 8;

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
  const nameWidth = textWidth(name);
  const nameRoom = Math.max(0, Math.min(nameWidth, room - bar.length));
  const isNamed = nameRoom >= Math.max(1, Math.min(2, nameWidth));
  if (!isNamed) return text.slice(0, width - 1);
  return `${shortenText(name, nameRoom)}${bar}  ${text}`;
}

function drawBar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return `[${"#".repeat(full)}${" ".repeat(cells - full)}]`;
}

/** Bars that are drawn over each other, at most ten times a second. */
export class BarProgress extends MeteredProgress {
  readonly #io: CommandIo;
  readonly #running = new Set<Meter>();
  /** What has no bar yet. */
  readonly #waiting = new Map<Meter, ReturnType<typeof setTimeout>>();
  /** Lines that stand on the terminal; the cursor is in the last one. */
  #shown = 0;
  #drawn = -Infinity;

  /** Draws nothing yet. */
  constructor(io: CommandIo) {
    super();
    this.#io = io;
  }

  /** Implements {@linkcode MeteredProgress.hide}. */
  override hide(): void {
    if (this.#shown > 0) this.#io.err(this.#erase());
    this.#shown = 0;
  }

  /** Implements {@linkcode MeteredProgress.print}. */
  override print(line: string): void {
    const again = this.#shown > 0;
    this.#io.err(`${this.#erase()}${line}\n`);
    this.#shown = 0;
    if (again) this.#draw();
  }

  protected override onBegin(meter: Meter): void {
    if (meter.aside) this.#waiting.set(meter, setTimeout(() => this.#show(meter), PATIENCE));
    else this.#show(meter);
  }

  protected override onBytes(meter: Meter): void {
    if (this.#running.has(meter)) this.#drawIfDue();
  }

  protected override onEnd(meter: Meter): void {
    clearTimeout(this.#waiting.get(meter));
    this.#waiting.delete(meter);
    this.#running.delete(meter);
    if (this.#running.size === 0) this.hide();
  }

  #show(meter: Meter): void {
    this.#waiting.delete(meter);
    this.#running.add(meter);
    this.#drawIfDue();
  }

  #drawIfDue(): void {
    const now = performance.now();
    if (now - this.#drawn < INTERVAL) return;
    this.#drawn = now;
    this.#draw();
  }

  #draw(): void {
    const width = this.#io.columns();
    if (width === 0) return;
    const bars: { name: string; share: number | undefined; text: string }[] = [
      ...this.#running.values().take(MOST_BARS),
    ];
    if (this.total.many) {
      bars.push({ name: "all", share: this.total.share, text: this.total.text });
    }
    const lines = bars.map((bar) => barLine(bar, width));
    this.#io.err(this.#erase() + lines.join("\n"));
    this.#shown = lines.length;
  }

  /** Back to the first line that is shown, and everything from there away. */
  #erase(): string {
    if (this.#shown === 0) return "";
    const up = this.#shown > 1 ? `\x1b[${this.#shown - 1}A` : "";
    return `\r${up}\x1b[J`;
  }
}
