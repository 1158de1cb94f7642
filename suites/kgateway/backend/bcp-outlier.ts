// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const both = 'while both endpoints are sound, both are served';
const ejected = 'an endpoint that answered with an error is left out';
const stays = 'it is left out for the time of the policy, though it is sound again';
const bounded = 'no more endpoints are left out than the policy allows: the last one stays';

export default defineCheck({
  id: 'bcp-outlier',
  title: 'An endpoint that answers with errors is left out for a time',
  feature: 'backend.resilience',
  priority: 'P1',
  specification: [
    envoyDocs('Outlier detection', 'intro/arch_overview/upstream/outlier'),
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/outlierdetection.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho', 'bothEchoes'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: ejected },
    { name: 'ejected-for-a-moment', title: 'The time of the policy is a moment', breaks: stays },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, bothEchoes }) {
    const host = hostname();
    const to = bothEchoes.service;
    await apply.subject(
      backendConfigPolicy('outliers', [{ apiVersion: 'v1', kind: 'Service', metadata: { name: to.name } }], {
        outlierDetection: {
          consecutive5xx: 1,
          interval: '50ms',
          baseEjectionTime: sabotaged('ejected-for-a-moment') ? '1ms' : '600s',
          maxEjectionPercent: 51,
        },
      }),
    );
    await apply(httpRoute('app').on(gateway).host(host).rule({ to }));
    /** Where a number of requests went. */
    const counts = async () => {
      const seen = { echo: 0, otherEcho: 0 };
      for (let count = 0; count < 16; count += 1) {
        const { id } = await gateway.get('/', { host });
        seen.echo += (await echo.arrivals(id)).length;
        seen.otherEcho += (await otherEcho.arrivals(id)).length;
      }
      return seen;
    };
    const onlyOther = async () => {
      const seen = await counts();
      holds(
        seen.echo === 0 && seen.otherEcho === 16,
        'all requests at the other endpoint',
        seen.echo === 0 ? 'fewer' : 'some at the first',
      );
    };

    await expect.eventually(both, async () => {
      const seen = await counts();
      holds(seen.echo > 0 && seen.otherEcho > 0, 'requests at both', seen.echo > 0 ? 'none at the other' : 'none at the first');
    });

    await echo.program({ status: 503 });
    await expect.eventually(ejected, onlyOther, { streak: 1 });

    await echo.program({});
    await expect.consistently(stays, onlyOther);

    await otherEcho.program({ status: 503 });
    await expect.consistently(bounded, onlyOther);
  },
});
