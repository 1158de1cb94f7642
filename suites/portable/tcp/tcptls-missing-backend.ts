// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { holds, reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const weighted = 'two backends share the connections by their weights';
const missing = 'a connection to a backend that does not exist ends without an answer';
const unresolved = 'its route says that the backend is not found';

const connections = 60;
/** Of which the first backend should get three quarters; the bounds are five standard deviations away. */
const [least, most] = [28, 60];

export default defineCheck({
  id: 'tcptls-missing-backend',
  title: 'A TCPRoute shares connections by weight, and says when its backend does not exist',
  feature: 'routing.tcp-tls',
  priority: 'P1',
  specification: [
    gatewayApi('BackendRef', 'shared_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'otherTcpEcho', 'tcpEcho'],
  sabotages: [
    { name: 'weights-reversed', title: 'The weights are the other way round', breaks: weighted },
    { name: 'backend-exists', title: 'The backend exists', breaks: missing },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, otherTcpEcho, tcpEcho }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('server', await authority.issue({ name: host, usage: 'server' })));
    const own = await gateways.own(
      gateway('stream')
        .listener({ name: 'weighted', port: 9443, protocol: 'TLS', certificates: ['server'] })
        .listener({ name: 'missing', port: 9444, protocol: 'TLS', certificates: ['server'] }),
    );
    const [few, many] = sabotaged('weights-reversed') ? [9, 1] : [1, 3];
    const lost = tcpRoute('lost', {
      gateway: own,
      listener: 'missing',
      to: sabotaged('backend-exists') ? tcpEcho.service : { name: 'nobody', port: 8080 },
    });
    await apply(
      tcpRoute('weighted', {
        gateway: own,
        listener: 'weighted',
        to: [
          { ...tcpEcho.service, weight: many },
          { ...otherTcpEcho.service, weight: few },
        ],
      }),
      lost,
    );
    const send = (listener: string) => own.send({ host, tls: { ca: authority.certificate }, tcp: 'hello' }, listener);

    await expect.eventually(
      weighted,
      async () => {
        let first = 0;
        for (let count = 0; count < connections; count += 1) {
          const exchange = await send('weighted');
          const isFirst = exchange.response?.body.startsWith('tcp-echo:') === true;
          await reached(exchange, isFirst ? tcpEcho : otherTcpEcho);
          if (isFirst) first += 1;
        }
        const isFair = first >= least && first < most;
        holds(isFair, `about three quarters of ${connections} at the first`, first < least ? 'fewer' : 'all');
      },
      { streak: 1 },
    );

    await expect.eventually(missing, async () =>
      refused(await send('missing'), { layers: ['tls', 'tcp'], before: [tcpEcho, otherTcpEcho] }),
    );

    await expect.eventually(
      unresolved,
      async () => {
        condition(await kube.get(referenceTo(lost, namespace)), 'ResolvedRefs', { status: 'False', reason: 'BackendNotFound' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
