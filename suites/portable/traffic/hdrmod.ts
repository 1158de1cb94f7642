// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const request = 'the backend sees the request’s headers as the policy leaves them';
const response = 'the client sees the answer’s headers as the policy leaves them';
const sibling = 'a route without the policy changes nothing';

const changes = { set: { 'x-set': 'by-policy' }, add: { 'x-add': 'by-policy' }, remove: ['x-remove'] };
const sent = { 'x-set': 'sent', 'x-add': 'sent', 'x-remove': 'sent' };

export default defineCheck({
  id: 'hdrmod',
  title: 'Headers of requests and answers are set, added and removed as the policy says',
  feature: 'traffic.header-modifiers',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/shared/header_modifier_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/header_modifiers.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: request },
    { name: 'answers-unchanged', title: 'The policy does not change answers', breaks: response },
    { name: 'on-the-sibling-too', title: 'The sibling has the same policy', breaks: sibling },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const hosts = { app: hostname(), sibling: hostname('sibling') };
    const route = httpRoute('app').on(gateway).host(hosts.app).rule({ to: echo.service });
    const other = httpRoute('sibling').on(gateway).host(hosts.sibling).rule({ to: echo.service });
    await echo.program({ headers: sent });
    const intent = policy.headers({ request: changes, ...(sabotaged('answers-unchanged') ? {} : { response: changes }) });
    await policies.apply(intent, route);
    if (sabotaged('on-the-sibling-too')) await policies.apply(intent, other, 'sibling');
    await apply(route, other);
    const send = (host: string) => gateway.get('/', { host, headers: sent });
    const changed = (message: Parameters<typeof header>[0]) => {
      header(message, 'x-set', 'by-policy');
      header(message, 'x-add', /^sent, ?by-policy$/);
      header(message, 'x-remove', absent);
    };

    await expect.eventually(request, async () => changed(await reached(await send(hosts.app), echo)));

    await expect.eventually(response, async () => {
      const exchange = await send(hosts.app);
      await reached(exchange, echo);
      changed(exchange);
    });

    await expect.eventually(sibling, async () => {
      const exchange = await send(hosts.sibling);
      const arrival = await reached(exchange, echo);
      for (const message of [arrival, exchange]) for (const [name, value] of Object.entries(sent)) header(message, name, value);
    });
  },
});
