// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { body, holds, reached } from '../../../harness/check/matchers.ts';
import { formatDuration, milliseconds, seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const fast = 'a request that the backend answers in time is answered by it';
const slow = 'a request that the backend does not answer in time gets the gateway’s answer, once the time is over and not before';

const limit = milliseconds(500);
/** What the backend takes: longer than the limit, and less than a request of the harness may take, so that a missing limit shows as an answer. */
const taken = seconds(3);

export default defineCheck({
  id: 'timeout',
  title: 'A request that takes longer than the policy allows is ended',
  feature: 'traffic.timeouts',
  specification: [
    envoyDocs('Route timeouts', 'faq/configuration/timeouts'),
    kgatewaySource('api/v1alpha1/shared/timeouts.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/timeout_retry.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: slow },
    { name: 'limit-is-longer', title: 'The policy allows more than the backend takes', breaks: slow },
    { name: 'limit-is-shorter', title: 'The policy allows a tenth of the time', breaks: slow },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    await echo.program({ answerPerRequest: true });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const given = sabotaged('limit-is-longer') ? seconds(6) : sabotaged('limit-is-shorter') ? milliseconds(limit.ms / 10) : limit;
    await policies.apply(policy.requestTimeout(given), route);
    await apply(route);
    const { timedOut } = policies.outcomes;
    const takes = ({ ms }: { readonly ms: number }) => ({ 'x-gauntlet-answer': JSON.stringify({ delayMs: ms }) });

    await expect.eventually(fast, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    await expect.eventually(slow, async () => {
      const exchange = await gateway.get('/', { host, headers: takes(taken) });
      await reached(exchange, echo, { status: timedOut.status });
      if (timedOut.body !== undefined) body(exchange, timedOut.body);
      const after = milliseconds(exchange.durationMs);
      holds(after.ms >= limit.ms, `no answer before ${formatDuration(limit)}`, `one after ${formatDuration(after)}`, exchange);
    });
  },
});
