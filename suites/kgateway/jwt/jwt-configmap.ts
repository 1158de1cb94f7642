// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { configMap } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const missing = 'without the ConfigMap, the route answers with the replacement and the policy says why';
const keyless = 'with a ConfigMap that has the keys under another name, the route answers with the replacement';
const allowed = 'with the ConfigMap, a request with a token reaches the backend';
const without = 'with the ConfigMap, a request without a token is denied before the backend sees it';
const rotated = 'once the ConfigMap has new keys, a token of the new key passes, and one of the old key does not';
const gone = 'once the ConfigMap is gone, the route answers with the replacement again';

export default defineCheck({
  id: 'jwt-configmap',
  title: 'Keys come from a ConfigMap, are exchanged with it, and nobody passes without it',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: missing },
    { name: 'map-from-the-start', title: 'The ConfigMap is there from the start', breaks: missing },
    { name: 'right-name', title: 'The keys have the right name at once', breaks: keyless },
    { name: 'keys-stay', title: 'The ConfigMap keeps its keys', breaks: rotated },
    { name: 'map-stays', title: 'The ConfigMap stays', breaks: gone },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, policies }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const name = 'https://issuer.gauntlet.test';
    const [old, next] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
    const keys = (issuer: typeof old, key = 'jwks') => configMap('keys', { [key]: jwks([issuer.publicKey]) });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const provider = { issuer: name, jwks: { local: { configMapRef: { name: 'keys' } } } };
    const { extension, policy } = jwtPolicy('tokens', route, provider);
    if (sabotaged('map-from-the-start')) await apply(keys(old));
    await apply(extension);
    await apply.subject(policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy, jwtMissing, jwtSignatureWrong } = policies.outcomes;
    const who = { subject: 'alice', audience: 'gauntlet' };
    const [oldToken, nextToken] = await Promise.all([old.mint(who), next.mint(who)]);
    const send = (bearer: string) => gateway.get('/', { host, headers: { authorization: `Bearer ${bearer}` } });
    const isReplaced = async () => denied(await send(oldToken), { ...brokenPolicy.answer, before: echo });

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    await expect.eventually(missing, async () => {
      await isReplaced();
      const message = 'failed to find configmap keys';
      condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
    });

    await apply(keys(old, sabotaged('right-name') ? 'jwks' : 'keys'));
    await expect.eventually(keyless, async () => {
      await isReplaced();
      const message = "configmap key 'jwks' not found";
      condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
    });

    await apply(keys(old));
    await expect.eventually(allowed, async () => {
      await reached(await send(oldToken), echo);
    });
    await expect.eventually(without, async () => denied(await gateway.get('/', { host }), { ...jwtMissing, before: echo }));

    await apply(keys(sabotaged('keys-stay') ? old : next));
    await expect.eventually(rotated, async () => {
      await reached(await send(nextToken), echo);
      await denied(await send(oldToken), { ...jwtSignatureWrong, before: echo });
    });

    if (!sabotaged('map-stays')) await kube.remove(referenceTo(keys(old), namespace));
    await expect.eventually(gone, isReplaced);
  },
});
