// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../harness/check/check.ts';
import { conditionsOf } from '../../harness/check/conditions.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import { referenceTo } from '../../fixtures/core/reference.ts';
import type { Policies } from '../../fixtures/policies/policies.ts';
import type { PolicyIntent } from '../../fixtures/policies/intents.ts';
import type { RenderedPolicy } from '../../fixtures/targets/dialect.ts';
import { place, type Level } from './levels.ts';
import type { PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** The objects of one cell, written and removed as its event wants it. */
export interface CellResources {
  /** Writes the policy with what it refers to. */
  writePolicy(which?: 'original' | 'edited'): Promise<void>;
  /** Removes the policy alone. */
  removePolicy(): Promise<void>;
  writeRoutes(): Promise<void>;
  removeRoutes(): Promise<void>;
  /** What the policy refers to, of one kind, as it is when all is well. */
  references(kind: string): readonly Resource[];
  write(...resources: readonly Resource[]): Promise<void>;
  remove(...resources: readonly Resource[]): Promise<void>;
  /** What the API says of policy and routes: each condition, and whether all of them are fine. */
  status(): Promise<{ readonly text: string; readonly green: boolean }>;
  /** Removes everything that is left, and waits until it is gone. */
  clear(): Promise<void>;
}

/** The objects of a cell at a level of a stage. */
export function cellResources({
  context,
  stage,
  host,
  level,
  policies,
  policy,
}: {
  readonly context: CheckContext;
  readonly stage: Stage;
  readonly host: string;
  readonly level: Level;
  readonly policies: Policies;
  readonly policy: PreparedPolicy;
}): CellResources {
  const { kube } = context;
  const { namespace } = stage;
  const placement = place(level, stage, host);
  const rendered = (intent: PolicyIntent): RenderedPolicy => {
    const made = policies.render(intent, placement.target, 'policy');
    return placement.named === true ? { ...made, policy: withoutTargets(made.policy) } : made;
  };
  const [original, edited] = [rendered(policy.intent), rendered(policy.edited)];
  const routes = placement.routes(original);
  const written = new Map<string, Resource>();
  const inStage = (resource: Resource): Resource => ({ ...resource, metadata: { namespace, ...resource.metadata } });
  const keyOf = ({ kind, metadata }: Resource): string => `${kind}/${metadata.namespace ?? namespace}/${metadata.name}`;

  const write = async (...resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources) {
      const placed = inStage(resource);
      written.set(keyOf(placed), placed);
      await context.apply(placed);
    }
  };
  const remove = async (...resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources) {
      written.delete(keyOf(inStage(resource)));
      await kube.remove(referenceTo(resource, resource.metadata.namespace ?? namespace), { wait: context.budgets.peer });
    }
  };
  return {
    writePolicy: (which = 'original') => {
      const { supporting, policy: attached } = which === 'original' ? original : edited;
      return write(...supporting, attached);
    },
    removePolicy: () => remove(original.policy),
    writeRoutes: () => write(...routes),
    removeRoutes: () => remove(...routes),
    references: (kind) => original.supporting.filter((resource) => resource.kind === kind),
    write,
    remove,
    status: async () => {
      const seen = await Promise.all([original.policy, ...routes].map((one) => kube.get(referenceTo(one, namespace))));
      const states = seen.map((object) => stateOf(object));
      return { text: states.map(({ text }) => text).join('; '), green: states.every(({ green }) => green) };
    },
    clear: () => remove(...[...written.values()].toReversed()),
  };
}

function stateOf(object: Resource | undefined): { readonly text: string; readonly green: boolean } {
  if (object === undefined) return { text: 'not there', green: false };
  const conditions = conditionsOf(object);
  const text = `${object.kind} ${conditions.map(({ type, status, reason }) => `${type}=${status} (${reason})`).join(', ') || 'without conditions'}`;
  return { text, green: conditions.length > 0 && conditions.every(({ status }) => status === 'True') };
}

function withoutTargets(policy: Resource): Resource {
  const spec = { ...(policy['spec'] as Readonly<Record<string, unknown>>) };
  delete spec['targetRefs'];
  return { ...policy, spec };
}
