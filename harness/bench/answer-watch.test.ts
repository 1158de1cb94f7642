// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { assertAsked, watchAnswers } from './answer-watch.ts';

async function serve(answer: (count: number) => { readonly status: number; readonly version: string }) {
  let [count, connections] = [0, 0];
  const server = http.createServer((_, response) => {
    const { status, version } = answer((count += 1));
    response.writeHead(status, { 'x-version': version }).end('x');
  });
  server.on('connection', () => (connections += 1));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: { address: '127.0.0.1', port }, connections: () => connections };
}

const never = new AbortController().signal;
const question = { host: 'app.test', path: '/', header: 'x-version' };

it('tells what each answer says, over old and new connections', async () => {
  const { endpoint, connections } = await serve((count) => (count <= 20 ? { status: 200, version: 'a' } : { status: 503, version: 'b' }));
  const watch = watchAnswers({ endpoint, ...question });
  await watch.until((answers) => answers.length >= 40, never);
  await watch.stop();
  const { answers } = watch;
  expect(answers.slice(0, 20).every(({ status, version }) => status === 200 && version === 'a')).toBe(true);
  expect(answers.slice(20).every(({ status, version }) => status === 503 && version === 'b')).toBe(true);
  const fresh = answers.filter((answer) => answer.fresh).length;
  expect(fresh).toBeGreaterThanOrEqual(Math.floor(answers.length / 5));
  expect(connections()).toBeGreaterThan(fresh);
});

it('goes on where nobody answers', async () => {
  const watch = watchAnswers({ endpoint: { address: '127.0.0.1', port: 1 }, ...question });
  await watch.until((answers) => answers.length >= 10, never);
  await watch.stop();
  expect(watch.answers.every(({ status, error }) => status === undefined && error === 'ECONNREFUSED')).toBe(true);
});

it('hears what only those get who come anew', async () => {
  let connections = 0;
  const server = http.createServer((_, response) => void response.writeHead(200, { 'x-version': 'a' }).end());
  server.on('connection', (socket) => {
    connections += 1;
    if (connections > 1) socket.destroy();
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  // One question at a time: more would open another connection that is kept.
  const watch = watchAnswers({ endpoint: { address: '127.0.0.1', port }, ...question, everyMs: 50 });
  await watch.until((answers) => answers.filter(({ fresh }) => fresh).length >= 3, never);
  await watch.stop();
  expect(watch.answers.some(({ fresh, status }) => !fresh && status === 200)).toBe(true);
  expect(watch.answers.filter(({ fresh }) => fresh).every(({ status }) => status === undefined)).toBe(true);
});

it('a question that never left this machine is not charged to the gateway', () => {
  expect(() => assertAsked([{ status: 200 }, { error: 'EMFILE' }])).toThrow(expect.objectContaining({ code: 'GAUNTLET_MACHINE' }));
  expect(() => assertAsked([{ status: 503 }, { error: 'ECONNREFUSED' }, {}])).not.toThrow();
});

it('waits no longer than it is told', async () => {
  const { endpoint } = await serve(() => ({ status: 200, version: 'a' }));
  const watch = watchAnswers({ endpoint, ...question });
  await expect(watch.until(() => false, AbortSignal.timeout(50))).rejects.toThrow();
  await watch.stop();
});
