// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, holds, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const within = 'a request within the limit reaches the backend';
const over = 'one beyond the limit is refused before the backend sees it, on another connection as well';
const others = 'another user, and another path, are counted apart';
const asked = 'the server is asked about the domain, and about what the policy counts by';
const told = 'the client is told the limit, and that nothing remains of it';

export default defineCheck({
  id: 'rl-global',
  title: 'Requests are counted together, by a server, where they have in common what the policy counts by',
  feature: 'traffic.rate-limit',
  specification: [
    envoyDocs('Rate limit', 'configuration/http/http_filters/rate_limit_filter'),
    kgatewaySource('api/v1alpha1/kgateway/gateway_extensions_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/global_rate_limit_plugin.go'),
  ],
  requires: ['gateway', 'echo', 'rateLimit', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: over },
    { name: 'server-says-yes', title: 'The server lets everything pass', breaks: over },
    { name: 'each-request-counted-apart', title: 'The policy counts each request apart from all others', breaks: over },
    { name: 'all-counted-together', title: 'The server counts all users together', breaks: others },
    { name: 'limit-not-told', title: 'The policy does not tell the limit', breaks: told },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, rateLimit, policies }) {
    const host = hostname();
    const domain = 'shop';
    const apart = sabotaged('each-request-counted-apart');
    const keys = ['x-user', 'path', 'remote_address', 'plan', ...(apart ? ['x-gauntlet-id'] : [])];
    await rateLimit.program({
      limits: [{ domain, entries: keys.map((key) => ({ key })), requests: 1, unit: 'MINUTE' }],
      ...(sabotaged('server-says-yes') ? { always: 'ok' } : {}),
    });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(
      policy.globalRateLimit({
        server: rateLimit.service,
        domain,
        by: [
          [
            { header: 'x-user' },
            { property: 'path' },
            { property: 'remote-address' },
            { generic: { key: 'plan', value: 'free' } },
            ...(apart ? [{ header: 'x-gauntlet-id' }] : []),
          ],
        ],
        // Open on errors by default, and then a server that a busy machine keeps from answering would look like one that says yes.
        onError: 'deny',
        timeout: seconds(2),
        headers: !sabotaged('limit-not-told'),
      }),
      route,
    );
    await apply(route);
    const send = (user: string, path = '/a') => gateway.get(path, { host, headers: { 'x-user': user }, freshConnection: true });
    const refused = { ...policies.outcomes.globallyRateLimited, before: echo };
    /** The server never forgets, so each attempt is somebody else’s. */
    const somebody = () => (sabotaged('all-counted-together') ? 'everyone' : randomUUID());

    if (!sabotaged('all-counted-together')) {
      await expect.eventually(within, async () => {
        await reached(await send(somebody()), echo);
      });
    }

    await expect.eventually(over, async () => {
      const user = somebody();
      await send(user);
      await denied(await send(user), refused);
      await denied(await send(user), refused);
    });

    await expect.eventually(others, async () => {
      const [user, another] = [somebody(), somebody()];
      await reached(await send(user), echo);
      await denied(await send(user), refused);
      await reached(await send(another), echo);
      await reached(await send(user, '/b'), echo);
    });

    await expect.eventually(asked, async () => {
      const user = somebody();
      const exchange = await send(user, '/a?b=1');
      const questions = (await rateLimit.arrivals()).filter(({ descriptors }) => descriptors?.flat().some(({ value }) => value === user));
      const [question] = questions;
      const entries = (question?.descriptors ?? []).map((one) => one.map(({ key, value }) => `${key}=${value}`).join(', ')).join('; ');
      const expected = new RegExp(`^x-user=${user}, path=/a\\?b=1, remote_address=[0-9a-f.:]+, plan=free$`);
      holds(questions.length === 1, 'one question', `${questions.length} questions`, exchange);
      holds(question?.path === domain, `the domain ${domain}`, `the domain ${String(question?.path)}`, exchange);
      holds(expected.test(entries), 'the entries x-user, path, remote_address and plan', entries.replaceAll(user, 'the user'), exchange);
    });

    await expect.eventually(told, async () => {
      const user = somebody();
      await send(user);
      const exchange = await send(user);
      header(exchange, 'x-ratelimit-limit', /^1, 1;w=60/);
      header(exchange, 'x-ratelimit-remaining', '0');
      header(exchange, 'x-ratelimit-reset', '60');
    });
  },
});
