// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostArchitecture } from '../../platform.ts';
import type { Toolchain } from '../../toolchain/toolchain.ts';
import type { Clusters } from '../clusters.ts';
import type { Cluster, ClusterEvent } from '../provider.ts';
import { eventually, on, onNode, openTestClusters, shellReference, testImages } from './integration-setup.ts';

const name = `test-${process.pid}`;
const events: ClusterEvent[] = [];
let directory = '';
let toolchain: Toolchain;
let clusters: Clusters;
let cluster: Cluster;
let kubectl: (args: readonly string[], input?: string) => Promise<string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gauntlet-native-'));
  ({ toolchain, clusters } = openTestClusters());
  cluster = await clusters.provider('native').create({
    name,
    directory,
    architecture: hostArchitecture(),
    images: await testImages(toolchain),
    onEvent: (event) => events.push(event),
  });
  const binary = (await toolchain.resolve('kubectl')).file();
  kubectl = (args, input) => on(cluster, binary, args, input);
  await kubectl(['apply', '--filename=-'], workload);
  await kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'pod/shell']);
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await toolchain[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** A pod that answers over HTTP with a file, a headless name for it, and a load balancer in front. */
const workload = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shell', labels: { app: 'shell' } },
      spec: {
        hostname: 'shell',
        subdomain: 'names',
        containers: [
          {
            name: 'shell',
            image: shellReference,
            args: ['sh', '-c', 'echo started; mkdir /www; echo hello > /www/index.html; exec busybox httpd -f -p 80 -h /www'],
            // Port 80 as a user that is not root, as gateways' proxies do it.
            securityContext: { capabilities: { drop: ['ALL'] } },
            readinessProbe: { httpGet: { port: 80, path: '/' }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'names' },
      spec: { clusterIP: 'None', selector: { app: 'shell' }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', selector: { app: 'shell' }, ports: [{ port: 80 }] },
    },
  ],
});

test('the start told of every component, the images and the node', () => {
  const ready = events.flatMap((event) => (event.type === 'component-ready' ? [event.component] : []));
  expect(ready.sort()).toEqual(
    ['containerd', 'coredns', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubelet'].sort(),
  );
  expect(events.some((event) => event.type === 'node-ready')).toBe(true);
  expect(events.filter((event) => event.type === 'image-loaded')).toHaveLength(2);
});

test('it describes itself, and is listed as running', async () => {
  expect(await cluster.describe()).toMatchObject({ provider: 'native', kubernetes: 'v1.35.4', nodes: 1 });
  expect(await clusters.list()).toContainEqual(expect.objectContaining({ name, state: 'running', isDetached: false }));
});

test('pods resolve the API server, themselves by headless name, and learn at once that other names do not exist', async () => {
  const lookUp = (host: string): Promise<string> => kubectl(['exec', 'shell', '--', 'busybox', 'nslookup', host]);
  expect(await lookUp('kubernetes.default.svc.cluster.local')).toContain('198.19.0.1');
  const podIp = await kubectl(['get', 'pod', 'shell', '--output=jsonpath={.status.podIP}']);
  // A pod that is ready gets its name once its EndpointSlice is written and CoreDNS has seen it.
  expect(await eventually('name of the pod', () => lookUp('shell.names.default.svc.cluster.local'))).toContain(podIp);
  await expect(lookUp('example.com')).rejects.toThrow(/NXDOMAIN|can't find/);
});

test('a load balancer address answers from the node and from a pod', async () => {
  const ip = await eventually('address of the Service', async () => {
    const seen = await kubectl(['get', 'service', 'web', '--output=jsonpath={.status.loadBalancer.ingress[0].ip}']);
    return seen === '' ? undefined : seen;
  });
  expect(ip).toMatch(/^198\.19\.240\./);
  const page = await eventually('page', () =>
    on(cluster, process.execPath, ['-e', `fetch('http://${ip}/').then((r) => r.text()).then(console.log)`]),
  );
  expect(page).toContain('hello');
  expect(await kubectl(['exec', 'shell', '--', 'wget', '-q', '-O', '-', `http://${ip}/`])).toBe('hello');
});

test('logs and exec work, and the logs of a container are kept beside those of the components', async () => {
  expect(await kubectl(['logs', 'shell'])).toBe('started');
  expect(await kubectl(['exec', 'shell', '--', 'id'])).toContain('uid=0');
  expect((await stat(join(cluster.logDirectory, 'pods'))).isDirectory()).toBe(true);
  expect(await readFile(join(cluster.logDirectory, 'kubelet.log'), 'utf8')).toContain('Kubelet version');
});

test('a shell on the node sees its processes and its network', async () => {
  const seen = await onNode(cluster, 'cat /proc/1/comm; ip -brief address show node0');
  expect(seen).toMatch(/^catatonit\n/);
  expect(seen).toContain('198.19.255.1');
});

test('settings of the machine are as they were: the kubelet saw only files in their place', async () => {
  const before = (await readFile('/proc/sys/kernel/panic', 'utf8')).trim();
  expect(await onNode(cluster, 'cat /proc/sys/kernel/panic')).toBe('10');
  expect(before).not.toBe('10');
});

test('where a connection went that nobody answered is soon forgotten, in this network alone', async () => {
  const setting = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent';
  expect(await onNode(cluster, `cat ${setting}`)).toBe('5');
  expect((await readFile(setting, 'utf8')).trim()).not.toBe('5');
});

const restarted = [
  'kube-scheduler',
  'kube-controller-manager',
  'kube-proxy',
  'coredns',
  'kubelet',
  'containerd',
  'kube-apiserver',
  'etcd',
] as const;

test.each(restarted)('a killed %s is named and started again, and pods still start', async (component) => {
  events.length = 0;
  const binary = await realpath(await binaryOf(component));
  await onNode(cluster, `for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" != ${binary} ] || kill -KILL \${p#/proc/}; done`);
  const died = await eventually('death', () => Promise.resolve(events.find((event) => event.type === 'component-died')));
  expect(died).toMatchObject({ component, status: 'killed by SIGKILL', restarting: true });
  await eventually('restart', () =>
    Promise.resolve(events.find((event) => event.type === 'component-ready' && event.component === component)),
  );
  const pod = `after-${component}`;
  await eventually('pod', () =>
    kubectl([
      'run',
      pod,
      `--image=${shellReference}`,
      '--restart=Never',
      '--',
      'busybox',
      'nslookup',
      'kubernetes.default.svc.cluster.local',
    ]),
  );
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s', `pod/${pod}`]);
});

async function binaryOf(component: (typeof restarted)[number]): Promise<string> {
  return (await toolchain.resolve(component)).file();
}

test('an image that cannot be read is an error with what containerd said', async () => {
  const broken = { reference: 'broken', path: '/etc/passwd', architectures: [hostArchitecture()], digest: '', bytes: 0 };
  await expect(cluster.loadImages([broken])).rejects.toMatchObject({
    code: 'GAUNTLET_IMAGE',
    message: expect.stringContaining('/etc/passwd') as string,
  });
});
