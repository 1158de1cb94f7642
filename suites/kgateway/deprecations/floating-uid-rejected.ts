// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from '../../../harness/check/expect.ts';
import { holds } from '../../../harness/check/matchers.ts';
import { messageOf } from '../../../harness/errors.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const known = 'GatewayParameters with the field that took its place are accepted';
const refused = 'GatewayParameters with the removed field are refused, and the refusal names it';

export default defineCheck({
  id: 'floating-uid-rejected',
  title: 'The removed field floatingUserId is refused instead of being taken for something',
  feature: 'gateway.security-context',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/gateway_parameters_types.go')],
  requires: [],
  sabotages: [{ name: 'known-field', title: 'The field is one that there is', breaks: refused }],
  async run({ apply, expect, kube, namespace, sabotaged }) {
    await expect.now(known, async () => {
      await apply(gatewayParameters('known', { kube: { omitDefaultSecurityContext: true } }));
    });
    const field = sabotaged('known-field') ? 'omitDefaultSecurityContext' : 'floatingUserId';
    const removed = gatewayParameters('removed', { kube: { [field]: true } });
    await expect.now(refused, async () => {
      const refusal = await kube
        .apply({ ...removed, metadata: { name: 'removed', namespace } }, { dryRun: true })
        .then(() => new Mismatch(`a refusal of ${field}`, 'no refusal'), messageOf);
      if (refusal instanceof Mismatch) throw refusal;
      holds(refusal.includes('floatingUserId'), 'a refusal that names floatingUserId', refusal);
    });
  },
});
