// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds } from '../../../harness/units.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap } from '../../../fixtures/core/core.ts';
import { backendTlsPolicy } from '../../../fixtures/gateway-api/backend-tls-policy.ts';
import type { Fault } from '../../../mocks/instance/fault.ts';
import type { EventRow } from '../event-row.ts';
import { needsServer } from './applicability.ts';

/** Of the 900 ms that the policies give their servers; the rest is for a busy machine. */
const nearlyTooLong = milliseconds(600);

/** A server that does this to its clients, and then is itself again. */
const fault = (id: string, does: string, what: Fault, telling = false): EventRow => ({
  id,
  group: 'peer',
  title: `its server ${does}, and then is back`,
  telling,
  cannot: needsServer(),
  play: async (cell) => {
    const peer = cell.policy.server?.peer;
    await cell.interrupt(`the server ${does}`, async () => peer?.fault(what));
    await cell.watch(seconds(3));
    await cell.restore('the server is back', async () => {
      await peer?.fault('none');
      await cell.policy.server?.restore();
    });
  },
});

const serverName = 'server.gauntlet.test';

/** The server is verified by its certificate, and someone takes its place who has one of another authority and lets everyone pass. */
const impostor: EventRow = {
  id: 'peer-wrong-certificate',
  group: 'peer',
  disturbs: 'clusters',
  title: 'an impostor takes the place of its server, with a certificate of another authority, and then the server is back',
  starts: 'bare',
  cannot: needsServer(),
  play: async (cell) => {
    const { resources } = cell;
    const { server } = cell.policy;
    const [servers, mallory] = await Promise.all([certificateAuthority('servers'), certificateAuthority('mallory')]);
    const issued = [servers, mallory].map((authority) => authority.issue({ name: serverName, usage: 'server' }));
    const [own = null, foreign = null] = await Promise.all(issued);
    if (server === undefined) return;
    const { peer } = server;
    await cell.arm('the server is verified, and policy and route are written', async () => {
      await peer.serveTls(own);
      await resources.write(
        caConfigMap('servers', [servers]),
        backendTlsPolicy('servers', peer.service, { hostname: serverName, cas: ['servers'] }),
      );
      await resources.writePolicy('over-tls');
      await resources.writeRoutes();
    });
    await cell.interrupt('an impostor takes the place of the server', async () => {
      await peer.serveTls(foreign);
      await server.letThemPass();
    });
    await cell.watch(seconds(3));
    await cell.restore('the server is back', async () => {
      await server.restore();
      await peer.serveTls(own);
    });
    await cell.interrupt('the server speaks plain text again, as the next cell wants it', () => peer.serveTls(null));
  },
};

/** What happens to the server that the policy asks, or that publishes its keys. */
export const peerEvents: readonly EventRow[] = [
  {
    id: 'peer-down-from-start',
    group: 'peer',
    title: 'its server refuses connections from the start, and then comes up',
    starts: 'bare',
    cannot: needsServer(),
    play: async (cell) => {
      const peer = cell.policy.server?.peer;
      cell.forbid();
      await cell.interrupt('policy and route are written while the server is down', async () => {
        await peer?.fault('refuse');
        await cell.resources.writePolicy();
        await cell.resources.writeRoutes();
      });
      await cell.watch(seconds(3));
      await cell.restore('the server comes up', async () => peer?.fault('none'));
    },
  },
  fault('peer-lost', 'refuses connections', 'refuse', true),
  fault('peer-resets', 'resets connections', 'reset'),
  fault('peer-hangs', 'answers nothing', 'hang', true),
  fault('peer-half-closes', 'closes its side before it has answered', 'half-close'),
  fault('peer-garbage', 'answers with what is no answer', 'malformed'),
  fault('peer-fails', 'answers 503', { status: 503 }),
  {
    id: 'peer-slow',
    group: 'peer',
    title: 'its server takes nearly as long as it may',
    cannot: needsServer('asks'),
    play: async (cell) => {
      await cell.event('the server becomes slow', async () => cell.policy.server?.slow?.(nearlyTooLong));
      await cell.watch(seconds(3));
      await cell.step('the server is as fast as before', async () => cell.policy.server?.restore());
    },
  },
  impostor,
];
