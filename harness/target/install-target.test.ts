// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Kube, Resource } from '../kube/kube.ts';
import { milliseconds, minutes } from '../units.ts';
import { checkCharts } from './helm.ts';
import { installTarget } from './install-target.ts';
import { sampleTarget, script } from './testing/sample-target.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const metadata = { name: 'sample', namespace: 'sample-system', generation: 2 };
const available = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

function deployment(status: object): Resource {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1, selector: { matchLabels: { app: 'sample' } } },
    status,
  };
}

function gatewayClass(observedGeneration: number, status: 'True' | 'False'): Resource {
  const conditions = [{ type: 'Accepted', status, reason: 'Because', observedGeneration }];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'sample', generation: 2 },
    status: { conditions, supportedFeatures: [{ name: 'A' }, { name: 'B' }] },
  };
}

function pod(container: object): Resource {
  const status = {
    phase: 'Running',
    containerStatuses: [{ name: 'controller', image: 'controller:v1', imageID: 'sha256:1', restartCount: 0, ...container }],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sample-1', namespace: 'sample-system' }, status };
}

interface Seen {
  readonly deployment?: Resource;
  readonly gatewayClass?: Resource;
  readonly pods?: readonly Resource[];
}

/** An API that shows one state after the other, and the last for ever. */
function kubeShowing(states: readonly Seen[], log = '', leases: readonly Resource[] = [], removed: string[] = []): Kube {
  let looks = -1;
  const now = () => states[Math.min(looks, states.length - 1)];
  return {
    get: ({ kind }) => {
      if (kind === 'Deployment') looks += 1;
      return Promise.resolve(kind === 'Deployment' ? now()?.deployment : now()?.gatewayClass);
    },
    list: ({ kind }, scope) => {
      if (kind === 'Lease') return Promise.resolve([...leases]);
      expect(scope).toEqual({ namespace: 'sample-system', labelSelector: 'app=sample' });
      return Promise.resolve(now()?.pods ?? []);
    },
    remove: ({ name }) => {
      removed.push(name);
      return Promise.resolve();
    },
    logs: (_, options) => (options?.previous === true && log === '' ? Promise.reject(new Error('no previous run')) : Promise.resolve(log)),
  } as Partial<Kube> as Kube;
}

async function installer(helm = 'cat >> "$0.log"; echo " helm $*" >> "$0.log"') {
  const folder = temporaryFolder();
  const commands = {
    helm: await script(folder, 'helm', helm),
    kubectl: await script(folder, 'kubectl', 'echo "kubectl $*" >> "${0%/*}/helm.log"'),
  };
  const tools = { ...commands, toolDirectories: { 'kgateway-charts': '/charts', 'gateway-api-crds': '/crds' } };
  const progress: string[] = [];
  const install = (kube: Kube, helmSet: readonly string[] = [], within = minutes(1)) =>
    installTarget({
      target: sampleTarget,
      helmSet,
      kube,
      kubeconfig: '/kubeconfig',
      tools,
      within,
      onProgress: (message) => progress.push(message),
    });
  return { install, tools, progress, commandLog: () => readFile(join(folder, 'helm.log'), 'utf8') };
}

const ready: Seen = { deployment: deployment(available), gatewayClass: gatewayClass(2, 'True'), pods: [pod({})] };

describe('installTarget', () => {
  it('applies definitions first, gives the last chart its values, and tells what was installed', async () => {
    const { install, progress, commandLog } = await installer();
    const facts = await install(kubeShowing([ready]), ['a.b=c']);
    const commands = (await commandLog()).trim().split('\n');
    expect(commands.slice(0, 2).sort()).toEqual([
      'kubectl apply --server-side --force-conflicts --kubeconfig /kubeconfig --kustomize /crds/experimental',
      '{} helm upgrade --install sample-crds /charts/crds --namespace sample-system --values - --create-namespace --kubeconfig /kubeconfig',
    ]);
    expect(commands.slice(2)).toEqual([
      '{"image":{"tag":"v1"}} helm upgrade --install sample /charts/sample --namespace sample-system --values - --set a.b=c --create-namespace --kubeconfig /kubeconfig',
    ]);
    expect(progress).toHaveLength(3);
    expect(facts).toEqual({
      'Gateway API': '1.4.1, experimental channel',
      charts: 'sample-system/sample-crds, sample-system/sample',
      'helm values': 'a.b=c',
      controller: 'controller:v1 sha256:1',
      'supported features': '2',
    });
  });

  it('waits until the controller is available and the GatewayClass accepted', async () => {
    const { install } = await installer();
    const half: Seen = { deployment: deployment(available) };
    await expect(install(kubeShowing([{}, half, { ...half, gatewayClass: gatewayClass(2, 'False') }, ready]))).resolves.toBeDefined();
  });

  it('takes the lead from a controller that is gone, and from no other', async () => {
    const lease = (name: string, holderIdentity: string): Resource => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'sample-system' },
      spec: { holderIdentity },
    });
    const removed: string[] = [];
    const { install } = await installer();
    await install(kubeShowing([ready], '', [lease('old', 'sample-0_1'), lease('mine', 'sample-1_2'), lease('free', '')], removed));
    expect(removed).toEqual(['old']);
  });

  it('waits until a controller of before is gone', async () => {
    const ending = pod({});
    const going: Seen = {
      ...ready,
      pods: [pod({}), { ...ending, metadata: { ...ending.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    };
    const { install } = await installer();
    const facts = await install(kubeShowing([going, ready]));
    expect(facts['controller']).toBe('controller:v1 sha256:1');
  });

  it('gives up at once on a controller that crashes, with the last lines of its log', async () => {
    const { install } = await installer();
    const crashed = pod({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error' } },
    });
    const log = Array.from({ length: 100 }, (_, line) => `line ${line + 1}`).join('\n');
    const failing = install(kubeShowing([{ deployment: deployment({}), pods: [crashed] }, ready], log));
    await expect(failing).rejects.toMatchObject({
      code: 'GAUNTLET_TARGET_INSTALL',
      message: expect.stringMatching(
        /sample-1 is in CrashLoopBackOff: ended with status 7 \(Error\), restarts: 1\nLast lines of its log:\nline 81\n/,
      ) as string,
    });
  });

  it('gives up at once on an image that cannot be pulled, and on pods that cannot be made', async () => {
    const { install } = await installer();
    const unpulled = pod({ state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } });
    await expect(install(kubeShowing([{ deployment: deployment({}), pods: [unpulled] }, ready]))).rejects.toThrow(
      /is in ErrImagePull: no such host$/,
    );
    const refused = deployment({ conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'quota exceeded' }] });
    await expect(install(kubeShowing([{ deployment: refused }, ready]))).rejects.toThrow(/its pods cannot be made: quota exceeded/);
  });

  it('says what it last saw when the time is up', async () => {
    const { install } = await installer();
    const state: Seen = {
      deployment: deployment({ conditions: [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }] }),
      gatewayClass: gatewayClass(2, 'False'),
      pods: [pod({})],
    };
    await expect(install(kubeShowing([state], 'last words'), [], milliseconds(1))).rejects.toThrow(
      /not ready after 1 ms: Deployment Available=False \(MinimumReplicasUnavailable\); pods sample-1 Running; GatewayClass Accepted=False \(Because\)\nLast lines of its log:\nlast words/,
    );
  });

  it('tells a refusal by Helm from a cluster that does not answer', async () => {
    const refusing = await installer('cat > /dev/null; echo "Error: values do not meet the specification" >&2; exit 1');
    await expect(refusing.install(kubeShowing([ready]))).rejects.toMatchObject({
      code: 'GAUNTLET_CHART_REFUSED',
      message: expect.stringContaining('values do not meet the specification') as string,
    });
    const lost = await installer('cat > /dev/null; echo "Error: Kubernetes cluster unreachable: connection refused" >&2; exit 1');
    await expect(lost.install(kubeShowing([ready]))).rejects.toMatchObject({ code: 'GAUNTLET_TARGET_INSTALL' });
  });
});

describe('checkCharts', () => {
  it('renders what takes values, without a cluster', async () => {
    const { tools, commandLog } = await installer();
    await checkCharts(sampleTarget, ['a=b'], tools);
    expect(await commandLog()).toBe(
      '{"image":{"tag":"v1"}} helm template sample /charts/sample --namespace sample-system --values - --set a=b\n',
    );
  });

  it('passes on what Helm says', async () => {
    const { tools } = await installer('cat > /dev/null; echo "Error: no" >&2; exit 1');
    await expect(checkCharts(sampleTarget, [], tools)).rejects.toMatchObject({ code: 'GAUNTLET_CHART_REFUSED' });
  });
});
