// SPDX-License-Identifier: Apache-2.0
import { header, reached, same } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const works = 'the template cuts a plain header';
const survives = 'a header that the template cuts in the middle of a character is answered';
const running = 'the proxy has not been restarted';

/** The bytes of é in UTF-8, as a header carries them. */
const twoBytes = Buffer.from('é').toString('latin1');

export default defineCheck({
  id: 'xf-utf8-substring',
  title: 'No header that a client sends ends the proxy',
  feature: 'traffic.transformation',
  priority: 'P1',
  specification: [kgatewaySource('internal/envoyinit/transformations/src/jinja.rs')],
  needs: ['rust-module'],
  requires: ['gateways', 'proxies', 'echo'],
  sabotages: [
    { name: 'template-does-not-cut', title: 'The template copies the header whole', breaks: works },
    { name: 'nobody-answers', title: 'The backend hangs up', breaks: survives },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, proxies, echo }) {
    const host = hostname();
    // A proxy that dies takes nobody else's requests with it.
    const own = await gateways.own(gateway('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const value = sabotaged('template-does-not-cut') ? '{{ header("x-a") }}' : '{{ substring(header("x-a"), 1, 1) }}';
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await apply(trafficPolicy('cut', [route], { transformation: { request: { set: [{ name: 'x-cut', value }] } } }), route);

    await expect.eventually(works, async () => {
      header(await reached(await own.get('/', { host, headers: { 'x-a': 'abc' } }), echo), 'x-cut', 'b');
    });

    if (sabotaged('nobody-answers')) await echo.fault('reset');
    await expect.now(survives, async () => {
      await reached(await own.get('/', { host, headers: { 'x-a': twoBytes }, freshConnection: true }), echo);
    });

    await expect.consistently(running, async () => {
      const pods = await proxies.pods(own);
      same(
        'restarts',
        pods.flatMap(restartsOf).reduce((sum, count) => sum + count, 0),
        0,
      );
    });
  },
});

function restartsOf(pod: Readonly<Record<string, unknown>>): readonly number[] {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  return containerStatuses.map(({ restartCount }) => restartCount);
}
