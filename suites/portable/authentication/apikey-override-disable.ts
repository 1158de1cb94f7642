// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';

const guarded = 'a request without a key is denied';
const wide = 'where only the Gateway’s policy holds, a request with its key reaches the backend';
const widely = 'where only the Gateway’s policy holds, requests with the rule’s key or none are denied';
const narrow = 'the rule with a policy of its own lets a request with its key reach the backend';
const narrowly = 'the rule with a policy of its own denies requests with the Gateway’s key or none';
const open = 'the exempted route lets a request without a key reach the backend';

export default defineCheck({
  id: 'apikey-override-disable',
  title: 'A rule has keys of its own and a route is exempted, and nothing else changes',
  feature: 'authentication.exemption',
  specification: [gep(2648), kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go')],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: guarded },
    { name: 'override-on-the-route', title: 'The policy of the rule targets its whole route', breaks: wide },
    { name: 'override-left-out', title: 'The rule has no policy of its own', breaks: narrow },
    { name: 'keys-of-both', title: 'The rule knows the Gateway’s key as well', breaks: narrowly },
    { name: 'exemption-left-out', title: 'The route is not exempted', breaks: open },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const [host, openHost] = [hostname(), hostname('open')];
    const keys = { gateway: randomSecret(), rule: randomSecret() };
    const sources = [{ header: 'x-api-key' }];
    const edge = gatewayNamed('edge').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const own = await gateways.own(edge);
    const route = httpRoute('app')
      .on(own)
      .host(host)
      .rule({ name: 'special', path: '/special', to: echo.service })
      .rule({ name: 'rest', to: echo.service });
    const exempted = httpRoute('open').on(own).host(openHost).rule({ to: echo.service });
    await policies.apply(policy.apiKey({ keys: { alice: keys.gateway }, sources }), edge, 'wide');
    const narrowTarget = sabotaged('override-on-the-route') ? route : { resource: route, sectionName: 'special' };
    const narrowKeys = { bob: keys.rule, ...(sabotaged('keys-of-both') ? { alice: keys.gateway } : {}) };
    if (!sabotaged('override-left-out')) await policies.apply(policy.apiKey({ keys: narrowKeys, sources }), narrowTarget, 'narrow');
    if (!sabotaged('exemption-left-out')) await policies.apply(policy.exemption('api-key'), exempted, 'exemption');
    await apply(route, exempted);
    const { apiKeyMissing, apiKeyWrong } = policies.outcomes;
    const send = (path: string, key?: string) => own.get(path, { host, headers: key === undefined ? {} : { 'x-api-key': key } });

    await expect.eventually(guarded, async () => denied(await send('/page'), { ...apiKeyMissing, before: echo }));
    await expect.eventually(wide, async () => {
      await reached(await send('/page', keys.gateway), echo);
    });
    await expect.eventually(widely, async () => {
      await denied(await send('/page', keys.rule), { ...apiKeyWrong, before: echo });
      await denied(await send('/page'), { ...apiKeyMissing, before: echo });
    });

    await expect.eventually(narrow, async () => {
      await reached(await send('/special', keys.rule), echo);
    });
    await expect.eventually(narrowly, async () => {
      await denied(await send('/special', keys.gateway), { ...apiKeyWrong, before: echo });
      await denied(await send('/special'), { ...apiKeyMissing, before: echo });
    });

    await expect.eventually(open, async () => {
      await reached(await own.get('/', { host: openHost }), echo);
    });
  },
});
