// SPDX-License-Identifier: Apache-2.0
// Program of the integration test, started in the cluster's network: uses the client on the real API server and prints what it saw as JSON.
import { seconds } from '../units.ts';
import { createKube } from './client.ts';
import type { Resource } from './kube.ts';

const [kubeconfig = '', image = ''] = process.argv.slice(2);
const namespace = 'kube-test';
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => ({ code: (error as { code: string }).code, message: (error as Error).message }));
const configMap = (name: string, data: Readonly<Record<string, string>>): Resource => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const widget = { apiVersion: 'test.gauntlet.dev/v1', kind: 'Widget', name: 'w' };
const definition: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.gauntlet.dev' },
  spec: {
    group: 'test.gauntlet.dev',
    scope: 'Cluster',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    ],
  },
};
/** Serves on the loopback only, so that nothing but a port-forward can reach it. */
const server: Resource = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'server', namespace },
  spec: {
    containers: [
      {
        name: 'server',
        image,
        args: ['sh', '-c', 'echo started; mkdir /www; echo hello > /www/index.html; exec busybox httpd -f -p 127.0.0.1:8080 -h /www'],
      },
    ],
  },
};

await using kube = createKube({ kubeconfig });
const seen: Record<string, unknown> = {};

await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
await kube.waitFor(
  { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace },
  'to exist',
  (found) => found !== undefined,
  seconds(60),
);

const waiting = kube.waitFor(
  { ...configMap('a', {}), name: 'a', namespace },
  'to be changed',
  (found) => (found?.['data'] as { k?: string } | undefined)?.k === '2',
  seconds(60),
);
await kube.apply(configMap('a', { k: '1' }));
await kube.apply(configMap('a', { k: '2' }));
seen['waited'] = (await waiting)?.['data'];
seen['managers'] = (
  (await kube.get({ ...configMap('a', {}), name: 'a', namespace }))?.metadata as {
    managedFields?: { manager: string; operation: string }[];
  }
).managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
seen['dryRun'] = [
  (await kube.apply(configMap('b', {}), { dryRun: true })).metadata.name,
  await kube.get({ ...configMap('b', {}), name: 'b', namespace }),
];
seen['misspelt'] = await outcome(kube.apply({ ...configMap('c', {}), dta: {} }));
seen['many'] = (
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      kube.apply({ ...configMap(`m-${index}`, {}), metadata: { name: `m-${index}`, namespace, labels: { many: 'yes' } } }),
    ),
  )
).length;
seen['listed'] = (await kube.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace, labelSelector: 'many=yes' })).length;

seen['unknown'] = await outcome(kube.get(widget));
await kube.apply(definition);
await kube.waitFor(widget, 'to be missing', (found) => found === undefined, seconds(60));
await kube.waitFor(
  { ...definition, name: definition.metadata.name },
  'to be established',
  (found) => JSON.stringify(found?.['status'] ?? '').includes('"type":"Established"'),
  seconds(60),
);
seen['widget'] = (
  await kube.apply({ apiVersion: widget.apiVersion, kind: widget.kind, metadata: { name: 'w', namespace: 'ignored' }, size: 3 })
)['size'];

await kube.apply(server);
await kube.waitFor(
  { ...server, name: 'server', namespace },
  'to run',
  (found) => (found?.['status'] as { phase?: string } | undefined)?.phase === 'Running',
  seconds(60),
);
const pod = { namespace, name: 'server' };
seen['podGet'] = await kube.podGet(pod, 8080, '/index.html');
seen['podGetElsewhere'] = await outcome(kube.podGet(pod, 9, '/'));
seen['logs'] = await kube.logs(pod);
seen['noLogs'] = await outcome(kube.logs({ ...pod, container: 'nobody' }));

await kube.remove({ ...server, name: 'server', namespace }, { wait: seconds(60), graceSeconds: 0 });
seen['removed'] = (await kube.get({ ...server, name: 'server', namespace })) === undefined;
process.stdout.write(JSON.stringify(seen));
