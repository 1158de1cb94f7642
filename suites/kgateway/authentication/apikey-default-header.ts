// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const guarded = 'a request without a key is denied';
const byDefault = 'where no place is named, a request with a key in the header api-key reaches the backend';
const notElsewhere = 'where no place is named, a key in another header does not count';
const bearer = 'where the place is the header authorization, a request with the key as a bearer token reaches the backend';
const bearerOnly = 'where the place is the header authorization, another bearer token does not count';

export default defineCheck({
  id: 'apikey-default-header',
  title: 'Keys are looked for in the header api-key by default, and may come as bearer tokens',
  feature: 'authentication.api-key',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    envoyDocs('API key auth: key_sources', 'api-v3/extensions/filters/http/api_key_auth/v3/api_key_auth.proto'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: guarded },
    { name: 'another-place', title: 'Another place is named', breaks: byDefault },
    { name: 'not-authorization', title: 'The place is another header than authorization', breaks: bearer },
    { name: 'attackers-token-is-known', title: 'The attacker’s token is among the keys', breaks: bearerOnly },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const [host, bearerHost] = [hostname(), hostname('bearer')];
    const [key, attackersKey] = [randomSecret(), randomSecret()];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const bearerRoute = httpRoute('bearer').on(gateway).host(bearerHost).rule({ to: echo.service });
    const sources = sabotaged('another-place') ? [{ header: 'x-api-key' }] : [];
    await policies.apply(policy.apiKey({ keys: { alice: key }, sources }), route);
    const keys = { alice: key, ...(sabotaged('attackers-token-is-known') ? { mallory: attackersKey } : {}) };
    const place = { header: sabotaged('not-authorization') ? 'x-api-key' : 'authorization' };
    await policies.apply(policy.apiKey({ keys, sources: [place] }), bearerRoute, 'bearer');
    await apply(route, bearerRoute);
    const { apiKeyMissing, apiKeyWrong } = policies.outcomes;
    const send = (on: string, headers: Readonly<Record<string, string>>) => gateway.get('/', { host: on, headers });

    await expect.eventually(guarded, async () => denied(await send(host, {}), { ...apiKeyMissing, before: echo }));
    await expect.eventually(byDefault, async () => {
      await reached(await send(host, { 'api-key': key }), echo);
    });
    await expect.eventually(notElsewhere, async () => denied(await send(host, { 'x-api-key': key }), { ...apiKeyMissing, before: echo }));

    await expect.eventually(bearer, async () => {
      await reached(await send(bearerHost, { authorization: `Bearer ${key}` }), echo);
    });
    await expect.eventually(bearerOnly, async () =>
      denied(await send(bearerHost, { authorization: `Bearer ${attackersKey}` }), { ...apiKeyWrong, before: echo }),
    );
  },
});
