/**
 * How far something is, measured since its bytes began to move.
 *
 * @module
 */
import { formatRate, formatSize } from "../../shared/size.ts";
import { displayName } from "../remote_name.ts";
import type { RunningFile } from "./metered_progress.ts";

/** One file. */
export class Meter {
  /** Its name, safe on a terminal. */
  readonly name: string;
  /** It is no part of what the run is to move. */
  readonly aside: boolean;
  readonly #file: RunningFile;
  readonly #started = performance.now();
  #moved = 0;

  /** Begins to measure. */
  constructor(file: RunningFile) {
    this.#file = file;
    this.name = displayName(file.name);
    this.aside = file.aside ?? false;
  }

  /** So many bytes have moved. */
  add(bytes: number): void {
    this.#moved += bytes;
  }

  /** Between 0 and 1; undefined where the size is not known. */
  get share(): number | undefined {
    const { total, offset } = this.#file;
    return shareOf(offset + this.#moved, total);
  }

  /** Share, bytes, rate and the time left, as far as they are known. */
  get text(): string {
    const { total, offset } = this.#file;
    const seconds = (performance.now() - this.#started) / 1000;
    return figures({ moved: this.#moved, done: offset + this.#moved, total, seconds });
  }
}

/** All files of a run. */
export class TotalMeter {
  #files = 0;
  #finished = 0;
  #bytes = 0;
  #moved = 0;
  #started: number | undefined;

  /** So many files more are to come, of so many bytes as far as that is known. */
  expect(files: number, bytes: number): void {
    this.#files += files;
    this.#bytes += bytes;
  }

  /** One of them is over. */
  finish(): void {
    this.#finished++;
  }

  /** So many bytes have moved. */
  add(bytes: number): void {
    this.#started ??= performance.now();
    this.#moved += bytes;
  }

  /** Whether there is more than one. */
  get many(): boolean {
    return this.#files > 1;
  }

  /** Between 0 and 1; undefined where no size is known. */
  get share(): number | undefined {
    return this.#bytes === 0 ? undefined : shareOf(this.#moved, this.#bytes);
  }

  /** Files, and the same figures as of one. */
  get text(): string {
    const total = this.#bytes === 0 ? undefined : Math.max(this.#bytes, this.#moved);
    const seconds = this.#started === undefined ? 0 : (performance.now() - this.#started) / 1000;
    const files = `${this.#finished} of ${this.#files} files`;
    return `${files}  ${figures({ moved: this.#moved, done: this.#moved, total, seconds })}`;
  }
}

function shareOf(done: number, total: number | undefined): number | undefined {
  if (total === undefined) return undefined;
  return total === 0 ? 1 : Math.min(1, done / total);
}

function figures(count: {
  readonly moved: number;
  readonly done: number;
  readonly total: number | undefined;
  readonly seconds: number;
}): string {
  const { moved, done, total, seconds } = count;
  const rate = moved / Math.max(0.001, seconds);
  if (total === undefined) return `${formatSize(done)}  ${formatRate(rate)}`;
  const left = rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : undefined;
  const eta = left === undefined ? "" : `  ETA ${formatDuration(left)}`;
  const percent = Math.floor((shareOf(done, total) ?? 0) * 100);
  return `${percent}%  ${formatSize(done)}  ${formatRate(rate)}${eta}`;
}

function formatDuration(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
