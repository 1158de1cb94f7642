// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { k6OperatorManifests, manifestsAsYaml, type DistributedRun } from './manifests.ts';

const bare: DistributedRun = {
  name: 'latency',
  namespace: 'load',
  script: { file: 'latency.js', text: "import http from 'k6/http';\nexport default () => http.get(__ENV.URL);\n" },
  parallelism: 4,
  settings: { URL: 'http://gateway.test/?a=1&b=$(HOME)', HOST: 'app.test', RATE: '1000' },
  image: 'grafana/k6@sha256:c0ffee',
  resources: {
    runner: { cpu: '2', memory: '1Gi' },
    initializer: { cpu: '100m', memory: '256Mi' },
    starter: { cpu: '50m', memory: '64Mi' },
  },
  separate: true,
};
const run: DistributedRun = {
  ...bare,
  starterImage: 'grafana/k6-operator@sha256:5ca1ab1e',
  nodeSelector: { 'node.test/role': 'load', 'node.test/disk': 'none' },
};
const usage: unknown = expect.objectContaining({ code: 'GAUNTLET_USAGE' });

interface Spec {
  readonly parallelism: number;
  readonly script: { readonly configMap: { readonly name: string; readonly file: string } };
  readonly initializer: Pod;
  readonly runner: Pod;
  readonly starter: Pod;
}
interface Pod {
  readonly image?: string;
  readonly nodeSelector?: object;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources: { readonly requests: object; readonly limits: object };
}
const specOf = (changes: Partial<DistributedRun> = {}): Spec => k6OperatorManifests({ ...run, ...changes })[1]['spec'] as Spec;

describe('manifests for the k6-operator', () => {
  it('are the same for the same description, in whatever order its settings are', async () => {
    const yaml = manifestsAsYaml(k6OperatorManifests(run));
    await expect(yaml).toMatchFileSnapshot('testdata/latency.golden.yaml');
    const reversed = { ...run, settings: Object.fromEntries(Object.entries(run.settings).toReversed()) };
    expect(manifestsAsYaml(k6OperatorManifests(reversed))).toBe(yaml);
  });

  it('read back as what was written, the script byte for byte', () => {
    const manifests = k6OperatorManifests(run);
    const read = parseAllDocuments(manifestsAsYaml(manifests)).map((document) => document.toJS() as unknown);
    expect(read).toEqual(manifests);
    expect(manifests[0]['data']).toEqual({ 'latency.js': run.script.text });
  });

  it('name the script as the ConfigMap does, and run it so many times', () => {
    const [{ metadata }] = k6OperatorManifests(run);
    const { script, parallelism } = specOf();
    expect(script.configMap).toEqual({ name: metadata.name, file: run.script.file });
    expect(parallelism).toBe(4);
  });

  it('tell initializer and runners the same, how many there are, and each runner who it is', () => {
    const { initializer, runner, starter } = specOf();
    const settings = runner.env?.filter(({ name }) => name !== 'RUNNER');
    expect(initializer.env).toEqual(settings);
    expect(settings).toContainEqual({ name: 'RUNNERS', value: '4' });
    expect(runner.env?.find(({ name }) => name === 'RUNNER')?.valueFrom).toEqual({ fieldRef: { fieldPath: 'metadata.name' } });
    expect(starter.env).toBeUndefined();
  });

  it('keep a setting as it is from the variables of the kubelet', () => {
    expect(specOf().runner.env).toContainEqual({ name: 'URL', value: 'http://gateway.test/?a=1&b=$$(HOME)' });
  });

  it('give each kind of pod its own resources, and all of them the nodes', () => {
    const { initializer, runner, starter } = specOf();
    for (const [pod, resources] of [
      [initializer, run.resources.initializer],
      [runner, run.resources.runner],
      [starter, run.resources.starter],
    ] as const) {
      expect(pod.resources).toEqual({ requests: resources, limits: resources });
      expect(pod.nodeSelector).toEqual(run.nodeSelector);
    }
    expect([initializer.image, runner.image, starter.image]).toEqual([run.image, run.image, run.starterImage]);
  });

  it('leave to the operator and the scheduler what is not said', () => {
    const { starter, runner } = k6OperatorManifests(bare)[1]['spec'] as Spec;
    expect(starter.image).toBeUndefined();
    expect('nodeSelector' in runner).toBe(false);
  });

  it('are refused where the operator or the API server could not take them', () => {
    expect(() => specOf({ parallelism: 0 })).toThrow(usage);
    expect(() => specOf({ name: 'Latency_1' })).toThrow(usage);
    expect(() => specOf({ script: { file: 'a.js', text: 'x'.repeat(2 ** 20) } })).toThrow(usage);
  });
});
