// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const small = 'a request with a body within the limit reaches the backend';
const large = 'a request with a larger body is refused before the backend sees it';
const unannounced = 'so is one that does not say how large it is';
const disabled = 'a route that disables the limit of the Gateway takes larger bodies';

const limit = 1024;

export default defineCheck({
  id: 'buffer-413',
  title: 'A request whose body is larger than the policy allows is refused',
  feature: 'traffic.buffering',
  priority: 'P1',
  specification: [
    envoyDocs('Buffer', 'configuration/http/http_filters/buffer_filter'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: large },
    { name: 'limit-is-higher', title: 'The limit is higher than the body', breaks: large },
    { name: 'nothing-disabled', title: 'The route’s policy is left out', breaks: disabled },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const hosts = { plain: hostname('plain'), off: hostname('off') };
    const own = await gateways.own(gateway('buffered').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const off = httpRoute('off').on(own).host(hosts.off).rule({ to: echo.service });
    const maxRequestSize = sabotaged('limit-is-higher') ? '1Mi' : '1Ki';
    await apply.subject(trafficPolicy('limit', [own.resource], { buffer: { maxRequestSize } }));
    if (!sabotaged('nothing-disabled')) await apply(trafficPolicy('off', [off], { buffer: { disable: {} } }));
    await apply(httpRoute('plain').on(own).host(hosts.plain).rule({ to: echo.service }), off);
    const post = (host: string, bytes: number, headers = {}) =>
      own.send({ method: 'POST', host, body: 'x'.repeat(bytes), headers, freshConnection: true });

    await expect.eventually(small, async () => {
      await reached(await post(hosts.plain, limit), echo);
    });

    await expect.eventually(large, async () => denied(await post(hosts.plain, 2 * limit), { status: 413, before: echo }));

    await expect.eventually(unannounced, async () =>
      denied(await post(hosts.plain, 2 * limit, { 'transfer-encoding': 'chunked' }), { status: 413, before: echo }),
    );

    await expect.eventually(disabled, async () => {
      await reached(await post(hosts.off, 2 * limit), echo);
    });
  },
});
