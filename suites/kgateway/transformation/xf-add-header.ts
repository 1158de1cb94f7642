// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, header, holds, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const added = 'the backend sees the added value after the original, or the proxy says that it cannot add and leaves the request as it was';

/** What a module says that is built for an Envoy without the patch of kgateway's own. */
const unsupported = 'add header is currently not supported';

export default defineCheck({
  id: 'xf-add-header',
  title: 'A header is added beside those that are there, or the proxy says that it cannot',
  feature: 'traffic.transformation',
  specification: [
    kgatewaySource('docs/guides/transformation.md'),
    kgatewaySource('internal/envoyinit/rustformations/src/http_simple_mutations.rs'),
  ],
  needs: ['rust-module'],
  requires: ['gateway', 'proxies', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: added },
    { name: 'set-in-place-of-add', title: 'The header is set', breaks: added },
  ],
  async run({ apply, expect, hostname, sabotaged, attach, gateway, proxies, echo }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const change = [{ name: 'x-add', value: `added for ${host}` }];
    const transformation = { request: sabotaged('set-in-place-of-add') ? { set: change } : { add: change } };
    await apply.subject(trafficPolicy('transformation', [route], { transformation }));
    await apply(route);

    await expect.eventually(added, async () => {
      const exchange = await gateway.get('/', { host, headers: { 'x-add': 'original' } });
      const arrival = await reached(exchange, echo);
      const values = (arrival.headers['x-add'] ?? []).flatMap((value) => value.split(/, ?/));
      if (values.length === 2) {
        header(arrival, 'x-add', /^original, ?added for /);
        return;
      }
      header(arrival, 'x-add', 'original');
      const logs = await proxies.log(gateway);
      holds(logs.includes(unsupported), `two values, or a log that says "${unsupported}"`, 'one value, and no such log', exchange);
      attach('add is not supported by this module', unsupported);
    });

    await expect.now('a header that nobody adds is not there', async () => {
      header(await reached(await gateway.get('/', { host }), echo), 'x-other', absent);
    });
  },
});
