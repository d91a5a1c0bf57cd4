/**
 * A public address that is given as a host name: looked up again as it may change.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { reasonOf } from "../../shared/errors.ts";
import { log } from "../../shared/log.ts";

/** Finds the IPv4 addresses of a host; throws where there are none. */
export type Resolver = (name: string) => Promise<readonly string[]>;

/** What a lookup needs. */
export interface AddressLookupOptions {
  /** Called with each new address. */
  readonly onChange: (address: string | undefined) => void;
  /** Asks the system unless given. */
  readonly resolve?: Resolver;
  /** Milliseconds between two lookups; a minute unless given. */
  readonly interval?: number;
}

const MINUTE = 60_000;

/** Milliseconds for one lookup. */
const LOOKUP_TIME = 5000;
const NO_ANSWER = `no answer within ${LOOKUP_TIME / 1000} s`;

/** Keeps the address of one host name; what is an address already stays as it is. */
export class AddressLookup implements Disposable {
  readonly #options: AddressLookupOptions;
  #name: string | undefined;
  #address: string | undefined;
  #failed = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Makes one that knows nothing yet. */
  constructor(options: AddressLookupOptions) {
    this.#options = options;
  }

  /** The last address that was found. */
  get address(): string | undefined {
    return this.#address;
  }

  /**
   * Takes a name, or an address, and looks it up. The caller reads {@linkcode AddressLookup.address}
   * afterwards; only later changes are told.
   *
   * @param name What the configuration says; undefined: there is no public address.
   */
  async use(name: string | undefined): Promise<void> {
    clearInterval(this.#timer);
    if (name !== this.#name) this.#address = undefined;
    this.#name = name;
    this.#failed = false;
    if (name === undefined || isIPv4(name)) {
      this.#address = name;
      return;
    }
    await this.#look(name);
    this.#timer = setInterval(() => void this.#refresh(name), this.#options.interval ?? MINUTE);
  }

  async #refresh(name: string): Promise<void> {
    const before = this.#address;
    await this.#look(name);
    if (name === this.#name && this.#address !== before) this.#options.onChange(this.#address);
  }

  /** Of several addresses the one in use stays, so that an order that changes does no harm. */
  async #look(name: string): Promise<void> {
    try {
      const found = await this.#find(name);
      if (name !== this.#name) return;
      this.#failed = false;
      if (this.#address !== undefined && found.includes(this.#address)) return;
      this.#address = found[0];
      log.info(`public address ${name} is ${this.#address}`);
    } catch (error) {
      if (!this.#failed) log.warning(`${problem(name, this.#address)}: ${reasonOf(error)}`);
      this.#failed = true;
    }
  }

  /** Nobody waits for a name server that does not answer. */
  async #find(name: string): Promise<readonly string[]> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(NO_ANSWER)), LOOKUP_TIME);
    try {
      return await Promise.race([(this.#options.resolve ?? systemResolver)(name), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stops looking. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function problem(name: string, address: string | undefined): string {
  const instead = address === undefined
    ? "clients are told the address that they reached"
    : `${address} stays`;
  return `public address ${name} cannot be found, ${instead}`;
}

async function systemResolver(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, family: 4 });
  return found.map(({ address }) => address);
}
