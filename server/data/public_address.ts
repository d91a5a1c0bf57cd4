/**
 * Which address 227 tells a client.
 *
 * @module
 */
import { inNetwork, type Network, parseNetwork } from "../../shared/network.ts";
import type { SessionConfig } from "../configuration/config.ts";

/** A client, and how it came. */
export interface Route {
  /** The client's address. */
  readonly client: string;
  /** The address that it reached. */
  readonly reached: string;
}

/** Means, in place of an address: the one that the client reached. */
const REACHED = "local";

/** The addresses of a worker, for all its sessions: a change holds for those that run too. */
export class PublicAddress {
  #networks: readonly { readonly network: Network; readonly address: string }[] = [];
  #address: string | undefined;

  /** Takes them from the settings. */
  constructor(config: SessionConfig) {
    this.use(config);
  }

  /** Takes other settings. */
  use({ publicAddress, publicAddresses }: SessionConfig): void {
    this.#address = publicAddress;
    this.#networks = publicAddresses.map(({ network, address }) => ({
      network: parseNetwork(network),
      address,
    }));
  }

  /** Takes another address for those who belong to no network that is named. */
  tell(address: string | undefined): void {
    this.#address = address;
  }

  /** The address to tell: of the first network that fits, else the public one, else the reached one. */
  of({ client, reached }: Route): string {
    const named = this.#networks.find(({ network }) => inNetwork(network, client))?.address;
    const address = named ?? this.#address;
    return address === undefined || address === REACHED ? reached : address;
  }
}
