// SPDX-License-Identifier: Apache-2.0
import { holds, reached } from '../../../harness/check/matchers.ts';
import type { Arrival, ProbeRequest } from '../../../harness/probe/exchange.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const hidden = (place: string): string => `the backend does not see a key from the ${place}, and sees the rest of it`;
const shown = (place: string): string => `the backend sees the key from the ${place} where the policy says so`;

/** A place for the key, a request with a key there and something beside it, and what of it the backend should see. */
interface Place {
  readonly place: 'header' | 'query' | 'cookie';
  readonly source: policy.ApiKeySource;
  readonly carrying: (key: string) => ProbeRequest;
  readonly seen: (arrival: Arrival) => string | undefined;
  /** What is to be seen, with the key's part or without. */
  readonly rest: (key?: string) => string | undefined;
}

const places: readonly Place[] = [
  {
    place: 'header',
    source: { header: 'x-api-key' },
    carrying: (key) => ({ headers: { 'x-api-key': key } }),
    seen: ({ headers }) => headers['x-api-key']?.join(', '),
    rest: (key) => key,
  },
  {
    place: 'query',
    source: { query: 'api-key' },
    carrying: (key) => ({ path: `/page?first=1&api-key=${key}&last=2` }),
    seen: ({ path }) => path,
    rest: (key) => `/page?first=1&${key === undefined ? '' : `api-key=${key}&`}last=2`,
  },
  {
    place: 'cookie',
    source: { cookie: 'api-key' },
    carrying: (key) => ({ headers: { cookie: `theme=dark; api-key=${key}; lang=en` } }),
    seen: ({ headers }) => headers['cookie']?.join('; '),
    rest: (key) => `theme=dark; ${key === undefined ? '' : `api-key=${key}; `}lang=en`,
  },
];

const forwarded = (place: string): string => `${place}-forwarded`;

export default defineCheck({
  id: 'apikey-not-forwarded',
  title: 'The backend does not see the key unless the policy says so',
  feature: 'authentication.api-key',
  specification: [
    envoyDocs('API key auth: forwarding', 'api-v3/extensions/filters/http/api_key_auth/v3/api_key_auth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: forwarded('header'), title: 'The policy for the header says that the key is forwarded', breaks: hidden('header') },
    { name: forwarded('query'), title: 'The policy for the query says that the key is forwarded', breaks: hidden('query') },
    { name: forwarded('cookie'), title: 'The policy for the cookie says that the key is forwarded', breaks: hidden('cookie') },
    { name: 'never-forwarded', title: 'No policy says that the key is forwarded', breaks: shown('header') },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const key = randomSecret();
    const protect = async (label: string, source: policy.ApiKeySource, forward: boolean): Promise<string> => {
      const host = hostname(label);
      const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
      await policies.apply(policy.apiKey({ keys: { alice: key }, sources: [source], forward }), route, label);
      await apply(route);
      return host;
    };

    for (const { place, source, carrying, seen, rest } of places) {
      const host = await protect(place, source, sabotaged(forwarded(place)));
      await expect.eventually(hidden(place), async () => {
        const exchange = await gateway.send({ host, ...carrying(key) });
        const [actual, expected] = [seen(await reached(exchange, echo)), rest()];
        holds(actual === expected, `${place} ${String(expected)}`, `${place} ${String(actual)}`, exchange);
      });
    }

    for (const { place, source, carrying, seen, rest } of places) {
      const host = await protect(`shown-${place}`, source, !sabotaged('never-forwarded'));
      await expect.eventually(shown(place), async () => {
        const exchange = await gateway.send({ host, ...carrying(key) });
        const actual = seen(await reached(exchange, echo));
        holds(actual === rest(key), `the key in the ${place}`, `${place} ${String(actual)}`, exchange);
      });
    }
  },
});
