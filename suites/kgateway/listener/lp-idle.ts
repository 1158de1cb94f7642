// SPDX-License-Identifier: Apache-2.0
import { holds, outcome, reached, status } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { formatDuration, milliseconds, seconds, type Duration } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { answerHeader } from '../../../mocks/echo/behaviour.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const prompt = 'an answer that comes in time reaches the client';
const stalled = 'a request whose answer does not come is ended once nothing has moved for the stream’s time';
const patient = 'on a port without the policy, the same request gets its answer';
const idle = 'a connection without requests is closed once its time is up';

/** What the policy allows, and what the backend takes. */
const [allowed, idleFor, taken] = [seconds(1), seconds(1), seconds(3)];
/** Until it is late, on a busy machine; a connection that was idle is first drained, for Envoy's default of five seconds. */
const [leeway, drained] = [seconds(4), seconds(5)];

export default defineCheck({
  id: 'lp-idle',
  title: 'Streams and connections in which nothing moves are ended after the listener’s times',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    envoyDocs('Timeouts', 'faq/configuration/timeouts'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'stream-time-left-out', title: 'The policy has no time for streams', breaks: stalled },
    { name: 'idle-time-left-out', title: 'The policy has no time for connections', breaks: idle },
    { name: 'on-every-port', title: 'The policy is for every port', breaks: patient },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('idle')
      .listener({ name: 'timed', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'plain', port: 8180, protocol: 'HTTP' });
    const listener = {
      httpSettings: {
        ...(sabotaged('stream-time-left-out') ? {} : { streamIdleTimeout: formatGo(allowed) }),
        ...(sabotaged('idle-time-left-out') ? {} : { idleTimeout: formatGo(idleFor) }),
      },
    };
    await apply(
      listenerPolicy('idle', [edge], sabotaged('on-every-port') ? { default: listener } : { perPort: [{ port: 8080, listener }] }),
    );
    await echo.program({ answerPerRequest: true });
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const late = { [answerHeader]: JSON.stringify({ delayMs: taken.ms }) };

    await expect.eventually(prompt, async () => {
      for (const port of ['timed', 'plain']) await reached(await own.get('/', { host }, port), echo);
    });
    await expect.eventually(
      stalled,
      async () => {
        const exchange = await own.get('/', { host, headers: late }, 'timed');
        status(exchange, 408, 504);
        lasted(exchange, allowed);
      },
      { streak: 1 },
    );
    await expect.eventually(
      patient,
      async () => {
        await reached(await own.get('/', { host, headers: late }, 'plain'), echo);
      },
      { streak: 1 },
    );
    await expect.eventually(
      idle,
      async () => {
        const exchange = await own.send({ host, untilClosed: true }, 'timed');
        holds(exchange.response !== undefined, 'the answer, and then the end', outcome(exchange), exchange);
        lasted(exchange, idleFor, milliseconds(drained.ms + seconds(3).ms));
      },
      { streak: 1 },
    );
  },
});

/** Not before the time that was set, and not much later. */
function lasted(exchange: Exchange, time: Duration, late = leeway): void {
  const within = milliseconds(time.ms + late.ms);
  const isTimely = exchange.durationMs >= time.ms && exchange.durationMs < within.ms;
  holds(isTimely, `an end after ${formatDuration(time)}, and before ${formatDuration(within)}`, isEarly(exchange, time), exchange);
}

const isEarly = ({ durationMs }: Exchange, time: Duration): string => (durationMs < time.ms ? 'an earlier one' : 'a later one');
const formatGo = (time: Duration): string => `${time.ms}ms`;
