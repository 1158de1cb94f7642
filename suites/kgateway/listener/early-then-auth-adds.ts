// SPDX-License-Identifier: Apache-2.0
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const vouched = 'the backend sees the user whom the server names, and not the one whom the client names';
const refused = 'a request without the credential is denied before the backend sees it';
const unnamed = 'where the server names nobody, the backend sees nobody';

const credential = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'early-then-auth-adds',
  title: 'A header that the listener takes from clients can still be set by the authorization server',
  feature: 'listener.early-headers',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go')],
  requires: ['gateways', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: 'server-names-nobody', title: 'The server adds no header', breaks: vouched },
    { name: 'nothing-removed', title: 'The listener leaves the header to clients', breaks: unnamed },
    { name: 'not-asked', title: 'The server says yes to everyone', breaks: refused },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, extAuth, policies }) {
    const host = hostname();
    const edge = gateway('early').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const removed = { httpSettings: { earlyRequestHeaderModifier: { remove: ['x-user'] } } };
    if (!sabotaged('nothing-removed')) await apply(listenerPolicy('early', [edge], { default: removed }));
    const always = sabotaged('not-asked') ? ({ always: 'allow' } as const) : {};
    await extAuth.program({ ...always, addHeaders: sabotaged('server-names-nobody') ? {} : { 'x-user': 'alice' } });
    const own = await gateways.own(edge);
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await policies.apply(policy.extAuth({ server: extAuth.service }), route);
    await apply(route);
    const asMallory = { ...credential, 'x-user': 'mallory' };

    await expect.eventually(vouched, async () =>
      header(await reached(await own.get('/', { host, headers: asMallory }), echo), 'x-user', 'alice'),
    );
    await expect.eventually(refused, async () =>
      denied(await own.get('/', { host, headers: { 'x-user': 'mallory' } }), { ...policies.outcomes.extAuthDenied, before: echo }),
    );

    await extAuth.program({ ...always, addHeaders: {} });
    await expect.eventually(unnamed, async () =>
      header(await reached(await own.get('/', { host, headers: asMallory }), echo), 'x-user', absent),
    );
  },
});
