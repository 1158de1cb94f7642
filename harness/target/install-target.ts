// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { GauntletError, messageOf } from '../errors.ts';
import { isNotFound } from '../kube/discovery.ts';
import type { Kube, Resource } from '../kube/kube.ts';
import { endingWithParent } from '../process/command.ts';
import { formatDuration, milliseconds, minutes } from '../units.ts';
import type { Duration } from '../units.ts';
import { countFeatures, describeState, failureOf, imageOf, isAccepted, isAvailable, isEnding, podSelector } from './controller-state.ts';
import type { ControllerFailure } from './controller-state.ts';
import { installChart, toolFolder } from './helm.ts';
import type { InstallTools } from './helm.ts';
import type { Target } from './target.ts';

/** How often the controller is looked at while it starts; short, since every run waits for it. */
const pollInterval = milliseconds(150);

/** What a target is installed with. The caller is on the cluster's network. */
export interface InstallOptions {
  readonly target: Target;
  /** `key=value` pairs of the user, for the last chart. */
  readonly helmSet: readonly string[];
  /** Applied before the charts that run something; with a namespace each. None by default. */
  readonly resources?: readonly Resource[];
  readonly kube: Kube;
  /** Path of the kubeconfig, for helm and kubectl. */
  readonly kubeconfig: string;
  readonly tools: InstallTools;
  /** Longest wait for the controller, two minutes by default. */
  readonly within?: Duration;
  /** Told of each step, one sentence. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Installs a target: CRDs, charts, then waits until the controller is available and has accepted its GatewayClass. A controller that cannot
 * start is given up at once.
 *
 * @returns facts for the report, by name.
 * @throws GauntletError `GAUNTLET_CHART_REFUSED` with Helm's own words, `GAUNTLET_TARGET_INSTALL` with the last lines of the controller's log.
 */
export async function installTarget(options: InstallOptions): Promise<Readonly<Record<string, string>>> {
  const { target, helmSet, onProgress } = options;
  const { version, channel } = target.gatewayApi;
  const install = (chart: Target['charts'][number]) =>
    installChart(chart, { ...options, helmSet: chart === target.charts.at(-1) ? helmSet : [] });

  onProgress?.(`Gateway API ${version}, ${channel} channel, and the definitions of ${target.name}`);
  const definitions = target.charts.filter(({ definitionsOnly }) => definitionsOnly);
  await Promise.all([applyGatewayApi(options), ...definitions.map(install)]);
  for (const resource of options.resources ?? []) await applyOnceServed(resource, options);
  for (const chart of target.charts.filter(({ definitionsOnly }) => !definitionsOnly)) {
    onProgress?.(`chart ${chart.release}`);
    await install(chart);
  }
  onProgress?.(`controller and GatewayClass ${target.gatewayClass}`);
  const { pods, gatewayClass } = await waitForController(options);
  return {
    'Gateway API': `${version}, ${channel} channel`,
    charts: target.charts.map(({ release, namespace }) => `${namespace}/${release}`).join(', '),
    ...(helmSet.length > 0 && { 'helm values': helmSet.join(' ') }),
    controller: pods.map(imageOf).join(', '),
    'supported features': String(countFeatures(gatewayClass)),
  };
}

/** A kind whose definition has only just been applied is served a moment later. */
async function applyOnceServed(resource: Resource, { kube, within = minutes(2), signal }: InstallOptions): Promise<void> {
  const deadline = performance.now() + within.ms;
  for (;;) {
    try {
      await kube.apply(resource);
      return;
    } catch (error) {
      if (!isNotFound(error) || performance.now() > deadline) throw error;
      await delay(pollInterval.ms, undefined, { signal });
    }
  }
}

/** By kubectl: it reads a megabyte of YAML ten times faster than any reader in this process, in which others wait. */
async function applyGatewayApi({ target, kubeconfig, tools, signal }: InstallOptions): Promise<void> {
  const { tool, channel, version } = target.gatewayApi;
  const args = ['apply', '--server-side', '--force-conflicts', '--kubeconfig', kubeconfig, '--kustomize', toolFolder(tools, tool, channel)];
  const command = endingWithParent({ file: tools.kubectl, args });
  const result = await execa(command.file, command.args, { stdin: 'ignore', reject: false, ...(signal && { cancelSignal: signal }) });
  signal?.throwIfAborted();
  if (!result.failed) return;
  throw new GauntletError(
    'GAUNTLET_TARGET_INSTALL',
    `The CRDs of Gateway API ${version} could not be applied: ${result.stderr || result.shortMessage}`,
    {
      hint: 'Look at the log of kube-apiserver: gauntlet cluster logs kube-apiserver.',
    },
  );
}

interface ControllerState {
  readonly deployment: Resource | undefined;
  readonly pods: readonly Resource[];
  readonly gatewayClass: Resource | undefined;
}

async function waitForController(
  options: InstallOptions,
): Promise<{ readonly pods: readonly Resource[]; readonly gatewayClass: Resource }> {
  const { target, kube, within = minutes(2), signal } = options;
  const deadline = performance.now() + within.ms;
  for (;;) {
    const { deployment, pods, gatewayClass } = await observe(options);
    if (deployment !== undefined) {
      await releaseLeadership(options, pods);
      if (isAvailable(deployment) && gatewayClass !== undefined && isAccepted(gatewayClass) && !pods.some(isEnding))
        return { pods, gatewayClass };
      const failure = failureOf(deployment, pods);
      if (failure !== undefined) throw await notReady(target, kube, failure);
    }
    if (performance.now() > deadline) {
      const reason = `not ready after ${formatDuration(within)}: ${describeState(deployment, pods, gatewayClass)}`;
      throw await notReady(target, kube, { reason, ...runningContainer(pods) });
    }
    await delay(pollInterval.ms, undefined, { signal });
  }
}

async function observe({ target, kube }: InstallOptions): Promise<ControllerState> {
  const { namespace, deployment: name } = target.controller;
  const deployment = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
  if (deployment === undefined) return { deployment, pods: [], gatewayClass: undefined };
  const [pods, gatewayClass] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector: podSelector(deployment) }),
    kube.get({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', name: target.gatewayClass }),
  ]);
  return { deployment, pods, gatewayClass };
}

