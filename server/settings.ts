/**
 * The options of `serve` as typed values.
 *
 * @module
 */
import type { Given, Problems } from "./config_problem.ts";
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

/** All options with their values. */
export class Settings {
  readonly #values = new Map<OptionName, readonly unknown[]>();

  /**
   * Reads every option.
   *
   * @param given What was given.
   * @param problems Takes what is not valid; such an option is as if it had not been given.
   */
  constructor(given: GivenOptions, problems: Problems) {
    for (const [name, option] of OPTION_ENTRIES) {
      const values = (given.get(name) ?? [])
        .map((one) => problems.read(one, option.read))
        .filter((value) => value !== undefined);
      this.#values.set(name, values);
    }
  }

  /** Whether a valid value was given. */
  has(name: OptionName): boolean {
    return (this.#values.get(name)?.length ?? 0) > 0;
  }

  /** All values of a repeatable option, in order. */
  all<K extends OptionName>(name: K): readonly OptionValue<K>[] {
    return (this.#values.get(name) ?? []) as readonly OptionValue<K>[];
  }

  /** The value of an option, or its default. */
  one<K extends OptionName>(name: K): Setting<K> {
    return (this.#values.get(name)?.at(-1) ?? defaultOf(name)) as Setting<K>;
  }
}

function defaultOf(name: OptionName): unknown {
  const option: ServeOption<unknown> = SERVE_OPTIONS[name];
  return option.default === undefined ? undefined : option.read(String(option.default), "");
}
