// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { minutes, seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const within = 'a request within another limit that takes its place reaches the backend';
const over = 'requests beyond the limit are refused before the backend sees them, on other connections as well';
const overAgain = 'requests beyond that limit are refused as well';
const stays = 'they stay refused as long as the time lasts';
const exact = 'as many requests as the new limit says have reached the backend, and no more';
const sibling = 'a route without a limit is served all the time';

const limit = 3;

export default defineCheck({
  id: 'rl-local',
  title: 'As many requests pass as the limit of the proxy says, over all connections',
  feature: 'traffic.rate-limit',
  specification: [
    envoyDocs('Local rate limit', 'configuration/http/http_filters/local_rate_limit_filter'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/local_rate_limit_plugin.go'),
  ],
  // Of its own, since the count may start anew whenever the gateway’s routes change.
  requires: ['gateways', 'echo', 'otherEcho', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: over },
    { name: 'one-more', title: 'The limit is higher by one', breaks: exact },
    { name: 'time-is-short', title: 'The time is a moment', breaks: stays },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho, policies }) {
    const host = hostname();
    const siblingHost = hostname('sibling');
    const own = await gateways.own(gateway('limited').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await policies.apply(policy.localRateLimit(1, minutes(10)), route);
    await apply(httpRoute('sibling').on(own).host(siblingHost).rule({ to: otherEcho.service }), route);
    // Fresh connections to begin with: one that was open when the limit came may be served by what there was before it.
    const refused = async (freshConnection: boolean) =>
      denied(await own.get('/', { host, freshConnection }), { ...policies.outcomes.locallyRateLimited, before: echo });

    const areRefused = async () => {
      await refused(true);
      await refused(false);
    };

    // A gateway may serve a route before it knows its limit; what counts exactly is a limit that takes the place of another.
    await expect.eventually(over, areRefused);
    const before = (await echo.arrivals()).length;
    const per = sabotaged('time-is-short') ? seconds(2) : minutes(10);
    await policies.apply(policy.localRateLimit(sabotaged('one-more') ? limit + 1 : limit, per), route);

    await expect.eventually(
      within,
      async () => {
        await reached(await own.get('/', { host, freshConnection: true }), echo);
      },
      { streak: 1 },
    );

    await expect.eventually(overAgain, areRefused);

    await expect.consistently(stays, () => refused(true));

    await expect.now(exact, async () => {
      const passed = (await echo.arrivals()).length - before;
      holds(passed === limit, `${limit} arrivals at ${echo.name}`, `${passed} arrivals`);
    });

    await expect.eventually(sibling, async () => {
      for (let count = 0; count <= limit; count += 1) await reached(await own.get('/', { host: siblingHost }), otherEcho);
    });
  },
});
