// SPDX-License-Identifier: Apache-2.0

/** A load under which two gateways are compared. */
export interface GateLoad {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** As the second half of a sentence: `over HTTP/1.1 and connections that stay`. */
  readonly title: string;
  readonly connections: number;
}

/** What `gauntlet bench` compares under. */
export const gateLoads: readonly GateLoad[] = [{ id: 'gate-http1', title: 'over HTTP/1.1 and connections that stay', connections: 16 }];
