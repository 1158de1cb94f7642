// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from '../../../harness/check/expect.ts';
import { holds } from '../../../harness/check/matchers.ts';
import { messageOf } from '../../../harness/errors.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const accepted = 'the same policies on what they may target are accepted';
const service = 'a policy that targets a Service is refused, and the refusal says what may be targeted';
const hostRewrite = 'a policy that rewrites the host for a whole Gateway is refused, and the refusal says why';
const tooMany = 'a policy with more than sixteen targets is refused, and the refusal says how many there may be';

const csrf = { csrf: { percentageEnabled: 100 } };
const autoHostRewrite = { autoHostRewrite: true };
const routes = (count: number) => Array.from({ length: count }, (_, index) => httpRoute(`route-${index}`));

export default defineCheck({
  id: 'tgt-cel',
  title: 'Policies with targets that they cannot have are refused at once',
  feature: 'policy.targeting',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go')],
  requires: [],
  sabotages: [
    { name: 'route-in-place-of-the-service', title: 'The policy targets a route', breaks: service },
    { name: 'route-in-place-of-the-gateway', title: 'The policy rewrites the host for a route', breaks: hostRewrite },
    { name: 'one-target-less', title: 'The policy has sixteen targets', breaks: tooMany },
  ],
  async run({ expect, kube, namespace, sabotaged }) {
    const route = httpRoute('app');
    const backend: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app' } };
    const dryRun = (policy: Resource) => kube.apply({ ...policy, metadata: { ...policy.metadata, namespace } }, { dryRun: true });
    const refused = async (policy: Resource, words: RegExp) => {
      const refusal = await dryRun(policy).then(() => new Mismatch('a refusal', 'no refusal'), messageOf);
      if (refusal instanceof Mismatch) throw refusal;
      holds(words.test(refusal), `a refusal that says ${String(words)}`, refusal);
    };

    await expect.now(accepted, async () => {
      await dryRun(trafficPolicy('policy', [route], csrf));
      await dryRun(trafficPolicy('policy', [route], autoHostRewrite));
      await dryRun(trafficPolicy('policy', routes(16), csrf));
    });
    await expect.now(service, () =>
      refused(
        trafficPolicy('policy', [sabotaged('route-in-place-of-the-service') ? route : backend], csrf),
        /may only reference Gateway, HTTPRoute/,
      ),
    );
    await expect.now(hostRewrite, () => {
      const target = sabotaged('route-in-place-of-the-gateway') ? route : gateway('edge');
      return refused(trafficPolicy('policy', [target], autoHostRewrite), /can only be used when targeting HTTPRoute/);
    });
    await expect.now(tooMany, () =>
      refused(trafficPolicy('policy', routes(sabotaged('one-target-less') ? 16 : 17), csrf), /at most 16 items/),
    );
  },
});
