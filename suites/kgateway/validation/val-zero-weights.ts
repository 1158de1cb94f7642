// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to a rule of which one backend has a weight reaches that backend';
const answered = 'a request to a rule of several backends whose weights are all 0 gets an error and reaches none of them';
const alone = 'a request to a rule whose only backend has the weight 0 does not reach it';

export default defineCheck({
  id: 'val-zero-weights',
  title: 'A rule whose backends all have the weight 0 answers with an error',
  feature: 'validation.route-replacement',
  priority: 'P1',
  specification: [gatewayApi('BackendRef', 'shared_types.go'), kgatewaySource('pkg/kgateway/translator/irtranslator/validate.go')],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [{ name: 'weight-given', title: 'One of the weights is 1', breaks: answered }],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho }) {
    const host = hostname();
    const weighted = (first: number) => [
      { ...echo.service, weight: first },
      { ...otherEcho.service, weight: 0 },
    ];
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ path: '/none', to: weighted(sabotaged('weight-given') ? 1 : 0) })
      .rule({ path: '/one', to: weighted(1) })
      .rule({ path: '/single', to: [{ ...echo.service, weight: 0 }] });
    await apply(route);

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/one', { host }), echo);
    });

    await expect.eventually(answered, async () => {
      await denied(await gateway.get('/none', { host }), { status: 500, before: [echo, otherEcho] });
    });

    // All rules came to the proxy together.
    await expect.eventually(alone, async () => denied(await gateway.get('/single', { host }), { status: 500, before: echo }), {
      within: seconds(5),
    });
  },
});
