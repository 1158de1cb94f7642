// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const bySecond = 'without a key for the first source, a request with a known key for the second reaches the backend';
const firstWins = 'a wrong key for the first source is not made good by a known one for the second';
const byHeader = 'a request with a known key in the header reaches the backend';
const headerWins = 'a wrong key in the header is not made good by a known one in the query parameter of the same source';
const byQuery = 'without the header, a request with a known key in the query parameter of the same source reaches the backend';

export default defineCheck({
  id: 'apikey-precedence',
  title: 'The first key that is found counts: header before query parameter, and sources in their order',
  feature: 'authentication.api-key',
  priority: 'P1',
  specification: [
    envoyDocs('API key auth: key_sources', 'api-v3/extensions/filters/http/api_key_auth/v3/api_key_auth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: firstWins },
    { name: 'sources-swapped', title: 'The sources stand the other way round', breaks: firstWins },
    { name: 'query-comes-first', title: 'The query parameter is a source of its own before the header', breaks: headerWins },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const [key, wrong] = [randomSecret(), randomSecret()];
    const [mixed, order] = [hostname('mixed'), hostname('order')];
    const oneSource = httpRoute('mixed').on(gateway).host(mixed).rule({ to: echo.service });
    const twoSources = httpRoute('order').on(gateway).host(order).rule({ to: echo.service });
    const [header, query] = [{ header: 'x-api-key' }, { query: 'api-key' }];
    const sources = [{ header: 'x-first' }, { header: 'x-second' }];
    const keys = { alice: key };
    const mixedSources = sabotaged('query-comes-first') ? [query, header] : [{ ...header, ...query }];
    await policies.apply(
      policy.apiKey({ keys, sources: sabotaged('sources-swapped') ? sources.toReversed() : sources }),
      twoSources,
      'order',
    );
    await policies.apply(policy.apiKey({ keys, sources: mixedSources }), oneSource, 'mixed');
    await apply(oneSource, twoSources);
    const refused = { ...policies.outcomes.apiKeyWrong, before: echo };
    const send = (host: string, headers: Readonly<Record<string, string>>, path = '/') => gateway.get(path, { host, headers });

    await expect.eventually(bySecond, async () => {
      await reached(await send(order, { 'x-second': key }), echo);
    });
    await expect.eventually(firstWins, async () => denied(await send(order, { 'x-first': wrong, 'x-second': key }), refused));

    await expect.eventually(byHeader, async () => {
      await reached(await send(mixed, { 'x-api-key': key }), echo);
    });
    await expect.eventually(headerWins, async () => denied(await send(mixed, { 'x-api-key': wrong }, `/?api-key=${key}`), refused));
    await expect.eventually(byQuery, async () => {
      await reached(await send(mixed, {}, `/?api-key=${key}`), echo);
    });
  },
});
