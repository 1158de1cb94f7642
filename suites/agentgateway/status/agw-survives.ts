// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { holds } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { seconds } from '../../../harness/units.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import type { AgentgatewayPolicySpec } from '../../../fixtures/agentgateway/generated/agentgateway-policy.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { statusStage } from './stage.ts';

const before = 'a policy that comes before it is attached';
const alive = 'the controller goes on, and is not restarted';
const after = 'a policy that comes after it is attached';

/** What a tenant may write. */
interface Input {
  readonly name: string;
  readonly words: string;
  readonly supporting: readonly Resource[];
  readonly traffic: NonNullable<AgentgatewayPolicySpec['traffic']>;
}

const inputs: readonly Input[] = [
  { name: 'empty-timeouts', words: 'a policy whose timeouts say no time', supporting: [], traffic: { timeouts: {} } },
  {
    name: 'empty-key',
    words: 'a Secret in which a key is empty',
    supporting: [secret('empty', { alice: '' })],
    traffic: { apiKeyAuthentication: { secretRef: { name: 'empty' } } },
  },
];

export default inputs.map(survival);

function survival({ name, words, supporting, traffic }: Input): Check {
  return defineCheck({
    id: `agw-survives-${name}`,
    title: `The controller survives ${words}`,
    feature: 'policy.targeting',
    serial: true,
    specification: [kgatewaySource('pkg/agentgateway/plugins/traffic_plugin.go')],
    requires: ['controller'],
    sabotages: [
      { name: 'earlier-policy-left-out', title: 'The earlier policy does not come', breaks: before },
      { name: 'controller-replaced', title: 'The pod of the controller is replaced', breaks: alive },
    ],
    async run(context) {
      const { apply, expect, budgets, controller, defer, kube, namespace, sabotaged, target } = context;
      const { route, isAttached } = await statusStage(context);
      const [app, other] = [route('app'), route('other')];
      const times = { traffic: { timeouts: { request: '10s' } } };
      const [first, second] = [agentgatewayPolicy('first', [app], times), agentgatewayPolicy('second', [other], times)];
      const subject = agentgatewayPolicy('subject', [other], { traffic });
      const within = { within: budgets.status, streak: 1 };
      await apply(app, other, ...supporting, ...(sabotaged('earlier-policy-left-out') ? [] : [first]));
      await expect.eventually(before, () => isAttached(first), within);

      const pods = async () => (await controller.pods()).map(lifeOf).join(', ');
      const replace = async () => {
        for (const { metadata } of await controller.pods())
          await kube.remove(
            { apiVersion: 'v1', kind: 'Pod', namespace: target.controller.namespace, name: metadata.name },
            { graceSeconds: 0 },
          );
      };
      const atFirst = await pods();
      // A controller that does not survive waits longer and longer before it tries again; those that come after this check shall not.
      defer(async () => {
        await kube.remove(referenceTo(subject, namespace));
        if ((await pods()) !== atFirst) await replace();
        await controller.ready();
      });
      await apply(subject);
      if (sabotaged('controller-replaced')) await replace();
      await expect.consistently(
        alive,
        async () => {
          const now = await pods();
          holds(now === atFirst, 'the same containers, started once', 'other containers, or started again');
        },
        { lasting: seconds(5) },
      );
      await apply(second);
      await expect.eventually(after, () => isAttached(second), within);
    },
  });
}

/** Which pod it is, and how often its containers ended. */
function lifeOf({ metadata, ...pod }: Resource): string {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  return `${metadata.uid ?? ''} ${containerStatuses.map(({ restartCount }) => restartCount).join(' ')}`;
}
