// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../harness/check/check.ts';
import { conditionsOf } from '../../harness/check/conditions.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { Resource, ResourceReference } from '../../harness/kube/kube.ts';
import { referenceTo } from '../../fixtures/core/reference.ts';
import type { Section } from '../../fixtures/gateway-api/reference.ts';
import type { Policies } from '../../fixtures/policies/policies.ts';
import type { RenderedPolicy } from '../../fixtures/targets/dialect.ts';
import { inNamespace } from './in-namespace.ts';
import { place, type Level } from './levels.ts';
import { policyNames, type PolicyForm, type PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/**
 * Ways to say a cell's policy:
 *
 * - `original`.
 * - `edited`: under the same name, with a difference that forbids and allows the same.
 * - `outdated`: under the same name, from before a rotation of its credentials.
 * - `next`: the same under another name, with objects of its own.
 * - `over-tls`: under the same name, with a server that is asked over TLS.
 * - `abroad`: what it refers to is in {@link Stage.abroad}.
 */
export type Variant = 'original' | 'edited' | 'outdated' | 'next' | 'over-tls' | 'abroad';

/** The objects of one cell, written and removed as its event wants it. */
export interface CellResources {
  /** The host of the routes. */
  readonly host: string;
  /** What the policy is attached to; for one that a route names, that route. */
  readonly target: Resource | Section;
  /** Writes the policy with what it refers to. */
  writePolicy(which?: Variant): Promise<void>;
  /** Removes the policy alone. */
  removePolicy(which?: Variant): Promise<void>;
  /** For a sabotage: takes every policy away that stands, also from routes that name one; what it returns puts them back. */
  withoutPolicy(): Promise<() => Promise<void>>;
  /** Writes the routes; where a route names its policy, they name this one. */
  writeRoutes(which?: Variant): Promise<void>;
  removeRoutes(): Promise<void>;
  /** The policy with all that it refers to, as it is when all is well. */
  rendered(which?: Variant): RenderedPolicy;
  /** What the policy refers to, of one kind, as it is when all is well. */
  references(kind: string): readonly Resource[];
  write(...resources: readonly Resource[]): Promise<void>;
  remove(...resources: readonly Resource[]): Promise<void>;
  /**
   * What is stored under this name now.
   *
   * @throws GauntletError `GAUNTLET_API` if there is no such object.
   */
  current(reference: ResourceReference): Promise<Resource>;
  /** The same as it can be written again. */
  stored(reference: ResourceReference): Promise<Resource>;
  /** Kinds of the policy and of its routes, and the namespace in which they all are. */
  readonly watched: { readonly kinds: readonly Pick<Resource, 'apiVersion' | 'kind'>[]; readonly namespace: string };
  /** What the API says of policy and routes, which are to be found among these objects: each condition, and whether all of them are fine. */
  statusIn(objects: readonly Resource[]): { readonly text: string; readonly green: boolean };
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
  const render = (form: PolicyForm, name: string = policyNames.original): RenderedPolicy => {
    if ('part' in form) return { policy: form.part.with, supporting: form.supporting };
    const made = policies.render(form, placement.target, name);
    return placement.named === true ? { ...made, policy: withoutTargets(made.policy) } : made;
  };
  const variants: Readonly<Record<Variant, () => RenderedPolicy>> = {
    original: () => render(policy.intent),
    edited: () => render(policy.edited),
    outdated: () => render(policy.outdated ?? fail('has no older version')),
    'over-tls': () => render(policy.overTls ?? policy.intent),
    next: () => foundByName(render(policy.intent, policyNames.next)),
    abroad: () =>
      render(inNamespace(policy.intent, stage.abroad.namespace) ?? fail('refers to nothing that could be in another namespace')),
  };
  const rendered = (which: Variant = 'original'): RenderedPolicy => variants[which]();
  /** The policy that is written, whose status counts. */
  let current = rendered().policy;
  /** Keys of all policies that were written, under whichever name. */
  const policyKeys = new Set<string>();
  const routes = (which?: Variant): readonly Resource[] => [...(policy.beside ?? []), ...placement.routes(rendered(which))];
  const written = new Map<string, Resource>();
  const inStage = (resource: Resource): Resource => ({ ...resource, metadata: { namespace, ...resource.metadata } });
  const keyOf = ({ kind, metadata }: Resource): string => `${kind}/${metadata.namespace ?? namespace}/${metadata.name}`;
  const standing = 'part' in policy.intent ? policy.intent.part.without : undefined;
  const stays = (resource: Resource): boolean => standing !== undefined && keyOf(inStage(resource)) === keyOf(standing);

  const write = async (...resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources) {
      const placed = inStage(resource);
      written.set(keyOf(placed), placed);
      await (stays(placed) ? stage : context).apply(placed);
    }
  };
  const remove = async (...resources: readonly Resource[]): Promise<void> => {
    for (const resource of resources) {
      written.delete(keyOf(inStage(resource)));
      if (standing !== undefined && stays(resource)) await stage.apply(standing);
      else await kube.remove(referenceTo(resource, resource.metadata.namespace ?? namespace), { wait: context.budgets.peer });
    }
  };
  const existing = async (reference: ResourceReference): Promise<Resource> => {
    const found = await kube.get(reference);
    if (found !== undefined) return found;
    throw new GauntletError('GAUNTLET_API', `There is no ${reference.kind} ${reference.namespace ?? ''}/${reference.name}`, {
      hint: 'The stage of the cell is not what it was.',
    });
  };
  return {
    host,
    target: placement.target,
    writePolicy: async (which) => {
      const { supporting, policy: attached } = rendered(which);
      current = attached;
      policyKeys.add(keyOf(inStage(attached)));
      await write(...supporting, attached);
    },
    removePolicy: (which) => remove(rendered(which).policy),
    withoutPolicy: async () => {
      const bare = placement.routes(undefined).filter((route) => written.has(keyOf(inStage(route))));
      const keys = [...policyKeys, ...bare.map((route) => keyOf(inStage(route)))];
      const stood = keys.map((key) => written.get(key)).filter((one) => one !== undefined);
      await write(...bare);
      await remove(...stood.filter((one) => policyKeys.has(keyOf(one))));
      return () => write(...stood);
    },
    writeRoutes: (which) => write(...routes(which)),
    removeRoutes: () => remove(...routes()),
    rendered,
    references: (kind) => rendered().supporting.filter((resource) => resource.kind === kind),
    write,
    remove,
    current: existing,
    stored: async (reference) => writable(await existing(reference)),
    watched: { namespace, kinds: kindsOf([current, ...routes()]) },
    statusIn: (objects) => {
      const found = new Map(objects.map((object) => [keyOf(object), object]));
      const states = [current, ...routes()].map((one) => stateOf(found.get(keyOf(inStage(one)))));
      return { text: states.map(({ text }) => text).join('; '), green: states.every(({ green }) => green) };
    },
    clear: () => {
      const left = [...written.values()].toReversed();
      const isRoute = ({ kind }: Resource): boolean => kind === 'HTTPRoute';
      // Routes first: one that outlives its policy is open, which would look like the finding to whoever replays the cell.
      return remove(...left.filter(isRoute), ...left.filter((one) => !isRoute(one)));
    },
  };
}

function kindsOf(resources: readonly Resource[]): CellResources['watched']['kinds'] {
  return [...new Map(resources.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }])).values()];
}

/** Without what the server adds. */
function writable(resource: Resource): Resource {
  const { name, namespace, labels, annotations } = resource.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return Object.fromEntries(Object.entries({ ...resource, metadata }).filter(([field]) => field !== 'status')) as typeof resource;
}

/** What a policy finds by labels it finds already, and twice the same is a mistake of its own. */
function foundByName(rendered: RenderedPolicy): RenderedPolicy {
  return { ...rendered, supporting: rendered.supporting.filter(({ metadata }) => metadata.labels === undefined) };
}

function fail(why: string): never {
  throw new GauntletError('GAUNTLET_INTERNAL', `The policy of the cell ${why}`, { hint: 'The event should have said so in `cannot`.' });
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
