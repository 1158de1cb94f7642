// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { header, status } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { httpListenerPolicy } from '../../../fixtures/kgateway/http-listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const passed = 'the answer has the Server header of the backend, as the policy says';
const accepted = 'the policy says that it is accepted and attached';
const gone = 'once the policy is gone, the proxy writes its own';

export default defineCheck({
  id: 'hlp-still-works',
  title: 'The deprecated HTTPListenerPolicy still takes effect and still reports',
  feature: 'listener.http-listener-policy',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/httplistenerpolicy/httplistener_plugin.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: passed },
    { name: 'policy-stays', title: 'The policy is not removed', breaks: gone },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const edge = gateway('deprecated').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const policy = httpListenerPolicy('deprecated', [edge], { serverHeaderTransformation: 'PassThrough' });
    if (!sabotaged('policy-left-out')) await apply(policy);
    await echo.program({ headers: { server: 'echo/1.0' } });
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const serverIs = async (name: string) => {
      // An established connection keeps the listener that it came in by.
      const exchange = await own.get('/', { host, freshConnection: true });
      status(exchange, 200);
      header(exchange, 'server', name);
    };

    await expect.eventually(passed, () => serverIs('echo/1.0'));
    await expect.eventually(
      accepted,
      async () => {
        const stored = await kube.get(referenceTo(policy, namespace));
        condition(stored, 'Accepted', { reason: 'Valid', of: `ancestor ${own.name}` });
        condition(stored, 'Attached', { reason: 'Attached', of: `ancestor ${own.name}` });
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('policy-stays')) await kube.remove(referenceTo(policy, namespace));
    await expect.eventually(gone, () => serverIs('envoy'));
  },
});
