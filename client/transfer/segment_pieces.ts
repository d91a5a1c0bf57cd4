/**
 * Who fetches what of a file over several connections: the rest of it is divided when a connection
 * is ready for it, so that all are done at the same time.
 *
 * @module
 */
import type { Piece } from "./segment_file.ts";
import type { Range } from "./segment_map.ts";

/** Bytes below which a connection of its own is not worth the while. */
export const SMALLEST_PIECE = 256 * 1024;

/** How a piece comes. In milliseconds of the monotonic clock, and bytes. */
interface Course {
  readonly asked: number;
  /** When its first bytes came, and which ones they were. */
  first?: { readonly time: number; readonly place: number };
}

/** The pieces of one file. */
export class SegmentPieces {
  readonly #waiting: Piece[];
  readonly #running = new Map<Piece, Course>();
  /** Connections that have not asked for a piece yet, but will. */
  expected = 0;

  /** `missing` is what of the file is not there, in order; each range has some bytes. */
  constructor(missing: readonly Range[]) {
    this.#waiting = missing.map(({ start, end }) => ({ start, end }));
  }

  /** Whether somebody fetches something, who may yet give it back. */
  get hasRunning(): boolean {
    return this.#running.size > 0;
  }

  /**
   * How many connections are worth the while.
   *
   * @param most How many are wanted.
   */
  connections(most: number): number {
    const bytes = this.#waiting.reduce((sum, piece) => sum + left(piece), 0);
    return Math.min(most, Math.max(this.#waiting.length, Math.floor(bytes / SMALLEST_PIECE)));
  }

  /** Something to fetch, for a connection that can begin at once; undefined: there is nothing. */
  take(): Piece | undefined {
    const piece = this.#waiting.shift() ?? this.#share();
    if (piece !== undefined) this.#running.set(piece, { asked: performance.now() });
    return piece;
  }

  /** Some bytes of a piece are about to be taken. */
  came(piece: Piece): void {
    const course = this.#running.get(piece);
    if (course !== undefined) course.first ??= { time: performance.now(), place: piece.start };
  }

  /** Nobody fetches it any more; what is missing of it is for the next one who asks. */
  giveBack(piece: Piece): void {
    this.#running.delete(piece);
    if (left(piece) > 0) this.#waiting.unshift(piece);
  }

  /**
   * A part of what the connection with the most to do has before it: as much as those that are still
   * to come will get, too, and what it brings until the new one has begun.
   */
  #share(): Piece | undefined {
    const [most] = [...this.#running].sort(([a], [b]) => left(b) - left(a));
    if (most === undefined) return undefined;
    const [piece, course] = most;
    const size = Math.floor((left(piece) - lead(piece, course)) / (this.expected + 2));
    if (size < SMALLEST_PIECE) return undefined;
    const { end } = piece;
    piece.end -= size;
    return { start: piece.end, end };
  }
}

function left({ start, end }: Piece): number {
  return end - start;
}

/**
 * Bytes that a connection brings in the time that it took itself to begin; no more than it has
 * brought, as what comes first may come in one burst.
 */
function lead({ start }: Piece, { asked, first }: Course): number {
  if (first === undefined) return 0;
  const elapsed = Math.max(1, performance.now() - asked);
  return (start - first.place) / elapsed * (first.time - asked);
}
