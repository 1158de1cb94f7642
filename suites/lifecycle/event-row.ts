// SPDX-License-Identifier: Apache-2.0
import type { openingLengths } from '../../harness/lifecycle/detection.ts';
import type { CellPlay } from './cell-play.ts';
import type { Level } from './levels.ts';
import type { PolicyRow } from './policy-row.ts';

/** What can happen in the life of a policy, by what it happens to. */
export const eventGroups = ['policy', 'peer', 'reference', 'neighbour', 'machinery', 'instrument'] as const;

/** Why there is no such cell; undefined if there is. */
export type Cannot = (policy: PolicyRow, level: Level) => string | undefined;

/** Something that happens while requests are sent. */
export interface EventRow {
  /** Second part of the id of its cells. */
  readonly id: string;
  readonly group: (typeof eventGroups)[number];
  readonly title: string;
  /** Whether the policy is in force before the event, or comes with it. `in-force` by default. */
  readonly starts?: 'in-force' | 'bare';
  /** Opens the policy by force for so many milliseconds, which must be seen as surely as the cell claims. */
  readonly opensMs?: (typeof openingLengths)[number];
  /** Disturbs every cell that plays meanwhile, so that only cells of this event are played at once, in step ({@link CellPlay.meet}). `false` by default. */
  readonly inStep?: boolean;
  /**
   * What of the whole cluster it changes, so that it is played apart from all cells that do not: `clusters` are what proxies know of Services, and
   * kgateway tells every proxy of each.
   */
  readonly disturbs?: 'clusters';
  /** Among the most telling ones, which a pull request is asked. `false` by default. */
  readonly telling?: boolean;
  readonly cannot?: Cannot;
  /** Lets it happen, and watches. */
  play(cell: CellPlay): Promise<void>;
}
