/**
 * The options of `serve` as typed values.
 *
 * @module
 */
import { COMMAND_LINE, type Given, type Place, type Problems } from "./config_problem.ts";
import { OPTION_ENTRIES, type OptionName, SERVE_OPTIONS, type ServeOption } from "./serve_usage.ts";

type Table = typeof SERVE_OPTIONS;

/** The type of one value of an option. */
export type OptionValue<K extends OptionName> = ReturnType<Table[K]["read"]>;

/** The type of an option that may be missing only where it has no default. */
export type Setting<K extends OptionName> = Table[K] extends { readonly default: string | number }
  ? OptionValue<K>
  : OptionValue<K> | undefined;

/** What was given, by option. */
export type GivenOptions = ReadonlyMap<OptionName, readonly Given[]>;

/** The values of one option, and where they were given. */
interface Entry {
  readonly values: readonly unknown[];
  readonly place: Place;
}

/** All options with their values. */
export class Settings {
  readonly #entries = new Map<OptionName, Entry>();

  /**
   * Reads every option.
   *
   * @param layers What was given; where several give an option, the first of them wins.
   * @param problems Takes what is not valid, also of what is hidden.
   */
  constructor(layers: readonly GivenOptions[], problems: Problems) {
    for (const [name, option] of OPTION_ENTRIES) {
      const read = (one: Given): unknown => problems.read(one, option.read);
      const entries = layers.flatMap((layer): Entry[] => {
        const given = layer.get(name) ?? [];
        const place = given.at(-1)?.place;
        if (place === undefined) return [];
        return [{ place, values: given.map(read).filter((value) => value !== undefined) }];
      });
      const [winner] = entries;
      if (winner !== undefined) this.#entries.set(name, winner);
    }
  }

  /** Where an option was given; the command line where it was not. */
  place(name: OptionName): Place {
    return this.#entries.get(name)?.place ?? COMMAND_LINE;
  }

  /** Whether a valid value was given. */
  has(name: OptionName): boolean {
    return this.all(name).length > 0;
  }

  /** All values of a repeatable option, in order. */
  all<K extends OptionName>(name: K): readonly OptionValue<K>[] {
    return (this.#entries.get(name)?.values ?? []) as readonly OptionValue<K>[];
  }

  /** The value of an option, or its default. */
  one<K extends OptionName>(name: K): Setting<K> {
    return (this.all(name).at(-1) ?? defaultOf(name)) as Setting<K>;
  }
}

function defaultOf(name: OptionName): unknown {
  const option: ServeOption<unknown> = SERVE_OPTIONS[name];
  return option.default === undefined ? undefined : option.read(String(option.default), "");
}
