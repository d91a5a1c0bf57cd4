/**
 * Names of a directory that several threads look up together, chunk by chunk, in memory that they
 * share: whoever takes a chunk does it, and nobody has to wait for an answer.
 *
 * @module
 */
import { joinPath } from "../../shared/ftp_path.ts";
import { PACKED_BYTES, PackedFacts } from "./packed_facts.ts";
import { CHUNK, type Names, namesOf, type PackedNames } from "./run_names.ts";

/** What one thread gives to others. */
export interface SharedNames {
  /** Real path of the directory. */
  readonly directory: string;
  /** Names, facts, and who has taken what. */
  readonly memory: SharedArrayBuffer;
}

// How far a chunk is.
const FREE = 0;
const TAKEN = 1;
const DONE = 2;

/**
 * One view of it. In the memory are, in words of 32 bits: the number of names, how far each chunk is,
 * where the text of each one ends; then the facts; then the text.
 */
export class SharedLookup {
  readonly #directory: string;
  readonly #memory: SharedArrayBuffer;
  readonly #count: number;
  readonly #states: Int32Array;
  readonly #ends: Int32Array;
  readonly #factsAt: number;

  /**
   * Looks at what another thread has shared.
   *
   * @throws {RangeError} If that is too small for what it says of itself.
   */
  constructor({ directory, memory }: SharedNames) {
    this.#directory = directory;
    this.#memory = memory;
    this.#count = new Int32Array(memory, 0, 1)[0] ?? 0;
    const chunks = chunksOf(this.#count);
    this.#states = new Int32Array(memory, Int32Array.BYTES_PER_ELEMENT, chunks);
    this.#ends = new Int32Array(memory, Int32Array.BYTES_PER_ELEMENT * (1 + chunks), chunks);
    this.#factsAt = headBytes(chunks);
  }

  /**
   * Puts names where other threads can see them.
   *
   * @param directory Real path of their directory.
   * @param names The names.
   * @returns What to give to others, and what to look at it with.
   */
  static share(
    directory: string,
    names: PackedNames,
  ): { readonly shared: SharedNames; readonly lookup: SharedLookup } {
    const textAt = headBytes(chunksOf(names.count)) + names.count * PACKED_BYTES;
    const shared = { directory, memory: new SharedArrayBuffer(textAt + names.textBytes) };
    new Int32Array(shared.memory, 0, 1)[0] = names.count;
    const lookup = new SharedLookup(shared);
    lookup.#ends.set(names.writeTo(new Uint8Array(shared.memory), textAt));
    return { shared, lookup };
  }

  /** Bytes that sharing names takes, beside them; their text is taken to be as much as they are. */
  static cost(names: Names): number {
    return names.count * PACKED_BYTES + names.cost;
  }

  /** Takes the first chunk that nobody has; undefined where there is none. */
  take(): number | undefined {
    for (let chunk = 0; chunk < this.#states.length; chunk++) {
      if (this.takeThis(chunk)) return chunk;
    }
    return undefined;
  }

  /** Takes a chunk, unless it is taken. */
  takeThis(chunk: number): boolean {
    return Atomics.compareExchange(this.#states, chunk, FREE, TAKEN) === FREE;
  }

  /** Looks up the names of a chunk that was taken, and says that it is done. */
  lookUp(chunk: number): void {
    const facts = this.facts(chunk);
    const names = this.#names(chunk);
    for (let at = 0; at < names.length; at++) {
      facts.lookUp(at, joinPath(this.#directory, names[at] ?? ""));
    }
    Atomics.store(this.#states, chunk, DONE);
  }

  /** Whether the facts of a chunk are there. */
  isDone(chunk: number): boolean {
    return Atomics.load(this.#states, chunk) === DONE;
  }

  /** The facts of a chunk. */
  facts(chunk: number): PackedFacts {
    const first = chunk * CHUNK;
    const count = Math.min(CHUNK, this.#count - first);
    return new PackedFacts(this.#memory, this.#factsAt + first * PACKED_BYTES, count);
  }

  /** Leaves nothing for others to take. */
  close(): void {
    while (this.take() !== undefined);
  }

  #names(chunk: number): string[] {
    const textAt = this.#factsAt + this.#count * PACKED_BYTES;
    const start = chunk === 0 ? textAt : this.#ends[chunk - 1] ?? textAt;
    // A decoder takes no memory that others may write.
    const text = new Uint8Array(this.#memory, start, (this.#ends[chunk] ?? start) - start).slice();
    return namesOf(text);
  }
}

function chunksOf(names: number): number {
  return Math.ceil(names / CHUNK);
}

/** The facts begin at a multiple of eight. */
function headBytes(chunks: number): number {
  return Math.ceil((1 + 2 * chunks) / 2) * 2 * Int32Array.BYTES_PER_ELEMENT;
}
