// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const own = 'a request that changes something and comes from the host itself reaches the backend';
const listed = 'one from an origin of the policy reaches the backend';
const foreign = (origin: string) => `one from ${origin} is refused before the backend sees it`;
const reading = 'a request that only reads reaches the backend, wherever it comes from';

const shop = 'https://shop.example.org';
/** Headers of pages that must not get through. */
const strangers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nowhere: {},
  'another origin': { origin: 'https://evil.test' },
  'an origin that ends like the listed one': { origin: 'https://evil-shop.example.org' },
  'an origin that begins like the listed one': { origin: `${shop}.evil.test` },
  'the listed host on another port': { origin: `${shop}:8443` },
  'an opaque origin': { origin: 'null' },
  'a page of another origin that hides its origin': { referer: 'https://evil.test/form' },
};

export default defineCheck({
  id: 'csrf-basic',
  title: 'A request that changes something passes only from the host itself and the listed origins',
  feature: 'traffic.csrf',
  specification: [
    envoyDocs('CSRF', 'configuration/http/http_filters/csrf_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/csrf_policy.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: foreign('nowhere') },
    { name: 'stranger-is-listed', title: 'The attacker’s origin is among the listed ones', breaks: foreign('another origin') },
    { name: 'origin-not-listed', title: 'The policy lists no origin', breaks: listed },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const origins = [...(sabotaged('origin-not-listed') ? [] : [shop]), ...(sabotaged('stranger-is-listed') ? ['https://evil.test'] : [])];
    await policies.apply(policy.csrf(...origins), route);
    await apply(route);
    const post = (headers: Readonly<Record<string, string>>) => gateway.send({ method: 'POST', host, headers, body: 'transfer' });

    await expect.eventually(own, async () => {
      await reached(await post({ origin: `http://${host}` }), echo);
    });

    for (const [name, headers] of Object.entries(strangers)) {
      await expect.eventually(foreign(name), async () => denied(await post(headers), { ...policies.outcomes.csrfRefused, before: echo }));
    }

    await expect.eventually(listed, async () => {
      await reached(await post({ origin: shop }), echo);
    });

    await expect.eventually(reading, async () => {
      await reached(await gateway.get('/', { host, headers: { origin: 'https://evil.test' } }), echo);
    });
  },
});
