// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const accepted = 'where it is accepted, HTTP/1.0 without a Host reaches the backend of the default host';
const named = 'where it is accepted, HTTP/1.0 with a Host reaches the backend of that host';
const refused = 'by default, HTTP/1.0 is refused before the backend sees it';
const modern = 'by default, HTTP/1.1 reaches the backend';

export default defineCheck({
  id: 'lp-http10',
  title: 'HTTP/1.0 is served where the listener says so, for the host that it says',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    envoyDocs('Http1ProtocolOptions', 'api-v3/config/core/v3/protocol.proto#config-core-v3-http1protocoloptions'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo', 'otherEcho'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: accepted },
    { name: 'another-default', title: 'The default host is another', breaks: accepted },
    { name: 'on-every-port', title: 'HTTP/1.0 is accepted on every port', breaks: refused },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho }) {
    const [host, other] = [hostname(), hostname('other')];
    const edge = gateway('old')
      .listener({ name: 'accepts', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'default', port: 8180, protocol: 'HTTP' });
    const defaultHostForHttp10 = sabotaged('another-default') ? other : host;
    const listener = { httpSettings: { acceptHttp10: true, defaultHostForHttp10 } };
    const policy = listenerPolicy(
      'old',
      [edge],
      sabotaged('on-every-port') ? { default: listener } : { perPort: [{ port: 8080, listener }] },
    );
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    await apply(
      httpRoute('app').on(own).host(host).rule({ to: echo.service }),
      httpRoute('other').on(own).host(other).rule({ to: otherEcho.service }),
    );
    const old = { protocol: 'http/1.0' } as const;

    await expect.eventually(accepted, async () => {
      await reached(await own.send(old, 'accepts'), echo);
    });
    await expect.eventually(named, async () => {
      await reached(await own.send({ ...old, host: other }, 'accepts'), otherEcho);
    });
    await expect.eventually(modern, async () => {
      await reached(await own.send({ host }, 'default'), echo);
    });
    await expect.eventually(refused, async () => {
      await denied(await own.send(old, 'default'), { status: 426, before: [echo, otherEcho] });
      await denied(await own.send({ ...old, host }, 'default'), { status: 426, before: [echo, otherEcho] });
    });
  },
});
