// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import type { Kube, Resource } from '../../kube/kube.ts';
import { RecordedKube } from '../recorded-kube.ts';
import { hasCourse, replayScript } from './replay.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gauntlet-replay-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const secret = (value: string): Resource => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'it’s', namespace: 'n' },
  stringData: { value },
});
const policy = { apiVersion: 'gateway.kgateway.dev/v1alpha1', kind: 'TrafficPolicy', namespace: 'n', name: 'policy' };

/** A record of changes that come at these times. */
function recorded(...times: readonly number[]) {
  const clock = times[Symbol.iterator]();
  const kube = { apply: (resource: Resource) => Promise.resolve(resource), remove: () => Promise.resolve() } as unknown as Kube;
  return new RecordedKube(kube, () => clock.next().value ?? 0);
}

test('kubectl is told to do the same, in the same order', async () => {
  const { client, changes } = recorded(1000, 1050, 1250, 1260);
  await client.apply(secret("a 'quoted' $value\nEND of it"));
  await client.apply(secret('tried'), { dryRun: true });
  await client.remove(policy, { graceSeconds: 0 });
  await client.remove({ apiVersion: 'v1', kind: 'Secret', namespace: 'n', name: 'it’s' }, { wait: { ms: 1000 } });

  const log = join(scratch, 'log');
  const kubectl = join(scratch, 'kubectl');
  writeFileSync(kubectl, `#!/bin/sh\necho "$*" >> '${log}'\nif [ "$1" = apply ]; then cat >> '${log}'; fi\n`);
  chmodSync(kubectl, 0o755);
  const script = join(scratch, 'replay.sh');
  writeFileSync(script, replayScript('a check', changes));
  const { stdout } = await execa('sh', [script], { env: { KUBECTL: kubectl } });

  expect(readFileSync(log, 'utf8')).toMatchInlineSnapshot(`
    "apply --server-side --force-conflicts --field-manager=gauntlet -f -
    apiVersion: v1
    kind: Secret
    metadata:
      name: it’s
      namespace: n
    stringData:
      value: |-
        a 'quoted' $value
        END of it
    delete trafficpolicy.v1alpha1.gateway.kgateway.dev policy -n n --ignore-not-found --wait=false --grace-period=0 --force
    delete secret it’s -n n --ignore-not-found
    "
  `);
  expect(stdout.split('\n').map((line) => line.slice(14))).toEqual([
    'write Secret n/it’s',
    'delete TrafficPolicy n/policy',
    'delete Secret n/it’s',
  ]);
  expect(readFileSync(script, 'utf8').match(/^sleep .*/gm)).toEqual(['sleep 0.2']);
});

test('only what has a course is worth a replay', async () => {
  const once = recorded(1, 2);
  await once.client.apply(secret('a'));
  expect(hasCourse(once.changes)).toBe(false);
  await once.client.apply(secret('b'));
  expect(hasCourse(once.changes)).toBe(true);
  const gone = recorded(1);
  await gone.client.remove(policy);
  expect(hasCourse(gone.changes)).toBe(true);
});
