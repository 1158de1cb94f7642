// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const ungranted = 'without a grant, a request gets the replacement answer and does not reach the backend';
const granted = 'with the grant, a request is denied or reaches the backend by its credential';
const revoked = 'once the grant is gone, a request gets the replacement answer again and does not reach the backend';
const staysRevoked = 'no request reaches the backend after the grant is gone';
const status = 'the policy says that the reference is not granted';

const credential = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-no-refgrant',
  title: 'A provider in another namespace reaches an authorization server only while a ReferenceGrant allows it',
  feature: 'validation.route-replacement',
  specification: [
    gatewayApi('ReferenceGrant', 'referencegrant_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/gateway_extension.go'),
    kgatewaySource('pkg/krtcollections/policy.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: ungranted },
    { name: 'granted-from-the-start', title: 'The grant is there from the start', breaks: ungranted },
    { name: 'granted-to-routes', title: 'The grant is for HTTPRoutes', breaks: granted },
    { name: 'grant-stays', title: 'The grant is not taken back', breaks: revoked },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, extAuth, policies }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const tenant = namespaceBeside(namespace, 'tenant');
    const provider: Resource = {
      ...gatewayExtension('authz', { extAuth: { grpcService: { backendRef: extAuth.service } } }),
      metadata: { name: 'authz', namespace: tenant.metadata.name },
    };
    const server: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { name: extAuth.service.name, namespace } };
    const from = sabotaged('granted-to-routes')
      ? { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }
      : { group: groupOf(provider), kind: provider.kind };
    const grant = referenceGrant('authz', { ...from, namespace: tenant.metadata.name }, server);
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const policy = trafficPolicy('policy', [route], { extAuth: { extensionRef: { name: 'authz', namespace: tenant.metadata.name } } });
    await apply(tenant, provider, ...(sabotaged('granted-from-the-start') ? [grant] : []));
    await apply.subject(policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy, extAuthDenied } = policies.outcomes;
    const replaced = async (): Promise<void> => {
      for (const headers of [{}, credential])
        await denied(await gateway.get('/', { host, headers }), { ...brokenPolicy.answer, before: echo });
    };

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });
    await expect.eventually(ungranted, replaced);

    await apply(grant);
    await expect.eventually(granted, async () => {
      await denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo });
      await reached(await gateway.get('/', { host, headers: credential }), echo);
    });

    if (!sabotaged('grant-stays')) await kube.remove(referenceTo(grant, namespace));
    await expect.eventually(revoked, replaced);
    await expect.consistently(staysRevoked, replaced);

    await expect.eventually(
      status,
      async () => {
        const message = /reference grant/i;
        condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
