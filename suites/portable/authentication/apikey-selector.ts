// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const neighbour = 'a request to a route whose policy names its Secret reaches the backend with a key of it';
const both = 'a request with a key of either Secret reaches the backend';
const stranger = 'a request with a key of a Secret with other labels is denied before the backend sees it';
const noMatch = 'where no Secret ever matched, requests get the replacement answer and do not reach the backend';
const gone =
  'once a Secret is deleted, its key is refused and that of the other is not; once both are, the route gives the replacement answer';

export default defineCheck({
  id: 'apikey-selector',
  title: 'Keys come from every Secret with the labels and from no other, as long as they are there',
  feature: 'authentication.api-key',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go'),
    kgatewaySource('pkg/krtcollections/secrets.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: stranger },
    { name: 'second-secret-left-out', title: 'There is no second Secret', breaks: both },
    { name: 'strangers-secret-matches', title: 'The other Secret has the labels as well', breaks: stranger },
    { name: 'a-secret-matches', title: 'A Secret matches the other policy', breaks: noMatch },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, policies }) {
    const [host, bareHost, neighbourHost] = [hostname(), hostname('bare'), hostname('neighbour')];
    const keys = { first: randomSecret(), second: randomSecret(), stranger: randomSecret() };
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const bare = httpRoute('bare').on(gateway).host(bareHost).rule({ to: echo.service });
    const { sources, carrying } = policies.apiKeyPlace;
    const labelled = (key: string, team: string) => policy.apiKey({ keys: { client: key }, sources, store: { labels: { team } } });
    const second = policies.render(labelled(keys.second, 'a'), route, 'second');
    const other = policies.render(labelled(keys.stranger, sabotaged('strangers-secret-matches') ? 'a' : 'b'), route, 'other');
    if (!sabotaged('second-secret-left-out')) await apply(...second.supporting);
    await apply(...other.supporting);
    const first = await policies.apply(labelled(keys.first, 'a'), route, 'first');
    const unmatched = policies.render(labelled(keys.first, sabotaged('a-secret-matches') ? 'b' : 'none'), bare, 'unmatched');
    await apply.subject(unmatched.policy);
    await apply(route, bare);
    const { apiKeyWrong, brokenPolicy } = policies.outcomes;
    const send = (key: string, on = host) => gateway.get('/', { host: on, headers: carrying(key) });
    const refused = { ...apiKeyWrong, before: echo };
    const replaced = { ...brokenPolicy.answer, before: echo };
    const remove = async (...secrets: typeof first.supporting) => {
      for (const secret of secrets) await kube.remove(referenceTo(secret, namespace));
    };

    // Where any policy names its Secret, kgateway 2.2.0 no longer follows those that are found by labels; one does here, whoever else runs.
    const beside = httpRoute('neighbour').on(gateway).host(neighbourHost).rule({ to: echo.service });
    await policies.apply(policy.apiKey({ keys: { client: keys.stranger }, sources }), beside, 'neighbour');
    await apply(beside);
    await expect.eventually(neighbour, async () => {
      await reached(await send(keys.stranger, neighbourHost), echo);
    });
    await expect.eventually(stranger, async () => denied(await send(keys.stranger), refused));
    await expect.eventually(both, async () => {
      await reached(await send(keys.first), echo);
      await reached(await send(keys.second), echo);
    });
    await expect.eventually(noMatch, async () => denied(await send(keys.stranger, bareHost), replaced));

    await remove(...first.supporting);
    await expect.eventually(gone, async () => {
      await denied(await send(keys.first), refused);
      await reached(await send(keys.second), echo);
    });

    await remove(...second.supporting);
    await expect.eventually(gone, async () => {
      for (const key of [keys.first, keys.second]) await denied(await send(key), replaced);
    });
  },
});
