// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { header, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const older = 'what the older policy sets takes effect';
const merged = 'what only the younger policy sets takes effect beside it';
const wins = 'what both set is as the older one says';
const said = 'the policies say whether all, some or nothing of them takes effect';

export default defineCheck({
  id: 'lp-merge',
  title: 'Of several policies on a Gateway the older wins, field by field, and each says what became of it',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/merge_http.go'),
    kgatewaySource('pkg/pluginsdk/policy/merge.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'older-left-out', title: 'There is no older policy', breaks: older },
    { name: 'younger-left-out', title: 'There are no younger policies', breaks: merged },
    { name: 'older-goes', title: 'The older policy goes when the younger ones come', breaks: wins },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const edge = gateway('merged').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const settings = (name: string, httpSettings: object): Resource => listenerPolicy(name, [edge], { default: { httpSettings } });
    // By name they would come in the opposite order.
    const first = settings('z-older', { serverHeaderTransformation: 'PassThrough' });
    const second = settings('m-younger', { serverHeaderTransformation: 'Overwrite', preserveExternalRequestId: true });
    const third = settings('a-youngest', { serverHeaderTransformation: 'Overwrite' });
    if (!sabotaged('older-left-out')) await apply(first);
    await echo.program({ headers: { server: 'echo/1.0' } });
    // A Gateway takes longer to come up than the second that creation times are counted in.
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = () => own.get('/', { host, headers: { 'x-request-id': 'mine' }, freshConnection: true });

    await expect.eventually(older, async () => header(await send(), 'server', 'echo/1.0'));

    if (!sabotaged('younger-left-out')) await apply(second, third);
    await expect.eventually(merged, async () => header(await reached(await send(), echo), 'x-request-id', 'mine'));
    if (sabotaged('older-goes')) await kube.remove(referenceTo(first, namespace));
    await expect.consistently(wins, async () => header(await send(), 'server', 'echo/1.0'));

    await expect.eventually(
      said,
      async () => {
        for (const [policy, status, reason] of [
          [first, 'True', 'Merged'],
          [second, 'True', 'Merged'],
          [third, 'False', 'Overridden'],
        ] as const) {
          condition(await kube.get(referenceTo(policy, namespace)), 'Attached', { status, reason, of: `ancestor ${own.name}` });
        }
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
