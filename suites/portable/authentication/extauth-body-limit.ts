// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const within = 'a body of the greatest length reaches the server and the backend';
const tooLong = 'a longer body is refused, and the server is not asked';
const cut = 'a longer body is cut for the server where the policy says so';
const bytes = 'the server gets the body as bytes where the policy says so';

const headers = { 'x-ext-authz': 'allow' };
const maximumBytes = 16;
const longest = 'x'.repeat(maximumBytes);
const longer = `${longest}y`;

export default defineCheck({
  id: 'extauth-body-limit',
  title: 'The authorization server sees as much of a body as the policy says, and no body is let through unseen',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go')],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: within },
    { name: 'limit-is-higher', title: 'The limit is one byte higher', breaks: tooLong },
    { name: 'nothing-is-cut', title: 'The other policy does not cut bodies', breaks: cut },
    { name: 'body-as-text', title: 'The policy hands the body over as text', breaks: bytes },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
    const hosts = { strict: hostname('strict'), partial: hostname('partial'), asBytes: hostname('bytes') };
    const limits = {
      strict: { maximumBytes: maximumBytes + (sabotaged('limit-is-higher') ? 1 : 0) },
      partial: { maximumBytes, partial: !sabotaged('nothing-is-cut') },
      asBytes: { maximumBytes, asBytes: !sabotaged('body-as-text') },
    };
    for (const kind of ['strict', 'partial', 'asBytes'] as const) {
      const name = kind.toLowerCase();
      const route = httpRoute(name).on(gateway).host(hosts[kind]).rule({ to: echo.service });
      await policies.apply(policy.extAuth({ server: extAuth.service, body: limits[kind] }), route, name);
      await apply(route);
    }
    const post = (host: string, body: string) => gateway.send({ method: 'POST', host, headers, body });
    const question = async (id: string) => {
      const questions = await extAuth.arrivals(id);
      same('questions', questions.length, 1);
      return questions[0];
    };

    await expect.eventually(within, async () => {
      const exchange = await post(hosts.strict, longest);
      await reached(exchange, echo);
      same('body', (await question(exchange.id))?.body, longest);
    });

    await expect.eventually(tooLong, async () => denied(await post(hosts.strict, longer), { status: 413, before: [extAuth, echo] }));

    await expect.eventually(cut, async () => {
      const exchange = await post(hosts.partial, longer);
      await reached(exchange, echo);
      same('body', (await question(exchange.id))?.body, longest);
    });

    await expect.eventually(bytes, async () => {
      const exchange = await post(hosts.asBytes, longest);
      await reached(exchange, echo);
      same('bytes', (await question(exchange.id))?.context?.['raw-body'], Buffer.from(longest).toString('base64'));
    });
  },
});
