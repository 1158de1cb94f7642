// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const both = 'while both endpoints are sound, both are served';
const checked = 'both endpoints are asked at the path of the policy';
const avoided = 'requests go to the sound endpoint only once the other fails its checks';
const none = 'once both fail, requests are answered with an error and reach none of them';
const back = 'an endpoint that is sound again is served again';

const path = '/healthz';

export default defineCheck({
  id: 'bcp-health',
  title: 'An endpoint that fails its health checks gets no requests until it is sound again',
  feature: 'backend.resilience',
  priority: 'P1',
  specification: [
    envoyDocs('Health checking', 'intro/arch_overview/upstream/health_checking'),
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/healthcheck.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho', 'bothEchoes'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: checked },
    { name: 'panics', title: 'The policy lets requests go anywhere when most endpoints fail', breaks: none },
    { name: 'never-sound-again', title: 'An endpoint counts as sound only after very many good checks', breaks: back },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, bothEchoes }) {
    const host = hostname();
    const to = bothEchoes.service;
    const get = () => gateway.get('/', { host });
    await apply(httpRoute('app').on(gateway).host(host).rule({ to }));
    const served = async () => {
      const counts = { echo: 0, otherEcho: 0 };
      for (let count = 0; count < 16; count += 1) {
        const { id } = await get();
        counts.echo += (await echo.arrivals(id)).length;
        counts.otherEcho += (await otherEcho.arrivals(id)).length;
      }
      return counts;
    };
    const bothServed = async () => {
      const counts = await served();
      holds(counts.echo > 0 && counts.otherEcho > 0, 'requests at both', counts.echo > 0 ? 'none at the other' : 'none at the first');
    };

    await expect.eventually(both, bothServed);

    // After the first requests: a cluster without traffic is checked once a minute only.
    await apply.subject(
      backendConfigPolicy('health', [{ apiVersion: 'v1', kind: 'Service', metadata: { name: to.name } }], {
        healthCheck: {
          timeout: '1s',
          interval: '200ms',
          unhealthyThreshold: 1,
          healthyThreshold: sabotaged('never-sound-again') ? 10_000 : 1,
          http: { path },
        },
        loadBalancer: { roundRobin: {}, healthyPanicThreshold: sabotaged('panics') ? 50 : 0 },
      }),
    );

    await expect.eventually(checked, async () => {
      await get();
      for (const peer of [echo, otherEcho]) {
        const checks = (await peer.arrivals('')).filter((arrival) => arrival.path === path);
        holds(checks.length > 1, `requests to ${path}`, checks.length === 0 ? 'none' : 'one');
      }
    });

    await echo.program({ status: 503 });
    await expect.eventually(avoided, async () => {
      await reached(await get(), otherEcho);
      const counts = await served();
      holds(counts.echo === 0, 'no request at the failing one', 'some');
    });

    await otherEcho.program({ status: 503 });
    await expect.eventually(none, async () => denied(await get(), { status: 503, body: 'no healthy upstream', before: [echo, otherEcho] }));

    await echo.program({});
    await otherEcho.program({});
    await expect.eventually(back, bothServed);
  },
});
