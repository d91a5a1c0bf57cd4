/**
 * Progress of running transfers on standard error: bars, a line now and then, or nothing.
 *
 * @module
 */
import type { CommandIo } from "../../shared/command_io.ts";
import { formatRate, formatSize } from "../../shared/size.ts";
import type { ProgressMode } from "../client_options.ts";
import { MeteredProgress, type Progress } from "./metered_progress.ts";
import { BarProgress } from "./progress_bar.ts";
import type { Meter } from "./progress_meter.ts";

/** Milliseconds between two lines. */
const LINE_INTERVAL = 5000;

/**
 * Picks the way of showing progress.
 *
 * @param mode What was asked for; `auto` is bars on a terminal, else nothing.
 * @param io Where it is shown.
 * @returns The progress.
 */
export function openProgress(mode: ProgressMode, io: CommandIo): Progress {
  const shown = mode === "auto" ? (io.terminals.stderr ? "bar" : "none") : mode;
  if (shown === "bar") return new BarProgress(io);
  if (shown === "line") return new LineProgress(io);
  return {
    expect() {},
    finish() {},
    begin: () => ({ add() {}, [Symbol.dispose]() {} }),
    hide() {},
    print: (line) => io.err(`${line}\n`),
  };
}

class LineProgress extends MeteredProgress {
  readonly #io: CommandIo;
  #printed = performance.now();

  constructor(io: CommandIo) {
    super();
    this.#io = io;
  }

  override hide(): void {}

  override print(line: string): void {
    this.#io.err(`${line}\n`);
  }

  protected override onBytes(meter: Meter): void {
    const now = performance.now();
    if (now - this.#printed < LINE_INTERVAL) return;
    this.#printed = now;
    this.print(this.total.many ? this.total.text : `${meter.name}  ${meter.text}`);
  }
}

/**
 * What a run has moved in all.
 *
 * @param counts Files, those that would be moved without `--dry-run`, bytes and seconds.
 * @returns Such as `3 files, 1.5 MiB in 2.0 s, 768.0 KiB/s, 1 skipped, 1 failed`.
 */
export function summaryText(counts: {
  readonly files: number;
  readonly planned: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly skipped: number;
  readonly failed: number;
}): string {
  const { files, planned, bytes, seconds, skipped, failed } = counts;
  const moved = `${plural(files)}, ${formatSize(bytes)} in ${seconds.toFixed(1)} s`;
  return [
    planned > 0 ? `${plural(planned)} would be transferred` : moved,
    ...(bytes > 0 && seconds > 0 ? [formatRate(bytes / seconds)] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(", ");
}

function plural(files: number): string {
  return `${files} file${files === 1 ? "" : "s"}`;
}
