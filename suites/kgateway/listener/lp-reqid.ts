// SPDX-License-Identifier: Apache-2.0
import { absent, header, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const made = 'by default, a request without an id gets one';
const replaced = 'by default, the id that a client sends is replaced';
const kept = 'with preserveExternalRequestId, the id that a client sends is kept';
const none = 'without generateRequestId, a request gets no id';

/** As Envoy makes them. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ofTheClient = 'made-up-by-the-client';

export default defineCheck({
  id: 'lp-reqid',
  title: 'Request ids are made, kept or left out as the listener says',
  feature: 'listener.request-id',
  specification: [
    envoyDocs('x-request-id', 'configuration/http/http_conn_man/headers#x-request-id'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'preserved-everywhere', title: 'Every port keeps ids of clients', breaks: replaced },
    { name: 'policy-left-out', title: 'There is no policy', breaks: kept },
    { name: 'generated-everywhere', title: 'No port leaves ids out', breaks: none },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('ids')
      .listener({ name: 'default', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'keeps', port: 8180, protocol: 'HTTP' })
      .listener({ name: 'makes-none', port: 8280, protocol: 'HTTP' });
    const policy = listenerPolicy('ids', [edge], {
      default: sabotaged('preserved-everywhere') ? { httpSettings: { preserveExternalRequestId: true } } : {},
      perPort: [
        { port: 8180, listener: { httpSettings: { preserveExternalRequestId: true } } },
        { port: 8280, listener: { httpSettings: { generateRequestId: sabotaged('generated-everywhere') } } },
      ],
    });
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const arrivalOver = async (listener: string, headers: Readonly<Record<string, string>> = {}) =>
      reached(await own.get('/', { host, headers }, listener), echo);
    const withId = { 'x-request-id': ofTheClient };

    await expect.eventually(made, async () => header(await arrivalOver('default'), 'x-request-id', uuid));
    await expect.eventually(replaced, async () => header(await arrivalOver('default', withId), 'x-request-id', uuid));
    await expect.eventually(kept, async () => header(await arrivalOver('keeps', withId), 'x-request-id', ofTheClient));
    await expect.eventually(none, async () => header(await arrivalOver('makes-none'), 'x-request-id', absent));
  },
});
