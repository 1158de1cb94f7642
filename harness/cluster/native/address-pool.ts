// SPDX-License-Identifier: Apache-2.0

/** Addresses of one IPv4 network, each held by at most one holder. */
export class AddressPool {
  readonly #free: Set<string>;
  readonly #held = new Map<string, string>();

  /** @param cidr - an IPv4 network; its first and last address are never handed out */
  constructor(cidr: string) {
    this.#free = new Set(hostAddresses(cidr));
  }

  /**
   * The address of a holder: the one that it has, else the wanted one if that is free, else, when none is wanted, the lowest free one.
   *
   * @returns `undefined` when there is none to give.
   */
  take(holder: string, wanted?: string): string | undefined {
    const held = this.#held.get(holder);
    if (held !== undefined) return held;
    const address = wanted ?? this.#free.values().next().value;
    if (address === undefined || !this.#free.delete(address)) return undefined;
    this.#held.set(holder, address);
    return address;
  }

  /** Gives a holder's address back; it is handed out again last. */
  release(holder: string): void {
    const address = this.#held.get(holder);
    if (address === undefined) return;
    this.#held.delete(holder);
    this.#free.add(address);
  }

  /** All holders. */
  get holders(): readonly string[] {
    return [...this.#held.keys()];
  }
}

function hostAddresses(cidr: string): readonly string[] {
  const [network = '', prefix = '32'] = cidr.split('/');
  const base = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const count = 2 ** (32 - Number(prefix));
  return Array.from({ length: Math.max(0, count - 2) }, (_, index) => dotted(base + index + 1));
}

const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
