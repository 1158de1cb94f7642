// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const missing = 'where the key server does not exist, the route answers with the replacement';
const notGranted = 'without a grant, the route whose key server is in another namespace answers with the replacement';
const status = 'the policies say that they cannot refer to the key server';
const granted = 'with a grant, a request with a token reaches the backend';
const anonymous = 'with a grant, a request without a token is denied before the backend sees it';

export default defineCheck({
  id: 'jwt-remote-noref',
  title: 'A key server that does not exist, or that may not be referred to, turns the route into an error',
  feature: 'validation.route-replacement',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    gatewayApi('ReferenceGrant', 'referencegrant_types.go'),
  ],
  requires: ['gateway', 'echo', 'keyServer', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: missing },
    { name: 'server-present', title: 'The missing key server is the present one', breaks: missing },
    { name: 'granted-from-the-start', title: 'The grant is there from the start', breaks: notGranted },
    { name: 'grant-for-another-service', title: 'The grant is for another Service', breaks: granted },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, keyServer, policies }) {
    const [host, missingHost, siblingHost] = [hostname(), hostname('missing'), hostname('sibling')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    await keyServer.program({ sets: { '/jwks.json': [issuer.publicKey] } });
    const other = namespaceBeside(namespace, 'other');
    const { name: elsewhere } = other.metadata;
    const { service } = keyServer;
    const at = (name: string) => ({
      issuer: issuer.issuer,
      jwks: {
        remote: {
          url: `http://${name}.${namespace}:${service.port}/jwks.json`,
          backendRef: { name, namespace, port: service.port },
        },
      },
    });
    const missingRoute = httpRoute('missing').on(gateway).host(missingHost).rule({ to: echo.service });
    const absent = jwtPolicy('missing', missingRoute, at(sabotaged('server-present') ? service.name : 'nowhere'));
    const route = httpRoute('app').inNamespace(elsewhere).on(gateway).host(host).rule({ to: echo.service });
    const crossing = jwtPolicy('tokens', route, at(service.name));
    const moved = (resource: Resource): Resource => ({ ...resource, metadata: { ...resource.metadata, namespace: elsewhere } });
    const [extension, policy] = [moved(crossing.extension), moved(crossing.policy)];
    const target = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } });
    const from = { group: groupOf(crossing.extension), kind: crossing.extension.kind, namespace: elsewhere };
    const grant = referenceGrant('keys', from, target(sabotaged('grant-for-another-service') ? echo.service.name : service.name));
    const backendGrant = referenceGrant(
      'backend',
      { group: groupOf(route), kind: route.kind, namespace: elsewhere },
      target(echo.service.name),
    );
    await apply(other, backendGrant, absent.extension, extension);
    if (sabotaged('granted-from-the-start')) await apply(grant);
    await apply.subject(absent.policy, policy);
    await apply(missingRoute, route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy, jwtMissing } = policies.outcomes;
    const headers = { authorization: `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}` };

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    await expect.eventually(missing, async () =>
      denied(await gateway.get('/', { host: missingHost, headers }), { ...brokenPolicy.answer, before: echo }),
    );

    await expect.eventually(notGranted, async () => {
      await denied(await gateway.get('/', { host, headers }), { ...brokenPolicy.answer, before: echo });
    });
    await expect.eventually(
      status,
      async () => {
        const message = 'remote jwks: unresolved backend ref';
        condition(await kube.get(referenceTo(absent.policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
        condition(await kube.get(referenceTo(policy, elsewhere)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
      },
      { within: budgets.status, streak: 1 },
    );

    await apply(grant);
    await expect.eventually(granted, async () => {
      await reached(await gateway.get('/', { host, headers }), echo);
    });
    await expect.eventually(anonymous, async () => denied(await gateway.get('/', { host }), { ...jwtMissing, before: echo }));
  },
});
