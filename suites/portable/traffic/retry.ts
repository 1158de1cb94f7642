// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, status } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { milliseconds, seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const once = 'a request that succeeds is sent to the backend once';
const helps = 'a request that fails as often as it may be retried succeeds in the end';
const bounded = 'a request that goes on failing is retried as often as the policy says, and no more';
const notRetried = 'a request that fails for another reason is not retried';
const perTry = 'a try that the backend does not answer in time is given up and retried';

const retries = 2;

export default defineCheck({
  id: 'retry',
  title: 'A request that failed is tried again as often as the policy says',
  feature: 'traffic.retries',
  specification: [
    envoyDocs('x-envoy-retry-on', 'configuration/http/http_filters/router_filter'),
    kgatewaySource('api/v1alpha1/kgateway/retries.go'),
    kgatewaySource('pkg/pluginsdk/policy/retry.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: helps },
    { name: 'retries-twice-as-often', title: 'The policy retries twice as often', breaks: bounded },
    { name: 'retries-everything', title: 'The policy retries the other failure as well', breaks: notRetried },
    { name: 'tries-have-no-limit', title: 'A try may take as long as it likes', breaks: perTry },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(
      policy.retry({
        attempts: sabotaged('retries-twice-as-often') ? 2 * retries : retries,
        on: ['server-error', ...(sabotaged('retries-everything') ? [429] : [])],
        ...(sabotaged('tries-have-no-limit') ? {} : { perTry: milliseconds(500) }),
      }),
      route,
    );
    await apply(route);
    const send = () => gateway.get('/', { host });
    /** Holds when the client got the status, and the backend was asked so many times. */
    const tried = async (exchange: Exchange, wanted: number, times: number) => {
      status(exchange, wanted);
      const arrivals = await echo.arrivals(exchange.id);
      holds(arrivals.length === times, `${times} arrivals at ${echo.name}`, `${arrivals.length} arrivals`, exchange);
    };

    await expect.eventually(once, async () => tried(await send(), 200, 1));

    await echo.program({ first: Array.from({ length: retries }, () => ({ status: 503 })) });
    await expect.eventually(helps, async () => tried(await send(), 200, 1 + retries));

    await echo.program({ status: 503 });
    await expect.eventually(bounded, async () => tried(await send(), 503, 1 + retries));

    await echo.program({ status: 429 });
    await expect.eventually(notRetried, async () => tried(await send(), 429, 1));

    await echo.program({ first: [{ delayMs: seconds(3).ms }] });
    await expect.eventually(perTry, async () => tried(await send(), 200, 2), { streak: 1 });
  },
});
