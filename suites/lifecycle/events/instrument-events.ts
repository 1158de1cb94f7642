// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import type { EventRow } from '../event-row.ts';
import type { PolicyRow } from '../policy-row.ts';

const canBeOpened = ({ id }: PolicyRow): string | undefined =>
  id === 'ext-auth-grpc' ? undefined : 'the instrument is tried on one policy, whose server can open it for a given time';

/** A hole of known size: the authorization server lets everyone through for so long. */
const opened = (ms: NonNullable<EventRow['opensMs']>): EventRow => ({
  id: `opened-${ms}ms`,
  group: 'instrument',
  opensMs: ms,
  title: `it is opened by force for ${ms} ms`,
  cannot: canBeOpened,
  play: async (cell) => {
    await cell.watch(seconds(0.5));
    await cell.event(`the server lets everyone through for ${ms} ms`, () => cell.stage.extAuth.program({ openForMs: ms }));
    await cell.watch(seconds(1.5));
  },
});

/** Nothing, and holes of known size: whether the instrument sees what is there, and nothing else. */
export const instrumentEvents: readonly EventRow[] = [
  {
    id: 'quiet',
    group: 'instrument',
    title: 'nothing happens',
    cannot: canBeOpened,
    play: async (cell) => {
      await cell.event('nothing', () => Promise.resolve());
      await cell.watch(seconds(2));
    },
  },
  opened(5),
  opened(50),
  opened(500),
];
