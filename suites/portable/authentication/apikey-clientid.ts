// SPDX-License-Identifier: Apache-2.0
import { header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const told = 'the backend is told the name of the client whose key the request carries';
const replaced = 'a name that the client made up is replaced and not added to';
const untouched = 'without the field, the gateway leaves such a header as the client sent it';

const clientHeader = 'x-client-id';

export default defineCheck({
  id: 'apikey-clientid',
  title: 'The backend learns the client’s name from the gateway and not from the client',
  feature: 'authentication.api-key',
  priority: 'P1',
  specification: [
    envoyDocs('API key auth: forwarding', 'api-v3/extensions/filters/http/api_key_auth/v3/api_key_auth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'names-swapped', title: 'The keys are each other’s', breaks: told },
    { name: 'header-left-out', title: 'The policy names no header for the client', breaks: told },
    { name: 'another-header', title: 'The client makes the name up in another header than the gateway writes', breaks: replaced },
    { name: 'header-everywhere', title: 'The other policy names the header as well', breaks: untouched },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const [alices, bobs] = [randomSecret(), randomSecret()];
    const keys = sabotaged('names-swapped') ? { alice: bobs, bob: alices } : { alice: alices, bob: bobs };
    const [host, bareHost] = [hostname(), hostname('bare')];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const bare = httpRoute('bare').on(gateway).host(bareHost).rule({ to: echo.service });
    const { sources, carrying } = policies.apiKeyPlace;
    await policies.apply(policy.apiKey({ keys, sources, ...(sabotaged('header-left-out') ? {} : { clientHeader }) }), route);
    await policies.apply(policy.apiKey({ keys, sources, ...(sabotaged('header-everywhere') ? { clientHeader } : {}) }), bare, 'bare');
    await apply(route, bare);
    const arrival = async (on: string, key: string, more: Readonly<Record<string, string>> = {}) =>
      reached(await gateway.get('/', { host: on, headers: { ...carrying(key), ...more } }), echo);

    await expect.eventually(told, async () => {
      header(await arrival(host, alices), clientHeader, 'alice');
      header(await arrival(host, bobs), clientHeader, 'bob');
    });

    const madeUp = sabotaged('another-header') ? 'x-client' : clientHeader;
    await expect.eventually(replaced, async () => header(await arrival(host, alices, { [madeUp]: 'admin' }), madeUp, 'alice'));

    await expect.eventually(untouched, async () =>
      header(await arrival(bareHost, alices, { [clientHeader]: 'admin' }), clientHeader, 'admin'),
    );
  },
});
