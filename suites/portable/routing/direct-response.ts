// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, body, denied, header, reached } from '../../../harness/check/matchers.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another path reaches the backend';
const answer = 'the route answers with the status and the body that it was given, and no backend sees the request';
const method = 'it answers so whatever the method is';
const plain = 'without a body it answers with the status alone';

const refusal = { status: 451, body: 'Not here.\n' };

export default defineCheck({
  id: 'direct-response',
  title: 'A route answers by itself with the status and the body that it was given',
  feature: 'routing.direct-response',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/direct_response_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/directresponse/direct_response_plugin.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The answer is left out', breaks: answer },
    { name: 'another-body', title: 'The body is another', breaks: answer },
    { name: 'plain-has-a-body', title: 'The other answer has a body', breaks: plain },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const on = httpRoute('own').on(gateway).host(host);
    const plainOn = httpRoute('plain').on(gateway).host(host);
    const own = policies.render(policy.directResponse(sabotaged('another-body') ? { ...refusal, body: 'Here.\n' } : refusal), on, 'own');
    const bare = policies.render(
      policy.directResponse({ status: 202, ...(sabotaged('plain-has-a-body') ? { body: 'Yes.\n' } : {}) }),
      plainOn,
      'plain',
    );
    const naming = ({ attachment, policy: named }: typeof own) => (attachment === 'filter' ? { filters: [extensionRef(named)] } : {});
    await apply(...own.supporting, ...bare.supporting);
    await apply.subject(own.policy, bare.policy);
    await apply(
      on.rule({ path: '/own', ...naming(own) }),
      plainOn.rule({ path: '/plain', ...naming(bare) }),
      httpRoute('sibling').on(gateway).host(host).rule({ path: '/', to: echo.service }),
    );

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    await expect.eventually(answer, async () => denied(await gateway.get('/own/page', { host }), { ...refusal, before: echo }));

    await expect.eventually(method, async () =>
      denied(await gateway.send({ method: 'POST', path: '/own', host, body: 'data' }), { ...refusal, before: echo }),
    );

    await expect.eventually(plain, async () => {
      const exchange = await gateway.get('/plain', { host });
      await denied(exchange, { status: 202, before: echo });
      body(exchange, '');
      header(exchange, 'content-type', absent);
    });
  },
});
