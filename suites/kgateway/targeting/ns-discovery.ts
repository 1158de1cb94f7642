// SPDX-License-Identifier: Apache-2.0
import { conditionsOf } from '../../../harness/check/conditions.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { undiscoveredLabel } from '../../../fixtures/targets/kgateway/installations.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';
import { tenant } from './tenant.ts';

const seen = 'a route of a namespace that is looked at serves';
const unseen = 'a route of a namespace that is not looked at gets no requests';
const unsaid = 'nothing is said of that route';
const discovered = 'once the namespace is looked at, its route serves, with its policy';
const forgotten = 'once the namespace is not looked at again, its route gets no requests';

export default defineCheck({
  id: 'ns-discovery',
  title: 'Routes and policies count only in namespaces that the controller looks at',
  feature: 'policy.targeting',
  priority: 'P1',
  installation: 'tuned',
  specification: [kgatewaySource('pkg/krtcollections/namespaceselector.go'), kgatewaySource('api/settings/settings.go')],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'seen-namespace-labelled', title: 'The namespace that is looked at has the label', breaks: seen },
    { name: 'label-left-out', title: 'The namespace that is not looked at lacks the label', breaks: unseen },
    { name: 'label-stays', title: 'The namespace keeps the label', breaks: discovered },
    { name: 'label-stays-away', title: 'The namespace does not get the label again', breaks: forgotten },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo }) {
    const [host, hiddenHost] = [hostname(), hostname('hidden')];
    const alice = singleUser('alice');
    const label = { [undiscoveredLabel]: 'true' };
    const visible = await tenant({ apply, namespace }, 'visible', echo, sabotaged('seen-namespace-labelled') ? label : {});
    const hidden = await tenant({ apply, namespace }, 'hidden', echo, sabotaged('label-left-out') ? {} : label);
    const route = httpRoute('app').on(gateway).rule({ to: echo.service });
    const hiddenRoute = route.inNamespace(hidden).host(hiddenHost);
    const policy = alice.policy(hiddenRoute);
    await apply({ ...policy, metadata: { ...policy.metadata, namespace: hidden } }, hiddenRoute, route.inNamespace(visible).host(host));
    const absent = async () => denied(await gateway.get('/', { host: hiddenHost }), { status: 404, before: echo });

    await expect.eventually(seen, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });
    await expect.consistently(unseen, absent);
    await expect.now(unsaid, async () => {
      same('conditions', conditionsOf(await kube.get(referenceTo(hiddenRoute, hidden))).length, 0);
    });

    if (!sabotaged('label-stays')) await apply(namespaceBeside(namespace, 'hidden'));
    await expect.eventually(discovered, () =>
      onlyPasses(alice, [alice], { echo, send: (request: ProbeRequest) => gateway.send({ host: hiddenHost, ...request }) }),
    );

    if (!sabotaged('label-stays-away')) await apply(namespaceBeside(namespace, 'hidden', label));
    await expect.eventually(forgotten, absent);
  },
});
