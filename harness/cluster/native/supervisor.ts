// SPDX-License-Identifier: Apache-2.0
// The process that a native cluster consists of: started by launch.ts inside fresh namespaces, below PID 1. When it ends, everything ends.
import { appendFileSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno, messageOf } from '../../errors.ts';
import { milliseconds } from '../../units.ts';
import { AddressPool } from './address-pool.ts';
import { addresses } from './addresses.ts';
import { ApiClient } from './api-client.ts';
import { publishDns, untilNodeReady, untilPodsAllowed } from './bootstrap.ts';
import { makeCgroups } from './cgroups.ts';
import { renderConfig } from './component-config.ts';
import { Component } from './component.ts';
import { components, type ComponentName } from './components.ts';
import { kubeconfig } from './kubeconfig.ts';
import { kubeconfigOf, layoutOf, logOf, type Layout } from './layout.ts';
import { lastLines } from './log-tail.ts';
import { LoadBalancers } from './load-balancers.ts';
import { setUpNode } from './node-setup.ts';
import { clientUsers, type Client } from './pki-files.ts';
import type { ClusterPki } from './pki.ts';
import { untilReady } from './readiness.ts';
import { detachLine, eventDescriptor, type SupervisorEvent, type SupervisorPlan } from './protocol.ts';

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SupervisorPlan;
const layout = layoutOf(plan.directory);
const elapsedMs = (): number => Date.now() - plan.startedAtMs;

endWithOwner();
emit({ type: 'namespaces', init: initOfMachine() });
try {
  await start();
} catch (error) {
  const lines = await lastLines(logOf(layout, 'supervisor'));
  emit({ type: 'failed', component: 'supervisor', status: messageOf(error), lastLines: lines });
}

async function start(): Promise<void> {
  await Promise.all([setUpNode(layout), makeCgroups(plan.cgroupRoot)]);
  await writeFiles(renderConfig(plan, layout));
  const keys = writeKeys();
  const all = startComponents(keys);
  const api = await keys;
  await all.get('kube-apiserver')?.ready;
  void serveLoadBalancers(api);
  await Promise.all([
    untilNodeReady(api).then(() => emit({ type: 'node-ready', afterMs: elapsedMs() })),
    publishDns(api),
    untilPodsAllowed(api),
    Promise.all(Array.from(all.values(), (component) => component.ready)),
  ]);
  emit({ type: 'ready', afterMs: elapsedMs() });
}

/** Makes and writes all keys. Loaded only here: etcd and containerd need none, and start while the library for certificates is loaded. */
async function writeKeys(): Promise<ApiClient> {
  const { generatePki, writePki } = await import('./pki.ts');
  const pki = await generatePki(new Date());
  await Promise.all([writePki(pki, layout.pki), writeKubeconfigs(pki, layout)]);
  return new ApiClient(pki);
}

/** Starts each component as soon as those that it needs are ready; none counts as ready before the keys are written. */
function startComponents(api: Promise<ApiClient>): ReadonlyMap<ComponentName, Component> {
  const context = { layout, api, emit, elapsedMs };
  const all = new Map(components(plan, layout).map((spec) => [spec.name, new Component(spec, context)]));
  for (const component of all.values()) void startInTurn(component, all, api);
  return all;
}

async function startInTurn(component: Component, all: ReadonlyMap<ComponentName, Component>, api: Promise<ApiClient>): Promise<void> {
  const { after, once } = component.spec;
  await Promise.all(after.map(async (name) => all.get(name)?.ready));
  if (once !== undefined) await untilReady(once, await api);
  component.start();
}

/** For ever: the API server ends each watch after some minutes, and is itself started again when it dies. */
async function serveLoadBalancers(api: ApiClient): Promise<never> {
  const log = (line: string): void => {
    appendFileSync(logOf(layout, 'load-balancers'), `${new Date().toISOString()} ${line}\n`);
  };
  const balancers = new LoadBalancers(api, new AddressPool(addresses.loadBalancerCidr), log);
  for (;;) {
    await balancers.follow().catch((error: unknown) => {
      log(`services: ${messageOf(error)}`);
    });
    await delay(milliseconds(200).ms);
  }
}

async function writeKubeconfigs(pki: ClusterPki, into: Layout): Promise<void> {
  const files = Object.keys(clientUsers).map((name) => {
    const client = name as Client;
    const path = client === 'admin' ? into.kubeconfig : kubeconfigOf(into, client);
    return [path, kubeconfig(pki, pki.clients[client], clientUsers[client])] as const;
  });
  await writeFiles(Object.fromEntries(files));
}

async function writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(Object.entries(files).map(([path, text]) => writeFile(path, text, { mode: 0o600 })));
}

/** Writes an event for the owner, and into a file for whoever comes later. After `failed` nothing is left to do but to end. */
function emit(event: SupervisorEvent): void {
  const line = `${JSON.stringify(event)}\n`;
  appendFileSync(layout.events, line);
  try {
    writeSync(eventDescriptor, line);
  } catch (error) {
    // A detached cluster has no owner that listens.
    if (!isErrno(error) || error.code !== 'EPIPE') throw error;
  }
  if (event.type === 'failed') process.exit(1);
}

/** The owner holds the other end of standard input: when the kernel closes it, the owner is dead, however it died. */
function endWithOwner(): void {
  let isDetached = false;
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      isDetached ||= line === detachLine;
    })
    .on('close', () => {
      if (!isDetached) process.exit(0);
    });
}

/** PID 1 of these namespaces, seen from the machine: `/proc` is still the machine's. */
function initOfMachine(): number {
  const status = readFileSync(`/proc/${readlinkSync('/proc/self')}/status`, 'utf8');
  return Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
}
