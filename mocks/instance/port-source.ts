// SPDX-License-Identifier: Apache-2.0

/** Gives the next port to try; 0 leaves the choice to the kernel. */
export type PortSource = () => number;

/**
 * Ports of the peers' pod, in turn. They lie below the kernel's ephemeral range (32768 up) and come round only after all others,
 * so a port stays its instance's own even while a `refuse` fault keeps it closed.
 */
export function portsInTurn(first = 20_000, count = 10_000): PortSource {
  let next = 0;
  return () => first + (next++ % count);
}
