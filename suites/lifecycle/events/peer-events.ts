// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import type { Fault } from '../../../mocks/instance/fault.ts';
import type { EventRow } from '../event-row.ts';
import type { PolicyRow } from '../policy-row.ts';

const needsPeer = ({ peer }: PolicyRow): string | undefined => (peer === undefined ? 'the policy asks no server' : undefined);

/** A server that does this to its clients, and then is itself again. */
const fault = (id: string, does: string, what: Fault, telling = false): EventRow => ({
  id,
  group: 'peer',
  title: `its server ${does}, and then is back`,
  telling,
  cannot: needsPeer,
  play: async (cell) => {
    const peer = cell.policy.server?.peer;
    await cell.interrupt(`the server ${does}`, async () => peer?.fault(what));
    await cell.watch(seconds(3));
    await cell.restore('the server is back', async () => {
      await peer?.fault('none');
      await cell.policy.server?.restore();
    });
    await cell.watch(seconds(1));
  },
});

/** What happens to the server that the policy asks, or that publishes its keys. */
export const peerEvents: readonly EventRow[] = [
  {
    id: 'peer-down-from-start',
    group: 'peer',
    title: 'its server refuses connections from the start, and then comes up',
    starts: 'bare',
    cannot: needsPeer,
    play: async (cell) => {
      const peer = cell.policy.server?.peer;
      cell.forbid('now');
      await cell.interrupt('policy and route are written while the server is down', async () => {
        await peer?.fault('refuse');
        await cell.resources.writePolicy();
        await cell.resources.writeRoutes();
      });
      await cell.watch(seconds(3));
      await cell.restore('the server comes up', async () => peer?.fault('none'));
      await cell.watch(seconds(1));
    },
  },
  fault('peer-lost', 'refuses connections', 'refuse', true),
  fault('peer-resets', 'resets connections', 'reset'),
  fault('peer-hangs', 'answers nothing', 'hang', true),
  fault('peer-half-closes', 'closes its side before it has answered', 'half-close'),
  fault('peer-garbage', 'answers with what is no answer', 'malformed'),
  fault('peer-fails', 'answers 503', { status: 503 }),
];
