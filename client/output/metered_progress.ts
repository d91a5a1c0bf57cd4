/**
 * What every way of showing progress has in common: the files that run, and the sum of them.
 *
 * @module
 */
import { Meter, TotalMeter } from "./progress_meter.ts";

/** A file whose bytes are about to move. */
export interface RunningFile {
  readonly name: string;
  /** Bytes of the whole file, where that is known. */
  readonly total: number | undefined;
  /** Bytes that were there before. */
  readonly offset: number;
  /** It is no part of what the run is to move. */
  readonly aside?: boolean;
}

/** One file while its bytes move. Disposing it says that they have stopped. */
export interface RunningProgress extends Disposable {
  /** So many bytes have moved. */
  add(bytes: number): void;
}

/** Shows how far the running files are, and all of them together. */
export interface Progress {
  /** So many files more are to come, of so many bytes as far as that is known. */
  expect(files: number, bytes: number): void;
  /** One of them is over, whatever became of it. */
  finish(): void;
  /** Bytes begin to move; called again where a transfer starts again. */
  begin(file: RunningFile): RunningProgress;
  /** Takes the bars away, because something is about to be written to the same terminal. */
  hide(): void;
  /** Prints a line on standard error, where bars may stand. */
  print(line: string): void;
}

/** Progress that measures each file and all of them; how that is shown is up to others. */
export abstract class MeteredProgress implements Progress {
  /** All files of the run. */
  protected readonly total: TotalMeter = new TotalMeter();

  /** Implements {@linkcode Progress.expect}. */
  expect(files: number, bytes: number): void {
    this.total.expect(files, bytes);
  }

  /** Implements {@linkcode Progress.finish}. */
  finish(): void {
    this.total.finish();
  }

  /** Implements {@linkcode Progress.begin}. */
  begin(file: RunningFile): RunningProgress {
    const meter = new Meter(file);
    this.onBegin(meter);
    return {
      add: (bytes) => {
        meter.add(bytes);
        if (!file.aside) this.total.add(bytes);
        this.onBytes(meter);
      },
      [Symbol.dispose]: () => this.onEnd(meter),
    };
  }

  /** Implements {@linkcode Progress.hide}. */
  abstract hide(): void;

  /** Implements {@linkcode Progress.print}. */
  abstract print(line: string): void;

  /** Some bytes of a file have moved. */
  protected abstract onBytes(meter: Meter): void;

  /** The bytes of a file begin to move. */
  protected onBegin(_meter: Meter): void {}

  /** They have stopped. */
  protected onEnd(_meter: Meter): void {}
}
