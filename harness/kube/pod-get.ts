// SPDX-License-Identifier: Apache-2.0
import { request } from 'node:http';
import { Duplex, Writable } from 'node:stream';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import { GauntletError, messageOf } from '../errors.ts';
import { seconds } from '../units.ts';
import type { Kube } from './kube.ts';

const budget = seconds(30);

/** {@link Kube.podGet}: one port-forward through the API server for one GET. */
export async function podGet(
  kubeConfig: KubeConfig,
  pod: Parameters<Kube['podGet']>[0],
  port: number,
  path: string,
  signal?: AbortSignal,
): ReturnType<Kube['podGet']> {
  const expired = AbortSignal.timeout(budget.ms);
  const ended = signal === undefined ? expired : AbortSignal.any([expired, signal]);
  const failed = (error: unknown): GauntletError =>
    new GauntletError(
      'GAUNTLET_API',
      `GET ${path} of port ${port} of pod ${pod.namespace}/${pod.name} failed: ${ended.aborted ? messageOf(ended.reason) : messageOf(error)}`,
      {
        hint: 'Is the pod running, and does a container in it listen on that port?',
        cause: error,
      },
    );
  let tunnel: Tunnel;
  try {
    tunnel = await openTunnel(kubeConfig, pod, port);
  } catch (error) {
    throw failed(error instanceof Error ? error : new Error(messageOfEvent(error)));
  }
  try {
    const refusal = tunnel.refusal();
    if (refusal !== undefined) throw refusal;
    return await get(tunnel.stream, path, ended);
  } catch (error) {
    throw failed(tunnel.refusal() ?? error);
  } finally {
    tunnel.close();
  }
}

interface Socket {
  onclose: () => void;
  close(): void;
}

interface Tunnel {
  readonly stream: Duplex;
  /** What the kubelet said on the error channel, if anything. */
  readonly refusal: () => Error | undefined;
  readonly close: () => void;
}

async function openTunnel(kubeConfig: KubeConfig, pod: { namespace: string; name: string }, port: number): Promise<Tunnel> {
  const toPod = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  let refused = '';
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      toPod.push(chunk);
      done();
    },
  });
  // The kubelet may give up before anybody listens, and after; `refusal` tells of it then.
  stream.on('error', () => undefined);
  const fromPod = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      stream.push(chunk);
      done();
    },
  });
  const errors = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      refused += chunk.toString();
      // The kubelet opens the error channel with an empty frame; words on it mean that it gave up.
      if (refused.trim() !== '') stream.destroy(new Error(refused.trim()));
      done();
    },
  });
  // The library's own type needs @types/ws; without retries it is always the socket itself.
  const socket = (await new PortForward(kubeConfig).portForward(
    pod.namespace,
    pod.name,
    [port],
    fromPod,
    errors,
    toPod,
  )) as unknown as Socket;
  socket.onclose = () => stream.push(null);
  return { stream, refusal: () => (refused.trim() === '' ? undefined : new Error(refused.trim())), close: () => socket.close() };
}

function get(stream: Duplex, path: string, signal: AbortSignal): ReturnType<Kube['podGet']> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { path, headers: { host: 'localhost', connection: 'close' }, createConnection: () => stream, signal },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** The web socket library rejects with an event instead of an error. */
function messageOfEvent(event: unknown): string {
  return typeof event === 'object' && event !== null && 'message' in event ? String(event.message) : String(event);
}
