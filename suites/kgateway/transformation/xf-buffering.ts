// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const small = 'a body that fits into the buffer passes';
const large = 'a body that does not is refused, because a request with a transformation is buffered whole';

export default defineCheck({
  id: 'xf-buffering',
  title: 'A transformation buffers requests, and what does not fit is refused',
  feature: 'traffic.transformation',
  priority: 'P1',
  specification: [
    kgatewaySource('docs/guides/transformation.md'),
    kgatewaySource('internal/envoyinit/rustformations/src/http_simple_mutations.rs'),
  ],
  needs: ['rust-module'],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The transformation is left out', breaks: large },
    { name: 'limit-left-out', title: 'The buffer has its default limit', breaks: large },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const own = await gateways.own(gateway('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    if (!sabotaged('limit-left-out'))
      await apply(listenerPolicy('limit', [own.resource], { default: { perConnectionBufferLimitBytes: 4096 } }));
    await apply(route);
    await apply.subject(
      trafficPolicy('transformation', [route], { transformation: { request: { set: [{ name: 'x-set', value: 'set' }] } } }),
    );
    const post = (bytes: number) => own.send({ method: 'POST', host, body: 'x'.repeat(bytes), freshConnection: true });

    await expect.eventually(small, async () => {
      await reached(await post(16), echo);
    });

    await expect.eventually(large, async () => denied(await post(64 * 1024), { status: 413, before: echo }));
  },
});
