// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const before = 'requests to every listener reach the backend before the Gateway has the policy';
const replaced = 'requests to every listener, of every host, get the replacement answer and do not reach the backend';
const stays = 'the replacement stays';
const status = 'the Gateway and the policy say what is wrong, and the route, which is sound, does not';
const restored = 'once the provider is there, requests are denied or reach the backend by their credential';

const headers = { 'x-ext-authz': 'allow' };
const listeners = ['first', 'second'];

export default defineCheck({
  id: 'extauth-missing-ge-gateway',
  title: 'A Gateway whose policy names an authorization provider that does not exist answers everything with an error',
  feature: 'validation.route-replacement',
  specification: [kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'), kgatewaySource('pkg/pluginsdk/reporter/types.go')],
  requires: ['gateways', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: replaced },
    { name: 'provider-present', title: 'The provider exists', breaks: replaced },
    { name: 'policy-on-one-listener', title: 'The policy is for one listener only', breaks: replaced },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo, extAuth, policies }) {
    const [host, unknownHost] = [hostname(), hostname('unknown')];
    const own = await gateways.own(
      gateway('broken')
        .listener({ name: 'first', port: 8080, protocol: 'HTTP' })
        .listener({ name: 'second', port: 8081, protocol: 'HTTP' }),
    );
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await apply(route);
    const { answer, policy: policyCondition } = policies.outcomes.brokenPolicy;
    const everywhere = async (hosts: readonly string[], each: (host: string, listener: string) => Promise<void>): Promise<void> => {
      for (const listener of listeners) for (const one of hosts) await each(one, listener);
    };
    const allReplaced = () =>
      everywhere([host, unknownHost], async (one, listener) =>
        denied(await own.get('/', { host: one, headers }, listener), { ...answer, before: echo }),
      );

    await expect.eventually(before, () =>
      everywhere([host], async (one, listener) => {
        await reached(await own.get('/', { host: one }, listener), echo);
      }),
    );

    const provider = gatewayExtension('missing', { extAuth: { grpcService: { backendRef: extAuth.service } } });
    if (sabotaged('provider-present')) await apply(provider);
    const target = sabotaged('policy-on-one-listener') ? { resource: own.resource, sectionName: 'first' } : own.resource;
    const policy = trafficPolicy('policy', [target], { extAuth: { extensionRef: { name: 'missing' } } });
    await apply.subject(policy);

    await expect.eventually(replaced, allReplaced);
    await expect.consistently(stays, allReplaced);

    await expect.eventually(
      status,
      async () => {
        const stored = await kube.get(referenceTo(own.resource, namespace));
        condition(stored, 'Accepted', { status: 'False', reason: 'GatewayReplaced', of: '' });
        const message = `gateway extension ${namespace}/missing not found`;
        condition(await kube.get(referenceTo(policy, namespace)), policyCondition.type, { ...policyCondition, message });
        condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );

    await apply(provider);
    await expect.eventually(restored, () =>
      everywhere([host], async (one, listener) => {
        await denied(await own.get('/', { host: one }, listener), { ...policies.outcomes.extAuthDenied, before: echo });
        await reached(await own.get('/', { host: one, headers }, listener), echo);
      }),
    );
  },
});
