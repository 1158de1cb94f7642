// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml';
import { GauntletError } from '../../errors.ts';
import type { Resource } from '../../kube/kube.ts';

/** Requests and limits of one kind of pod: the same for both, so that the scheduler gives a runner what it needs, and nobody takes it away. */
export interface PodResources {
  /** Processors, as Kubernetes writes them: `2`, `500m`. */
  readonly cpu: string;
  /** As Kubernetes writes it: `512Mi`. */
  readonly memory: string;
}

/** A script of k6 as it runs on several runners of the k6-operator at once. */
export interface DistributedRun {
  /** Of the TestRun; its ConfigMap is called after it. */
  readonly name: string;
  readonly namespace: string;
  readonly script: {
    /** Name of the file, which ends in `.js`. */
    readonly file: string;
    /** All of it: the operator takes a single file. */
    readonly text: string;
  };
  /** Runners; the operator gives each of them its part of the rate. */
  readonly parallelism: number;
  /** Environment of the script. */
  readonly settings: Readonly<Record<string, string>>;
  /** Image of k6, best by digest: `grafana/k6@sha256:...`. */
  readonly image: string;
  /** Of the pod that starts the runners; the operator's own if absent. */
  readonly starterImage?: string;
  readonly resources: { readonly runner: PodResources; readonly initializer: PodResources; readonly starter: PodResources };
  /** Labels of nodes on which all of its pods run; any node by default. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Each runner on a node of its own. */
  readonly separate: boolean;
}

/** What a ConfigMap holds at most, with something left for its metadata. */
const mostBytes = 1_000_000;

/**
 * The ConfigMap with the script, and the TestRun. The same description gives the same objects.
 *
 * Settings travel as environment variables, and not in `arguments`: those pass through a shell.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if the operator, or the API server, could not take them.
 * @see {@link https://github.com/grafana/k6-operator/blob/main/api/v1alpha1/testrun_types.go}
 */
export function k6OperatorManifests(run: DistributedRun): readonly [configMap: Resource, testRun: Resource] {
  assertPossible(run);
  const { name, namespace, script, parallelism, settings, image, starterImage, resources, separate } = run;
  const nodeSelector = run.nodeSelector === undefined ? {} : { nodeSelector: sorted(run.nodeSelector) };
  const env = Object.entries(sorted({ ...settings, RUNNERS: String(parallelism) })).map(([key, value]) => ({
    name: key,
    value: literal(value),
  }));
  const pod = (kind: keyof DistributedRun['resources']) => ({ ...nodeSelector, resources: guaranteed(resources[kind]) });
  const k6 = { automountServiceAccountToken: 'false', containerSecurityContext: unprivileged, image };
  const labels = { 'app.kubernetes.io/managed-by': 'gauntlet', 'app.kubernetes.io/name': name };
  const metadata = { name, namespace, labels };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: `${name}-script` }, data: { [script.file]: script.text } },
    {
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata,
      spec: {
        arguments: '--no-usage-report',
        parallelism,
        script: { configMap: { name: `${name}-script`, file: script.file } },
        separate,
        initializer: { ...k6, ...pod('initializer'), env },
        runner: {
          ...k6,
          ...pod('runner'),
          // By the name of its pod a report that came twice is known.
          env: [...env, { name: 'RUNNER', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        },
        starter: { ...(starterImage === undefined ? {} : { image: starterImage }), ...pod('starter') },
      },
    },
  ];
}

/** The manifests as one file for `kubectl apply --filename`. */
export const manifestsAsYaml = (manifests: readonly Resource[]): string =>
  manifests.map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');

function assertPossible({ name, parallelism, script }: DistributedRun): void {
  const wrong = [
    // The operator calls services after it, with an index behind.
    ...(/^[a-z]([a-z0-9-]{0,40}[a-z0-9])?$/.test(name) ? [] : [`a TestRun cannot be called ${name}`]),
    ...(Number.isInteger(parallelism) && parallelism >= 1 ? [] : [`there cannot be ${parallelism} runners`]),
    ...(Buffer.byteLength(script.text) <= mostBytes ? [] : [`${script.file} is larger than a ConfigMap may be`]),
  ];
  if (wrong.length > 0) {
    throw new GauntletError('GAUNTLET_USAGE', `The k6-operator cannot run this: ${wrong.join('; ')}`, {
      hint: 'gauntlet load render --help says what can be set.',
    });
  }
}

/** The kubelet puts variables in place of `$(NAME)`; a URL is meant as it is. */
const literal = (value: string): string => value.replaceAll('$', '$$$$');

const guaranteed = ({ cpu, memory }: PodResources) => ({ limits: { cpu, memory }, requests: { cpu, memory } });

const unprivileged = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true };

const sorted = (pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1)));
