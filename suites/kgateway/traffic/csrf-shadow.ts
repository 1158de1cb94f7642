// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const passes = 'a request from a foreign origin reaches the backend';
const counted = 'the proxy counts it as one that it would have refused';
const sound = 'a request from the host itself is counted as valid';

export default defineCheck({
  id: 'csrf-shadow',
  title: 'A CSRF policy in shadow refuses nothing, and counts what it would have refused',
  feature: 'traffic.csrf',
  priority: 'P1',
  specification: [
    envoyDocs('CSRF: statistics', 'configuration/http/http_filters/csrf_filter'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  // Of its own, for its counters.
  requires: ['gateways', 'echo', 'proxies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: counted },
    { name: 'enforced', title: 'The policy is enforced', breaks: passes },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, proxies }) {
    const host = hostname();
    const own = await gateways.own(gateway('shadow').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await apply.subject(
      trafficPolicy('shadow', [route], { csrf: sabotaged('enforced') ? { percentageEnabled: 100 } : { percentageShadowed: 100 } }),
    );
    await apply(route);
    const post = (origin: string) => own.send({ method: 'POST', host, headers: { origin }, freshConnection: true });
    const count = (name: string) => proxies.counter(own, `csrf.${name}`);

    await expect.eventually(counted, async () => {
      const before = await count('request_invalid');
      await post('https://evil.test');
      const more = (await count('request_invalid')) - before;
      holds(more === 1, 'request_invalid to rise by 1', `a rise by ${more}`);
    });

    await expect.eventually(passes, async () => {
      await reached(await post('https://evil.test'), echo);
    });

    await expect.eventually(sound, async () => {
      const [valid, invalid] = [await count('request_valid'), await count('request_invalid')];
      await reached(await post(`http://${host}`), echo);
      const more = [(await count('request_valid')) - valid, (await count('request_invalid')) - invalid].join(' and ');
      holds(more === '1 and 0', 'request_valid to rise by 1 and request_invalid by 0', `rises by ${more}`);
    });
  },
});
