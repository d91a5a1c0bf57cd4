/**
 * The names that a directory of the local disk holds.
 *
 * @module
 */
import { isAddressable, isUtf8Name } from "./file_rule.ts";

/** Names that can be used; of the others it is only known that there are some. */
export class DirectoryNames {
  #usable: string[] = [];
  #undecoded = false;

  /** How many can be used. */
  get count(): number {
    return this.#usable.length;
  }

  /** Whether there were some that are not UTF-8. */
  get undecoded(): boolean {
    return this.#undecoded;
  }

  /** Adds a name as the directory holds it. */
  add(name: string): void {
    if (isAddressable(name)) this.#usable.push(name);
    else if (!isUtf8Name(name)) this.#undecoded = true;
  }

  /** Gives what can be used, and begins anew. */
  take(): string[] {
    const names = this.#usable;
    this.#usable = [];
    return names;
  }
}
