// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sound = 'with the sound policy alone, a user’s request reaches the backend and one without credentials is denied';
const broken = 'beside a policy that cannot be honoured, even a user’s request gets the replacement answer and does not reach the backend';
const neighbour = 'another route with a sound policy serves as before';
const mended = 'once the broken policy is gone, the sound one holds again';

export default defineCheck({
  id: 'tgt-broken-sibling',
  title: 'A policy that cannot be honoured is not passed over because another one of the route can',
  feature: 'policy.targeting',
  specification: [kgatewaySource('pkg/pluginsdk/policy/merge.go'), kgatewaySource('pkg/kgateway/translator/irtranslator/route.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'There is no broken policy', breaks: broken },
    { name: 'nothing-missing', title: 'What the broken policy refers to is there', breaks: broken },
    { name: 'sound-policy-left-out', title: 'There is no sound policy', breaks: sound },
    { name: 'neighbour-broken-too', title: 'The other route has a broken policy as well', breaks: neighbour },
    { name: 'broken-policy-stays', title: 'The broken policy is not removed', breaks: mended },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, policies }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const key = randomSecret();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const other = httpRoute('other').on(gateway).host(otherHost).rule({ to: echo.service });
    const users = policy.basicAuth(alice);
    const soundPolicies = [policies.render(users, other, 'sound-other')];
    if (!sabotaged('sound-policy-left-out')) soundPolicies.push(policies.render(users, route, 'sound'));
    await apply(...soundPolicies.map((one) => one.policy), route, other);
    const { basicAuthRefused, brokenPolicy } = policies.outcomes;
    const headers = { authorization: basicAuthorization(alice), 'x-api-key': key };
    const onlyAlice = async (on: string) => {
      await reached(await gateway.get('/', { host: on, headers }), echo);
      await denied(await gateway.get('/', { host: on }), { ...basicAuthRefused, before: echo });
    };

    await expect.eventually(sound, () => onlyAlice(host));

    const incomplete = policy.apiKey({ keys: { client: key }, sources: [{ header: 'x-api-key' }] });
    const breaking = policies.render(incomplete, route, 'broken');
    if (sabotaged('nothing-missing')) await apply(...breaking.supporting);
    await apply.subject(breaking.policy);
    if (sabotaged('neighbour-broken-too')) await apply(policies.render(incomplete, other, 'broken-too').policy);
    await expect.eventually(broken, async () => {
      for (const sent of [headers, {}])
        await denied(await gateway.get('/', { host, headers: sent }), { ...brokenPolicy.answer, before: echo });
    });
    await expect.eventually(neighbour, () => onlyAlice(otherHost));

    if (!sabotaged('broken-policy-stays')) await kube.remove(referenceTo(breaking.policy, namespace));
    await expect.eventually(mended, () => onlyAlice(host));
  },
});
