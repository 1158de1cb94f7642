// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const served = 'with a sink that exists, requests reach the backend';
const replaced = 'with a sink that does not exist, every listener answers with the replacement, and nothing reaches the backend';
const said = 'policy and Gateway say what is wrong';
const recovered = 'once the sink exists, requests reach the backend again';

export default defineCheck({
  id: 'lp-accesslog-badref',
  title: 'A Gateway whose access log cannot be written serves nothing instead of serving without it',
  feature: 'observability.access-logs',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/access_logging_converter.go'),
  ],
  requires: ['gateways', 'echo', 'accessLog', 'policies'],
  sabotages: [
    { name: 'sink-exists', title: 'The sink exists', breaks: replaced },
    { name: 'stays-broken', title: 'The sink is not put right', breaks: recovered },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo, accessLog, policies }) {
    const host = hostname();
    const edge = gateway('logged')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'other', port: 8180, protocol: 'HTTP' });
    const policyTo = (name: string) => {
      const backendRef = { name, port: accessLog.service.port };
      const listener = { httpSettings: { accessLog: [{ grpcService: { backendRef, logName: 'log' } }] } };
      // For one port only, to see how far it reaches.
      return listenerPolicy('logged', [edge], { perPort: [{ port: 8080, listener }] });
    };
    const policy = policyTo(accessLog.service.name);
    await apply(policy);
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const onEach = async (hold: (listener: string) => Promise<unknown>) => {
      for (const listener of ['http', 'other']) await hold(listener);
    };
    const send = (listener: string) => own.get('/', { host, freshConnection: true }, listener);
    const reaches = () => onEach(async (listener) => reached(await send(listener), echo));
    const { answer, gateway: ofGateway, policy: ofPolicy } = policies.outcomes.brokenPolicy;

    await expect.eventually(served, reaches);

    await apply(policyTo(sabotaged('sink-exists') ? accessLog.service.name : 'nowhere'));
    await expect.eventually(replaced, () => onEach(async (listener) => denied(await send(listener), { ...answer, before: echo })));
    await expect.eventually(
      said,
      async () => {
        condition(await kube.get(referenceTo(policy, namespace)), ofPolicy.type, ofPolicy);
        condition(await kube.get(referenceTo(edge, namespace)), ofGateway.type, { ...ofGateway, of: '' });
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('stays-broken')) await apply(policyTo(accessLog.service.name));
    await expect.eventually(recovered, reaches);
  },
});
