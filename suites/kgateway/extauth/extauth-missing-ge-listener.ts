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

const sibling = 'a request to the other listener of the port reaches the backend';
const replaced = 'a request to the listener with the policy gets the replacement answer and does not reach the backend';
const isolated = 'the other listener goes on serving';
const status = 'the listener with the policy says that it is replaced, and the other that it is accepted';

export default defineCheck({
  id: 'extauth-missing-ge-listener',
  title: 'A listener whose policy names an authorization provider that does not exist answers with an error, and no other listener does',
  feature: 'validation.route-replacement',
  specification: [kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'), kgatewaySource('pkg/pluginsdk/reporter/types.go')],
  requires: ['gateways', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: replaced },
    { name: 'provider-present', title: 'The provider exists', breaks: replaced },
    { name: 'policy-on-gateway', title: 'The policy is for the whole Gateway', breaks: sibling },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo, extAuth, policies }) {
    const hosts = { guarded: hostname('guarded'), open: hostname('open') };
    const own = await gateways.own(
      gateway('broken')
        .listener({ name: 'guarded', port: 8080, protocol: 'HTTP', hostname: hosts.guarded })
        .listener({ name: 'open', port: 8080, protocol: 'HTTP', hostname: hosts.open }),
    );
    const provider = gatewayExtension('missing', { extAuth: { grpcService: { backendRef: extAuth.service } } });
    if (sabotaged('provider-present')) await apply(provider);
    const target = sabotaged('policy-on-gateway') ? own.resource : { resource: own.resource, sectionName: 'guarded' };
    const policy = trafficPolicy('policy', [target], { extAuth: { extensionRef: { name: 'missing' } } });
    await apply.subject(policy);
    await apply(httpRoute('app').on(own).host(hosts.guarded, hosts.open).rule({ to: echo.service }));
    const { answer, policy: policyCondition } = policies.outcomes.brokenPolicy;
    const siblingReached = async () => {
      await reached(await own.get('/', { host: hosts.open }, 'open'), echo);
    };

    await expect.eventually(replaced, async () =>
      denied(await own.get('/', { host: hosts.guarded }, 'guarded'), { ...answer, before: echo }),
    );

    await expect.eventually(sibling, siblingReached);

    await expect.consistently(isolated, siblingReached);

    await expect.eventually(
      status,
      async () => {
        const stored = await kube.get(referenceTo(own.resource, namespace));
        condition(stored, 'Accepted', { status: 'False', reason: 'ListenerReplaced', of: 'listener guarded' });
        condition(stored, 'Accepted', { of: 'listener open' });
        const message = `gateway extension ${namespace}/missing not found`;
        condition(await kube.get(referenceTo(policy, namespace)), policyCondition.type, { ...policyCondition, message });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
