// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const fits = 'headers below the limit reach the backend';
const tooLarge = 'headers above the limit of the policy are refused before the backend sees them';
const byDefault = 'without a policy, the same headers reach the backend';
const defaultLimit = 'without a policy, headers of more than 60 KiB are refused before the backend sees them';

const kibibytes = (count: number) => ({ 'x-large': 'x'.repeat(count * 1024) });

export default defineCheck({
  id: 'lp-header-size',
  title: 'Request headers are limited to the size that the listener says',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    envoyDocs('max_request_headers_kb', 'configuration/best_practices/edge'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: tooLarge },
    { name: 'on-every-port', title: 'The limit is for every port', breaks: byDefault },
    { name: 'default-raised', title: 'The other port has a higher limit than by default', breaks: defaultLimit },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('sizes')
      .listener({ name: 'limited', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'default', port: 8180, protocol: 'HTTP' });
    const listener = { httpSettings: { maxRequestHeadersKb: 8 } };
    const policy = listenerPolicy('sizes', [edge], {
      ...(sabotaged('on-every-port') ? { default: listener } : {}),
      perPort: [
        { port: 8080, listener },
        ...(sabotaged('default-raised') ? [{ port: 8180, listener: { httpSettings: { maxRequestHeadersKb: 96 } } }] : []),
      ],
    });
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const sending = (count: number, listenerName: string) =>
      own.get('/', { host, headers: kibibytes(count), freshConnection: true }, listenerName);

    await expect.eventually(fits, async () => {
      await reached(await sending(6, 'limited'), echo);
    });
    await expect.eventually(tooLarge, async () => denied(await sending(10, 'limited'), { status: 431, before: echo }));
    await expect.eventually(byDefault, async () => {
      await reached(await sending(10, 'default'), echo);
    });
    await expect.eventually(defaultLimit, async () => denied(await sending(64, 'default'), { status: 431, before: echo }));
  },
});
