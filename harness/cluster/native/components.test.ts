// SPDX-License-Identifier: Apache-2.0
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { renderConfig } from './component-config.ts';
import { components } from './components.ts';
import { layoutOf } from './layout.ts';
import { setUpScript } from './node-setup.ts';
import type { SupervisorPlan } from './protocol.ts';

const plan: SupervisorPlan = {
  name: 'c',
  directory: "/data/it's here",
  cgroupRoot: '/gauntlet-c',
  tools: {
    etcd: '/t/etcd',
    kubeApiserver: '/t/kube-apiserver',
    kubeControllerManager: '/t/kube-controller-manager',
    kubeScheduler: '/t/kube-scheduler',
    kubeProxy: '/t/kube-proxy',
    kubelet: '/t/kubelet',
    coredns: '/t/coredns',
    catatonit: '/t/catatonit',
    containerd: '/usr/bin/containerd',
    cniPlugins: '/usr/lib/cni',
  },
  startedAtMs: 0,
};
const layout = layoutOf(plan.directory);

test('each component is started after components that come before it, so that none waits for ever', () => {
  const started = new Set<string>();
  for (const { name, after } of components(plan, layout)) {
    for (const needed of after) expect(started, `${name} needs ${needed}`).toContain(needed);
    started.add(name);
  }
  expect(started.size).toBe(8);
});

test('every configuration file that a component is given is written', () => {
  const written = Object.keys(renderConfig(plan, layout));
  const given = components(plan, layout)
    .flatMap(({ args }) => args.map((arg) => arg.replace(/^--config=/, '')))
    .filter((arg) => arg.startsWith(layout.config));
  expect(given).toHaveLength(4);
  expect(written).toEqual(expect.arrayContaining(given));
});

test('the kubelet keeps to its own cgroup and accepts version 1', () => {
  const text = renderConfig(plan, layout)[`${layout.config}/kubelet.json`] ?? '';
  expect(parse(text)).toMatchObject({ cgroupRoot: '/gauntlet-c', failCgroupV1: false, oomScoreAdj: 0 });
});

test('paths with quotes reach the shell as they are', () => {
  expect(setUpScript(layout)).toContain(`mount --bind '/data/it'\\''s here/kubelet' /var/lib/kubelet`);
});