function runningContainer(pods: readonly Resource[]): Pick<ControllerFailure, 'container'> {
  const pod = pods[0]?.metadata.name;
  return pod === undefined ? {} : { container: { pod, name: '' } };
}

async function notReady(target: Target, kube: Kube, { reason, container }: ControllerFailure): Promise<GauntletError> {
  const log = container === undefined ? '' : await lastLines(kube, target.controller.namespace, container);
  return new GauntletError(
    'GAUNTLET_TARGET_INSTALL',
    `The controller of ${target.title} does not start: ${reason}${log && `\nLast lines of its log:\n${log}`}`,
    {
      hint: 'Read the lines above; for a build of your own, compare with the release by leaving --controller-bin, --controller-image and --helm-set away.',
    },
  );
}

/** Of the run before the restart if there was one, since the present one may not have said anything yet. */
async function lastLines(kube: Kube, namespace: string, { pod, name }: { readonly pod: string; readonly name: string }): Promise<string> {
  const target = { namespace, name: pod, ...(name && { container: name }) };
  const log = await kube
    .logs(target, { previous: true })
    .catch(() => kube.logs(target).catch((error: unknown) => `(no log: ${messageOf(error)})`));
  return log.trimEnd().split('\n').slice(-20).join('\n');
}

/**
 * Takes the lead from a controller that is gone. It does not give it back when it ends, and its successor would wait for the lease to run out:
 * 15 seconds in which the new installation answers to no change.
 */
async function releaseLeadership({ kube, target }: InstallOptions, pods: readonly Resource[]): Promise<void> {
  const { namespace } = target.controller;
  const leases = await kube.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }, { namespace });
  for (const lease of leases) {
    const { holderIdentity = '' } = (lease['spec'] ?? {}) as { readonly holderIdentity?: string };
    const isHeld = holderIdentity === '' || pods.some(({ metadata }) => holderIdentity.startsWith(metadata.name));
    if (!isHeld) await kube.remove(referenceTo(lease, namespace));
  }
}

const referenceTo = ({ apiVersion, kind, metadata: { name } }: Resource, namespace: string) => ({ apiVersion, kind, name, namespace });
