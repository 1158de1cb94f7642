// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const replaced = 'a request to the route gets the replacement answer and does not reach the backend';
const status = 'the route and the policy say what is wrong';
const wholeGateway = 'with the policy on a Gateway, every request to it gets the replacement answer and none reaches the backend';
const gatewayStatus = 'the Gateway says what is wrong';
const recovered = 'once the Secret is there, a request with a key of it reaches the backend, and one without is denied';

export default defineCheck({
  id: 'apikey-missing-secret',
  title: 'A policy whose Secret with keys does not exist opens nothing',
  feature: 'authentication.api-key',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: replaced },
    { name: 'secret-present', title: 'The Secret of the route’s policy exists', breaks: replaced },
    { name: 'secret-of-the-gateway-present', title: 'The Secret of the Gateway’s policy exists', breaks: wholeGateway },
    { name: 'secret-never-comes', title: 'The Secret does not come', breaks: recovered },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, gateways, echo, policies }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const key = randomSecret();
    const { sources, carrying } = policies.apiKeyPlace;
    const intent = policy.apiKey({ keys: { alice: key }, sources });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const onRoute = policies.render(intent, route, 'on-route');
    if (sabotaged('secret-present')) await apply(...onRoute.supporting);
    await apply.subject(onRoute.policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy, apiKeyMissing } = policies.outcomes;
    const send = (headers: Readonly<Record<string, string>> = {}) => gateway.get('/', { host, headers });

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });
    await expect.eventually(replaced, async () => denied(await send(carrying(key)), { ...brokenPolicy.answer, before: echo }));
    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), brokenPolicy.route.type, brokenPolicy.route);
        condition(await kube.get(referenceTo(onRoute.policy, namespace)), brokenPolicy.policy.type, brokenPolicy.policy);
      },
      { within: budgets.status, streak: 1 },
    );

    const closed = gatewayNamed('closed').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const onGateway = policies.render(intent, closed, 'on-gateway');
    if (sabotaged('secret-of-the-gateway-present')) await apply(...onGateway.supporting);
    await apply.subject(onGateway.policy);
    const own = await gateways.own(closed);
    await apply(httpRoute('behind').on(own).host(host).rule({ to: echo.service }));
    await expect.eventually(wholeGateway, async () => {
      await denied(await own.get('/', { host, headers: carrying(key) }), { ...brokenPolicy.answer, before: echo });
    });
    await expect.eventually(
      gatewayStatus,
      async () => {
        condition(await kube.get(referenceTo(own.resource, namespace)), brokenPolicy.gateway.type, brokenPolicy.gateway);
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('secret-never-comes')) await apply(...onRoute.supporting);
    await expect.eventually(recovered, async () => {
      await reached(await send(carrying(key)), echo);
      await denied(await send(), { ...apiKeyMissing, before: echo });
    });
  },
});
