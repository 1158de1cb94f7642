// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut, type Check } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const known = 'a request with a known key reaches the backend';
const without = 'a request without a key is denied before the backend sees it';
const unknown = 'a request with an unknown key is denied before the backend sees it';
const elsewhere = 'a request with a known key in a header instead is denied before the backend sees it';

/** A place for the key other than a header, and a request with a key there. */
interface Place {
  readonly place: 'query' | 'cookie';
  readonly words: string;
  readonly source: policy.ApiKeySource;
  readonly carrying: (key: string) => ProbeRequest;
}

const places: readonly Place[] = [
  {
    place: 'query',
    words: 'query parameter',
    source: { query: 'api-key' },
    carrying: (key) => ({ path: `/?page=1&api-key=${key}` }),
  },
  {
    place: 'cookie',
    words: 'cookie',
    source: { cookie: 'api-key' },
    carrying: (key) => ({ headers: { cookie: `theme=dark; api-key=${key}` } }),
  },
];

/** The checks for keys in headers stand in a file of their own. */
export default places.map(keyFrom);

function keyFrom({ place, words, source, carrying }: Place): Check {
  return defineCheck({
    id: `apikey-${place}`,
    title: `Only a request that carries a known key in the configured ${words} passes`,
    feature: 'authentication.api-key',
    specification: [
      envoyDocs('API key auth', 'configuration/http/http_filters/api_key_auth_filter'),
      kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    ],
    requires: ['gateway', 'echo', 'policies'],
    sabotages: [
      { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
      { name: 'attackers-key-is-known', title: 'The attacker’s key is among the known ones', breaks: unknown },
      { name: 'a-header-counts', title: 'The key is looked for in the header as well', breaks: elsewhere },
    ],
    async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
      const host = hostname();
      const [key, attackersKey] = [randomSecret(), randomSecret()];
      const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
      await policies.apply(
        policy.apiKey({
          keys: { alice: key, ...(sabotaged('attackers-key-is-known') ? { mallory: attackersKey } : {}) },
          sources: [source, ...(sabotaged('a-header-counts') ? [{ header: 'api-key' }] : [])],
        }),
        route,
      );
      await apply(route);
      const { apiKeyMissing, apiKeyWrong } = policies.outcomes;
      const send = (request: ProbeRequest) => gateway.send({ host, ...request });

      await expect.eventually(known, async () => {
        await reached(await send(carrying(key)), echo);
      });

      await expect.eventually(without, async () => denied(await send({}), { ...apiKeyMissing, before: echo }));

      await expect.eventually(unknown, async () => denied(await send(carrying(attackersKey)), { ...apiKeyWrong, before: echo }));

      await expect.eventually(elsewhere, async () =>
        denied(await send({ headers: { 'api-key': key } }), { ...apiKeyMissing, before: echo }),
      );
    },
  });
}
