// SPDX-License-Identifier: Apache-2.0
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultBudgets } from '../harness/check/budgets.ts';
import type { CheckContext, SharedContext } from '../harness/check/check.ts';
import type { Kube, Resource } from '../harness/kube/kube.ts';
import { seconds } from '../harness/units.ts';
import { PeerControl } from './control/client.ts';
import { ControlServer } from './control/server.ts';
import { echo, extAuth, otherEcho } from './peers.ts';
import { startPeers } from './start-peers.ts';

type CleanUp = () => Promise<void> | void;

let server: ControlServer;
let control: PeerControl;
let applied: Resource[];
let cleanUps: CleanUp[];
let context: CheckContext;

beforeEach(async () => {
  server = await ControlServer.start({ address: '127.0.0.1', port: 0, ports: () => 0 });
  control = new PeerControl({ origin: `http://127.0.0.1:${server.port}`, timeout: seconds(5) });
  applied = [];
  cleanUps = [];
  // The part of a context that the fixtures use.
  context = {
    namespace: 'check-1',
    session: { runId: 'r', share: () => Promise.resolve({ address: '127.0.0.1', control }) },
    defer: (cleanUp: CleanUp) => cleanUps.push(cleanUp),
    apply: (...resources: Resource[]) => {
      applied.push(...resources);
      return Promise.resolve(resources);
    },
  } as unknown as CheckContext;
});

afterEach(async () => {
  await control[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The way of a gateway: from the Service by its port's name to the endpoint. */
function endpointOf(service: string): { readonly address: string; readonly port: number } {
  const slice = applied.find(
    ({ kind, metadata }) => kind === 'EndpointSlice' && metadata.labels?.['kubernetes.io/service-name'] === service,
  );
  const { endpoints, ports } = slice as unknown as { endpoints: { addresses: string[] }[]; ports: { port: number }[] };
  return { address: endpoints[0]?.addresses[0] ?? '', port: ports[0]?.port ?? 0 };
}

async function send(service: string, id: string): Promise<number> {
  const { address, port } = endpointOf(service);
  const { statusCode, body } = await request(`http://${address}:${port}/`, { headers: { 'x-gauntlet-id': id, connection: 'close' } });
  await body.dump();
  return statusCode;
}

describe('the echo fixture', () => {
  it('is a Service whose endpoint answers and records', async () => {
    const peer = await echo(context);
    expect(peer).toMatchObject({ name: 'echo', service: { name: 'echo', namespace: 'check-1', port: 8080 } });
    expect(applied.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'EndpointSlice check-1/echo-peer',
      'Service check-1/echo',
    ]);
    expect(await send('echo', 'id-1')).toBe(200);
    expect(await peer.arrivals('id-1')).toHaveLength(1);
    expect(await peer.arrivals()).toHaveLength(1);
  });

  it('joins the Service to its endpoints by the name of the port', async () => {
    await echo(context);
    expect(applied).toMatchObject([{ ports: [{ name: 'peer' }] }, { spec: { ports: [{ name: 'peer', port: 8080 }] } }]);
    expect(applied[1]?.['spec']).not.toHaveProperty('selector');
  });

  it('can be programmed and put under a fault', async () => {
    const peer = await echo(context);
    await peer.program({ status: 202 });
    expect(await send('echo', 'id-1')).toBe(202);
    await peer.fault('refuse');
    await expect(send('echo', 'id-2')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await peer.fault('none');
    expect(await send('echo', 'id-3')).toBe(202);
    expect(await peer.connections()).toBe(2);
    expect((await peer.arrivals()).map(({ id }) => id)).toEqual(['id-1', 'id-3']);
  });

  it('has a second one beside it, with a record of its own', async () => {
    const peer = await echo(context);
    const other = await otherEcho(context);
    expect(other).toMatchObject({ name: 'echo-other', service: { name: 'echo-other' } });
    await send('echo-other', 'id-1');
    expect(await other.arrivals()).toHaveLength(1);
    expect(await peer.arrivals()).toEqual([]);
  });

  it('announces the very Service that it applies, so that the gateway sees no change when its check starts', async () => {
    const announced = (await echo.announce?.(context.namespace)) ?? [];
    await echo(context);
    expect(announced.map(({ kind }) => kind)).toEqual(['EndpointSlice', 'Service']);
    expect(applied[1]).toEqual(announced[1]);
  });

  it('is closed when the check ends', async () => {
    await echo(context);
    for (const cleanUp of cleanUps) await cleanUp();
    await expect(send('echo', 'id-1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

it('the extAuth fixture tells the gateway to speak HTTP/2', async () => {
  const peer = await extAuth(context);
  await peer.program({ always: 'deny' });
  expect(peer.name).toBe('ext-authz');
  expect(applied).toMatchObject([
    { ports: [{ appProtocol: 'kubernetes.io/h2c' }] },
    { spec: { ports: [{ appProtocol: 'kubernetes.io/h2c' }] } },
  ]);
});

describe('startPeers', () => {
  function sharedContext(podStatus: object): { readonly shared: SharedContext; readonly calls: string[] } {
    const calls: string[] = [];
    const kube: Partial<Kube> = {
      apply: (resource) => {
        applied.push(resource);
        calls.push(`apply ${resource.kind}`);
        return Promise.resolve(resource);
      },
      waitFor: (reference) => {
        calls.push(`wait ${reference.kind}`);
        return Promise.resolve({ ...reference, metadata: { name: reference.name }, status: podStatus });
      },
      logs: () => Promise.resolve('Error: out of luck\n'),
      remove: (reference) => {
        calls.push(`remove ${reference.kind}`);
        return Promise.resolve();
      },
    };
    const defer = (cleanUp: CleanUp): void => void cleanUps.push(cleanUp);
    return {
      shared: {
        runId: 'r',
        peersImage: 'gauntlet.dev/peers:test',
        namespace: 'shared',
        kube,
        budgets: defaultBudgets,
        defer,
      } as unknown as SharedContext,
      calls,
    };
  }

  it('says with the log why the pod does not run, and leaves no pod behind', async () => {
    const { shared, calls } = sharedContext({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 1, reason: 'Error' } } }],
    });
    await expect(startPeers(shared)).rejects.toMatchObject({
      code: 'GAUNTLET_PEER',
      message: 'The pod shared/peers did not start: it ended with exit code 1 (Error); its log:\nError: out of luck',
    });
    for (const cleanUp of cleanUps) await cleanUp();
    expect(calls).toEqual(['wait ServiceAccount', 'apply Pod', 'wait Pod', 'remove Pod']);
  });

  it('asks for the image of exactly these sources', async () => {
    const { shared } = sharedContext({ phase: 'Failed' });
    await expect(startPeers(shared)).rejects.toThrow();
    expect(applied).toMatchObject([
      { kind: 'Pod', metadata: { namespace: 'shared' }, spec: { containers: [{ image: 'gauntlet.dev/peers:test' }] } },
    ]);
  });
});
