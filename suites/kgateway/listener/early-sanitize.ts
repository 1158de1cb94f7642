// SPDX-License-Identifier: Apache-2.0
import { absent, header, holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute, requestHeaders } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const ordinary = 'a request without the header goes the ordinary way, past every server that is asked';
const never = 'a client that sends the header does not get onto the route that it would choose';
const unseen = 'neither the servers that are asked nor the backend see the header';
const late = 'the route’s own filter comes too late: on a port without the policy, the header has chosen the route';

/** The header that only a trusted hop may set. */
const identity = { 'x-user': 'admin' };

export default defineCheck({
  id: 'early-sanitize',
  title: 'A header that the listener removes chooses no route, and no filter sees it',
  feature: 'listener.early-headers',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
    envoyDocs('Early header mutation', 'configuration/http/http_conn_man/header_sanitizing'),
  ],
  requires: ['gateways', 'echo', 'otherEcho', 'extAuth', 'extProc', 'rateLimit'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: never },
    { name: 'another-header', title: 'The policy removes another header', breaks: never },
    { name: 'set-in-place', title: 'The listener sets another value in place of removing it', breaks: unseen },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho, extAuth, extProc, rateLimit }) {
    const host = hostname();
    const edge = gateway('early')
      .listener({ name: 'sanitizes', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'plain', port: 8180, protocol: 'HTTP' });
    const name = sabotaged('another-header') ? 'x-nobody' : 'x-user';
    const modifier = sabotaged('set-in-place') ? { set: [{ name, value: 'guest' }] } : { remove: [name] };
    if (!sabotaged('policy-left-out')) {
      const listener = { httpSettings: { earlyRequestHeaderModifier: modifier } };
      await apply(listenerPolicy('early', [edge], { perPort: [{ port: 8080, listener }] }));
    }
    const ordinaryRoute = httpRoute('ordinary').host(host).rule({ to: echo.service });
    const privileged = httpRoute('privileged')
      .host(host)
      .rule({ headers: identity, filters: [requestHeaders({ remove: ['x-user'] })], to: otherEcho.service });
    await apply(
      gatewayExtension('authz', { extAuth: { grpcService: { backendRef: extAuth.service } } }),
      gatewayExtension('processor', { extProc: { grpcService: { backendRef: extProc.service } } }),
      gatewayExtension('limits', { rateLimit: { domain: 'early', grpcService: { backendRef: rateLimit.service } } }),
      trafficPolicy('asks', [ordinaryRoute], {
        extAuth: { extensionRef: { name: 'authz' } },
        extProc: { extensionRef: { name: 'processor' } },
        rateLimit: { global: { descriptors: [{ entries: [{ type: 'Header', header: 'x-user' }] }], extensionRef: { name: 'limits' } } },
      }),
    );
    await extAuth.program({ always: 'allow' });
    const own = await gateways.own(edge);
    await apply(ordinaryRoute.on(own), privileged.on(own));
    const send = (listener: string, headers = {}) => own.get('/', { host, headers }, listener);

    await expect.eventually(ordinary, async () => {
      const exchange = await send('sanitizes');
      await reached(exchange, echo);
      for (const server of [extAuth, extProc])
        holds((await server.arrivals(exchange.id)).length > 0, `a question to ${server.name}`, 'none');
    });

    await expect.eventually(never, async () => {
      const exchange = await send('sanitizes', identity);
      await reached(exchange, echo);
      holds((await otherEcho.arrivals(exchange.id)).length === 0, 'no arrival at the privileged backend', 'one', exchange);
    });

    await expect.eventually(unseen, async () => {
      const exchange = await send('sanitizes', identity);
      header(await reached(exchange, echo), 'x-user', absent);
      for (const server of [extAuth, extProc]) {
        const questions = await server.arrivals(exchange.id);
        holds(questions.length > 0, `a question to ${server.name}`, 'none', exchange);
        for (const question of questions) header(question, 'x-user', absent);
      }
      const values = (await rateLimit.arrivals()).flatMap(({ descriptors = [] }) => descriptors.flat());
      holds(
        values.every(({ key }) => key !== 'x-user'),
        'no descriptor of the header',
        JSON.stringify(values),
        exchange,
      );
    });

    await expect.eventually(late, async () => {
      header(await reached(await send('plain', identity), otherEcho), 'x-user', absent);
    });
  },
});
