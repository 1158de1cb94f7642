// SPDX-License-Identifier: Apache-2.0
import type { Resource, ResourceReference } from '../../kube/kube.ts';
import { referenceTo } from '../applied-resources.ts';
import { conditionsOf, formatCondition } from '../conditions.ts';
import type { Piece } from './evidence-folder.ts';
import type { EvidenceSource, Findings } from './gather.ts';
import { gatewaysUsed } from './gateways-used.ts';
import { presentable } from './redactor.ts';
import { asYaml } from './reproducer.ts';

/** Kinds that others make in a check's namespace. */
const madeByOthers = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  { apiVersion: 'v1', kind: 'Event' },
] as const;

/** Conditions that are well when they are `False`. */
const goodWhenFalse: ReadonlySet<string> = new Set(['Conflicted', 'OverlappingTLSConfig', 'PartiallyInvalid']);

/** Conditions that say what was not asked for: whether other listener sets may attach. */
const beside: ReadonlySet<string> = new Set(['AttachedListenerSets']);

/** Conditions shown on the failure's page; the rest is in the file. */
const notedConditions = 6;

/** What the check applied, with status; the Gateways it used; and what others made in its namespace. */
export async function collectObjects({ engine: { kube }, scene }: EvidenceSource): Promise<Findings> {
  const shared = gatewaysUsed(scene).map(({ namespace, name }): ResourceReference => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    namespace,
    name,
  }));
  const references = distinct([...scene.applied.resources.map(referenceTo), ...shared]);
  const applied = await Promise.all(references.map(async (reference) => ({ reference, object: await kube.get(reference) })));
  const lists = await Promise.all(madeByOthers.map((kind) => kube.list(kind, { namespace: scene.namespace })));

  const present = applied.map(({ object }) => object).filter((object) => object !== undefined);
  const gone = applied.filter(({ object }) => object === undefined).map(({ reference }) => `${reference.kind}/${reference.name}`);
  const known = new Set(references.map(keyOf));
  const others = lists.flat().filter((object) => !known.has(keyOf(referenceTo(object))));
  const pieces: readonly Piece[] = [
    {
      title: 'Objects that the check applied or used, with status',
      side: 'api',
      name: 'objects.yaml',
      content: asYaml(present.map(presentable)),
      contentType: 'application/yaml',
    },
    {
      title: "Objects that others made in the check's namespace, with events",
      side: 'api',
      name: 'namespace.yaml',
      content: asYaml(others.map(presentable)),
      contentType: 'application/yaml',
    },
  ];
  return {
    pieces: pieces.filter((piece) => piece.content !== ''),
    notes: [...(gone.length > 0 ? [{ title: 'gone', text: gone.join(', ') }] : []), ...badConditions(present)],
  };
}

/** Conditions that say something is wrong, and those that do not speak of the present generation. */
function badConditions(objects: readonly Resource[]): Findings['notes'] {
  const found = objects.flatMap((object) =>
    conditionsOf(object)
      .map((one) => ({ one, stale: one.observedGeneration !== undefined && one.observedGeneration < (object.metadata.generation ?? 0) }))
      .filter(({ one, stale }) => !beside.has(one.type) && (stale || one.status !== (goodWhenFalse.has(one.type) ? 'False' : 'True')))
      .map(({ one, stale }) => `${object.kind}/${object.metadata.name} ${formatCondition(one)}${stale ? ', of an older generation' : ''}`),
  );
  return found.slice(0, notedConditions).map((text) => ({ title: 'status', text }));
}

function distinct(references: readonly ResourceReference[]): readonly ResourceReference[] {
  return [...new Map(references.map((reference) => [keyOf(reference), reference])).values()];
}

const keyOf = ({ apiVersion, kind, namespace = '', name }: ResourceReference): string => [apiVersion, kind, namespace, name].join('/');
