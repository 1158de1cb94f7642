// SPDX-License-Identifier: Apache-2.0
import type { RunEvent } from '../../run/events.ts';
import type { Target } from '../../target/target.ts';
import { defaultBudgets } from '../budgets.ts';
import { releaseInstallation, subjectLeftOut, type Check, type FixtureFactory } from '../check.ts';
import type { EngineOptions } from '../engine.ts';
import { createSession } from '../session.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeKube } from './fake-kube.ts';

/** A target of which the engine reads no more than this. */
export const sampleTarget = {
  name: 'kgateway',
  version: '2.2.0',
  title: 'kgateway 2.2.0',
  gatewayClass: 'kgateway',
  features: ['routing.http'],
  controller: {
    namespace: 'kgateway-system',
    deployment: 'kgateway',
    proxyLabels: { 'gateway.networking.k8s.io/gateway-name': '$gateway' },
    proxyAdmin: { port: 19000, configDump: '/config_dump' },
  },
} as unknown as Target;

/** A check that needs no more than what a test says of it. */
export function sampleCheck(run: Check['run'], more: Partial<Check> = {}): Check {
  return {
    id: 'extauth-deny',
    title: 'A request without authorization is denied',
    feature: 'routing.http',
    level: 'MUST',
    priority: 'P0',
    specification: [{ title: 'RFC 9110', url: 'https://www.rfc-editor.org/rfc/rfc9110' }],
    requires: [],
    sabotages: [{ name: subjectLeftOut, title: 'the policy is left out', breaks: 'denied' }],
    serial: false,
    installation: releaseInstallation,
    needs: [],
    run,
    ...more,
  };
}

/** An engine whose cluster, gateway and time are in memory, with everything that it emitted. */
export function sampleEngine(
  directory: string,
  more: Partial<EngineOptions> & { readonly fixtures?: Readonly<Record<string, FixtureFactory>> } = {},
) {
  const kube = new FakeKube();
  const gateway = new FakeGateway();
  const clock = new FakeClock();
  const events: RunEvent[] = [];
  const options: EngineOptions = {
    runId: 'r1',
    command: 'run',
    directory,
    target: sampleTarget,
    tools: { helm: 'helm', kubectl: 'kubectl', toolDirectories: {} },
    kube,
    createProbe: gateway.createProbe,
    fixtures: {},
    budgets: defaultBudgets,
    session: createSession({
      runId: 'r1',
      peersImage: 'gauntlet.dev/peers:test',
      kube,
      target: sampleTarget,
      budgets: defaultBudgets,
      keep: false,
    }),
    baseline: new Map(),
    keep: false,
    clock,
    random: () => 0.5,
    emit: (event) => void events.push(event),
    ...more,
  };
  return { options, kube, gateway, clock, events };
}
