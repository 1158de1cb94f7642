// SPDX-License-Identifier: Apache-2.0
// What the experimental gate of kgateway covers in an HTTPRoute: each field is served with the gate on, and left alone with it off.
import type { Check } from '../../../harness/check/check.ts';
import { absent, denied, header, holds, reached, same, status } from '../../../harness/check/matchers.ts';
import { httpRoute, responseHeaders, type HttpRoute, type HttpRouteFilter } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';
import { servingOf } from './serving.ts';

const gate = kgatewaySource('api/settings/settings.go');
const reachesBackend = 'a request reaches the backend, so the route is served';
const accepted = 'the route is accepted nevertheless';

const origin = 'https://a.test';
const corsFilter: HttpRouteFilter = { type: 'CORS', cors: { allowOrigins: [origin] } };
const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } };
const answered = 'the gateway answers a preflight of the allowed origin itself';
const forwarded = 'a preflight reaches the backend, and no header of CORS is in the answer';

/** The gate has two names: the one that is read, and the one that the release's announcement shows. */
const corsOn = (id: string, title: string, installation?: string): Check =>
  defineCheck({
    id,
    title,
    feature: 'gateway.experimental-gate',
    specification: [gate, gep(1767)],
    requires: ['gateway', 'echo'],
    ...(installation === undefined ? {} : { installation }),
    sabotages: [{ name: 'filter-left-out', title: 'The route has no filter for CORS', breaks: answered }],
    async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
      const host = hostname();
      const filters = sabotaged('filter-left-out') ? [] : [corsFilter];
      await apply(httpRoute('app').on(gateway).host(host).rule({ filters, to: echo.service }));

      await expect.eventually(reachesBackend, async () => {
        await reached(await gateway.get('/', { host }), echo);
      });

      await expect.eventually(answered, async () => {
        const exchange = await gateway.send({ ...preflight, host });
        await denied(exchange, { status: 200, before: echo });
        header(exchange, 'access-control-allow-origin', origin);
      });
    },
  });

const corsOff = defineCheck({
  id: 'exp-off-cors',
  title: 'With the experimental gate off, a CORS filter does nothing, and the route is served without it',
  feature: 'gateway.experimental-gate',
  installation: 'experimental-off',
  specification: [gate, kgatewaySource('pkg/krtcollections/builtin.go')],
  requires: ['gateway', 'echo'],
  sabotages: [{ name: 'policy-instead', title: 'A TrafficPolicy, which the gate does not cover, asks for the same', breaks: forwarded }],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo }) {
    const host = hostname();
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ filters: [corsFilter], to: echo.service });
    if (sabotaged('policy-instead')) await apply(trafficPolicy('cors', [route], { cors: { allowOrigins: [origin] } }));
    await apply(route);

    await expect.eventually(reachesBackend, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    await expect.consistently(forwarded, async () => {
      const exchange = await gateway.send({ ...preflight, host });
      await reached(exchange, echo);
      for (const name of ['origin', 'methods', 'headers', 'max-age']) header(exchange, `access-control-allow-${name}`, absent);
    });

    await expect.eventually(
      accepted,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );
  },
});

const attempts = 2;
const triedAgain = 'a request that fails is tried as often as the route says';
const triedOnce = 'a request that fails is tried once';
const policyTries = 'a policy, which the gate does not cover, makes the proxy try again';

const retries = (on: boolean): Check =>
  defineCheck({
    id: on ? 'exp-on-retry' : 'exp-off-retry',
    title: on
      ? 'With the experimental gate on, a route tries a failed request again'
      : 'With the experimental gate off, a route does not try a failed request again, and a policy still does',
    feature: 'gateway.experimental-gate',
    installation: on ? 'release' : 'experimental-off',
    specification: [gate, gep(1731), kgatewaySource('pkg/krtcollections/builtin.go')],
    requires: ['gateway', 'echo'],
    sabotages: on
      ? [{ name: 'retry-left-out', title: 'The route says nothing of retries', breaks: triedAgain }]
      : [{ name: 'policy-on-the-route', title: 'The policy that tries again is on this route too', breaks: triedOnce }],
    async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
      const host = hostname();
      const policyHost = hostname('policy');
      await echo.program({ status: 503 });
      const retry = { attempts, codes: [503] };
      const leftOut = on && sabotaged('retry-left-out');
      const route = httpRoute('app')
        .on(gateway)
        .host(host)
        .rule({ to: echo.service, ...(leftOut ? {} : { retry }) });
      const other = httpRoute('policy').on(gateway).host(policyHost).rule({ to: echo.service });
      const targets = !on && sabotaged('policy-on-the-route') ? [other, route] : [other];
      if (!on) await apply(trafficPolicy('retry', targets, { retry: { attempts, retryOn: ['5xx'] } }));
      await apply(route, other);
      const tries = async (asked: string): Promise<number> => {
        const exchange = await gateway.get('/', { host: asked });
        status(exchange, 503);
        return (await echo.arrivals(exchange.id)).length;
      };

      if (on) await expect.eventually(triedAgain, async () => same('arrivals of one request', await tries(host), 1 + attempts));
      else {
        await expect.eventually(triedOnce, async () => same('arrivals of one request', await tries(host), 1));
        await expect.eventually(policyTries, async () => same('arrivals of one request', await tries(policyHost), 1 + attempts));
      }
    },
  });

