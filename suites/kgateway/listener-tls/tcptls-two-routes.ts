// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { holds, reached, refused } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const oldest = 'of two TCPRoutes on one listener the older one gets every connection';
const twoRules = 'a TCPRoute with two rules gets none';
const said = 'the routes that are not served say that they are not accepted';

export default defineCheck({
  id: 'tcptls-two-routes',
  title: 'A listener serves one TCPRoute with one rule: the oldest; a route that it does not serve says so',
  feature: 'routing.tcp-tls',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
    gatewayApi('RouteConditionAccepted', 'shared_types.go'),
  ],
  requires: ['gateways', 'otherTcpEcho', 'tcpEcho'],
  sabotages: [
    { name: 'younger-alone', title: 'The older route is left out', breaks: oldest },
    { name: 'one-rule', title: 'The route with two rules has one', breaks: twoRules },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateways, otherTcpEcho, tcpEcho }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('server', await authority.issue({ name: host, usage: 'server' })));
    const own = await gateways.own(
      gateway('stream')
        .listener({ name: 'two-routes', port: 9443, protocol: 'TLS', certificates: ['server'] })
        .listener({ name: 'two-rules', port: 9444, protocol: 'TLS', certificates: ['server'] }),
    );
    const send = (listener: string) => own.send({ host, tls: { ca: authority.certificate }, tcp: 'hello' }, listener);
    const older = tcpRoute('older', { gateway: own, listener: 'two-routes', to: tcpEcho.service });
    const doubled = tcpRoute('doubled', {
      gateway: own,
      listener: 'two-rules',
      to: tcpEcho.service,
      rules: sabotaged('one-rule') ? 1 : 2,
    });
    if (!sabotaged('younger-alone')) {
      const [applied] = await apply(older);
      const bornAt = Date.parse(String(applied?.metadata['creationTimestamp']));
      // Ages are told in whole seconds.
      await expect.eventually('a second has passed', () => holds(Date.now() - bornAt > 1100, 'more than a second', 'less'), { streak: 1 });
    }
    const younger = tcpRoute('younger', { gateway: own, listener: 'two-routes', to: otherTcpEcho.service });
    await apply(doubled, younger);

    await expect.eventually(oldest, async () => {
      await reached(await send('two-routes'), tcpEcho);
    });
    await expect.consistently(`${oldest}, and goes on to`, async () => {
      await reached(await send('two-routes'), tcpEcho);
    });

    await expect.consistently(twoRules, async () => refused(await send('two-rules'), { before: [tcpEcho, otherTcpEcho] }));

    await expect.eventually(
      said,
      async () => {
        for (const route of [doubled, younger]) {
          condition(await kube.get(referenceTo(route, namespace)), 'Accepted', { status: 'False' });
        }
      },
      { within: seconds(3), streak: 1 },
    );
  },
});
