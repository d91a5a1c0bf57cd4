/**
 * Single metrics in the text format of Prometheus (0.0.4).
 *
 * @module
 */

/** Values by label name. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is called, and what it tells. */
export interface MetricName {
  /** With its unit, and for a counter `_total` at its end. */
  readonly name: string;
  /** One line. */
  readonly help: string;
}

function head({ name, help }: MetricName, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const escaped = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
    return `${name}="${escaped}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** The text of a value that is known at the moment of asking. */
export function gaugeText(about: MetricName, value: number): string {
  return `${head(about, "gauge")}${about.name} ${value}\n`;
}

/** A number that only grows, for each set of labels. */
export class Counter {
  readonly #about: MetricName;
  readonly #values = new Map<string, number>();

  /** Starts with these labels at zero: what has not happened yet is told too. */
  constructor(about: MetricName, known: readonly Labels[] = []) {
    this.#about = about;
    for (const labels of known) this.add(labels, 0);
  }

  /** Counts. */
  add(labels: Labels, amount = 1): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** Everything as text, in the order of the labels. */
  text(): string {
    const { name } = this.#about;
    const lines = [...this.#values].sort().map(([key, value]) => `${name}${key} ${value}\n`);
    return head(this.#about, "counter") + lines.join("");
  }
}

/** How often a value was below each of some bounds. */
export class Histogram {
  readonly #about: MetricName;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** Starts empty; the bounds grow. */
  constructor(about: MetricName, bounds: readonly number[]) {
    this.#about = about;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** Counts a value. */
  observe(value: number): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
    this.#count++;
  }

  /** Everything as text. */
  text(): string {
    const { name } = this.#about;
    let below = 0;
    const buckets = this.#bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${below}\n`;
    });
    return head(this.#about, "histogram") + buckets.join("") +
      `${name}_bucket{le="+Inf"} ${this.#count}\n` +
      `${name}_sum ${this.#sum}\n${name}_count ${this.#count}\n`;
  }
}