/** Follow-ups of a session; of two backends, that all go to one by chance is out of the question. */
const followUps = 20;
const name = 'gauntlet-session';
const spreads = 'requests without a session go to both backends';
const sticks = 'all requests of a session go to the backend of its first one';
const noSession = 'no answer starts a session';

const sessions = (on: boolean): Check =>
  defineCheck({
    id: on ? 'exp-on-session' : 'exp-off-session',
    title: on
      ? 'With the experimental gate on, the requests of a session go to one backend, by cookie and by header'
      : 'With the experimental gate off, a route that asks for sessions starts none',
    feature: on ? 'routing.session-persistence' : 'gateway.experimental-gate',
    priority: 'P1',
    installation: on ? 'release' : 'experimental-off',
    specification: [gate, gep(1619), kgatewaySource('pkg/krtcollections/builtin.go')],
    requires: ['gateway', 'echo', 'otherEcho', 'bothEchoes'],
    sabotages: on
      ? [{ name: 'sessions-left-out', title: 'The route says nothing of sessions', breaks: sticks }]
      : [{ name: 'cookie-set-otherwise', title: 'Another filter of the route sets such a cookie', breaks: noSession }],
    async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, bothEchoes }) {
      const to = bothEchoes.service;
      const asked = !on || !sabotaged('sessions-left-out');
      const route = (type: 'Cookie' | 'Header', host: string): HttpRoute =>
        httpRoute(type.toLowerCase())
          .on(gateway)
          .host(host)
          .rule({
            to,
            ...(asked ? { sessionPersistence: { type, sessionName: name, absoluteTimeout: '1h' } } : {}),
            ...(!on && sabotaged('cookie-set-otherwise') ? { filters: [responseHeaders({ set: { 'set-cookie': `${name}=x` } })] } : {}),
          });
      const hosts = { Cookie: hostname('cookie'), Header: hostname('header') };
      await apply(route('Cookie', hosts.Cookie), route('Header', hosts.Header));
      const backends = [echo, otherEcho];

      for (const type of ['Cookie', 'Header'] as const) {
        const host = hosts[type];
        await expect.eventually(
          `${spreads} (${type})`,
          async () => {
            const served = new Set<string>();
            for (let request = 0; request < followUps; request += 1) {
              served.add(await servingOf(await gateway.get('/', { host }), backends));
            }
            same('backends that served', served.size, 2);
          },
          { streak: 1 },
        );
        if (!on) {
          await expect.consistently(noSession, async () => {
            const exchange = await gateway.get('/', { host });
            status(exchange, 200);
            header(exchange, 'set-cookie', absent);
            header(exchange, name, absent);
          });
          continue;
        }
        await expect.eventually(
          sticks,
          async () => {
            const first = await gateway.get('/', { host });
            const backend = await servingOf(first, backends);
            const given =
              type === 'Cookie' ? first.response?.headers['set-cookie']?.[0]?.split(';')[0] : first.response?.headers[name]?.[0];
            holds(given !== undefined, `a session in the answer (${type})`, 'none', first);
            const headers = type === 'Cookie' ? { cookie: given } : { [name]: given };
            for (let request = 0; request < followUps; request += 1) {
              same('backend', await servingOf(await gateway.get('/', { host, headers }), backends), backend);
            }
          },
          { streak: 1 },
        );
      }
    },
  });

export default [
  corsOn('exp-on-cors', 'With the experimental gate on, a CORS filter of a route is served'),
  corsOn(
    'exp-default-on',
    'The experimental gate is on by default, and the name that the announcement shows for it changes nothing',
    'xds-tls',
  ),
  corsOff,
  retries(true),
  retries(false),
  sessions(true),
  sessions(false),
];
