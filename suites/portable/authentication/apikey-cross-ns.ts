// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const notGranted = 'without a grant, a request with a key of the Secret gets the replacement answer and does not reach the backend';
const granted = 'with a grant, a request with a key of the Secret reaches the backend';
const stranger = 'with a grant, a request with another key is denied before the backend sees it';
const revoked = 'once the grant is gone, a request with a key of the Secret gets the replacement answer again';

export default defineCheck({
  id: 'apikey-cross-ns',
  title: 'Keys of another namespace count only while that namespace grants it',
  feature: 'authentication.api-key',
  specification: [gatewayApi('ReferenceGrant', 'referencegrant_types.go'), kgatewaySource('pkg/krtcollections/secrets.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: notGranted },
    { name: 'granted-from-the-start', title: 'The grant is there from the start', breaks: notGranted },
    { name: 'grant-for-another-secret', title: 'The grant is for another Secret', breaks: granted },
    { name: 'attackers-key-is-known', title: 'The attacker’s key is in the Secret', breaks: stranger },
    { name: 'grant-stays', title: 'The grant is not taken back', breaks: revoked },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, policies }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const [key, attackersKey] = [randomSecret(), randomSecret()];
    const other = namespaceBeside(namespace, 'other');
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const keys = { alice: key, ...(sabotaged('attackers-key-is-known') ? { mallory: attackersKey } : {}) };
    const store = { namespace: other.metadata.name };
    const rendered = policies.render(policy.apiKey({ keys, sources: [{ header: 'x-api-key' }], store }), route);
    const from = { group: groupOf(rendered.policy), kind: rendered.policy.kind, namespace };
    const grants = rendered.supporting.map((secret) => {
      const another = { ...secret, metadata: { ...secret.metadata, name: 'another' } };
      return referenceGrant('keys', from, sabotaged('grant-for-another-secret') ? another : secret);
    });
    await apply(other, ...rendered.supporting);
    if (sabotaged('granted-from-the-start')) await apply(...grants);
    await apply.subject(rendered.policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { apiKeyWrong, brokenPolicy } = policies.outcomes;
    const send = (header: string) => gateway.get('/', { host, headers: { 'x-api-key': header } });

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });
    await expect.eventually(notGranted, async () => denied(await send(key), { ...brokenPolicy.answer, before: echo }));

    await apply(...grants);
    await expect.eventually(granted, async () => {
      await reached(await send(key), echo);
    });
    await expect.eventually(stranger, async () => denied(await send(attackersKey), { ...apiKeyWrong, before: echo }));

    if (!sabotaged('grant-stays')) await Promise.all(grants.map((grant) => kube.remove(referenceTo(grant, other.metadata.name))));
    await expect.eventually(revoked, async () => denied(await send(key), { ...brokenPolicy.answer, before: echo }));
  },
});
