// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, reached, status } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { emittedGateway, emittedRoute } from './emitted.ts';

const always = 'canary-by-header: a request that asks for the canary gets it';
const never = 'canary-by-header: a request that refuses the canary does not get it';
const weighted = 'canary-weight: of the others, some get the canary, and fewer than half';

/** So many that with a weight of a fifth, none or half of them at the canary is less likely than one in a hundred thousand. */
const requests = 60;

export default defineCheck({
  id: 'migration-canary',
  title: 'An Ingress with a canary splits its requests by header and weight once it is migrated',
  feature: 'gateway.migration',
  priority: 'P1',
  specification: [
    {
      title: 'ingress2gateway, ingress-nginx provider: canary',
      url: 'https://github.com/kgateway-dev/ingress2gateway/blob/430edf2/pkg/i2gw/providers/ingressnginx/canary.go',
    },
  ],
  requires: ['gateways', 'echo', 'otherEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The route is left out', breaks: always },
    { name: 'never-means-always', title: 'The rule for those who refuse leads to the canary', breaks: never },
    { name: 'weights-exchanged', title: 'The weights are exchanged', breaks: weighted },
    { name: 'no-weight', title: 'The canary has no weight', breaks: weighted },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho }) {
    const host = hostname();
    const nginx = await gateways.own(emittedGateway([{ host }]));
    const [production, canary] = [echo.service, otherEcho.service];
    const weight = sabotaged('weights-exchanged') ? 80 : sabotaged('no-weight') ? 0 : 20;
    const route = emittedRoute('production', host, nginx)
      .rule({
        to: [
          { ...production, weight: 100 - weight },
          { ...canary, weight },
        ],
      })
      .rule({ headers: { 'X-Canary': 'always' }, to: canary })
      .rule({ headers: { 'X-Canary': 'never' }, to: sabotaged('never-means-always') ? canary : production });
    await apply.subject(route);

    await expect.eventually(always, async () => {
      await reached(await nginx.get('/', { host, headers: { 'x-canary': 'always' } }), otherEcho);
    });
    await expect.eventually(never, async () => {
      await reached(await nginx.get('/', { host, headers: { 'x-canary': 'never' } }), echo);
    });

    await expect.eventually(
      weighted,
      async () => {
        const exchanges = await Promise.all(Array.from({ length: requests }, () => nginx.get('/', { host })));
        for (const exchange of exchanges) status(exchange, 200);
        const ids = new Set(exchanges.map(({ id }) => id));
        const canaries = (await otherEcho.arrivals()).filter(({ id }) => ids.has(id)).length;
        const actual = canaries === 0 ? 'none' : canaries < requests / 2 ? 'some' : 'half of them or more';
        holds(actual === 'some', 'some requests at the canary', actual);
      },
      { streak: 1 },
    );
  },
});
