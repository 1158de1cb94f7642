// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const known = 'a request with a known key reaches the backend';
const without = 'a request without a key is denied before the backend sees it';
const unknown = 'a request with an unknown key is denied before the backend sees it';
const elsewhere = 'a request with a known key in another header is denied before the backend sees it';

export default defineCheck({
  id: 'apikey-header',
  title: 'Only a request that carries a known key in the configured header passes',
  feature: 'authentication.api-key',
  specification: [
    envoyDocs('API key auth', 'configuration/http/http_filters/api_key_auth_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
    { name: 'attackers-key-is-known', title: 'The attacker’s key is among the known ones', breaks: unknown },
    { name: 'another-header-counts', title: 'The key is looked for in the other header as well', breaks: elsewhere },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const [key, attackersKey] = [randomSecret(), randomSecret()];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(
      policy.apiKey({
        keys: { alice: key, ...(sabotaged('attackers-key-is-known') ? { mallory: attackersKey } : {}) },
        sources: [{ header: 'x-api-key' }, ...(sabotaged('another-header-counts') ? [{ header: 'x-other' }] : [])],
      }),
      route,
    );
    await apply(route);
    const { apiKeyMissing, apiKeyWrong } = policies.outcomes;
    const send = (headers: Readonly<Record<string, string>>) => gateway.get('/', { host, headers });

    await expect.eventually(known, async () => {
      await reached(await send({ 'x-api-key': key }), echo);
    });

    await expect.eventually(without, async () => denied(await send({}), { ...apiKeyMissing, before: echo }));

    await expect.eventually(unknown, async () => denied(await send({ 'x-api-key': attackersKey }), { ...apiKeyWrong, before: echo }));

    await expect.eventually(elsewhere, async () => denied(await send({ 'x-other': key }), { ...apiKeyMissing, before: echo }));
  },
});
