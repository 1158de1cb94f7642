// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { watchAnswers } from './answer-watch.ts';

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
  expect(watch.answers.every(({ status }) => status === undefined)).toBe(true);
});

it('waits no longer than it is told', async () => {
  const { endpoint } = await serve(() => ({ status: 200, version: 'a' }));
  const watch = watchAnswers({ endpoint, ...question });
  await expect(watch.until(() => false, AbortSignal.timeout(50))).rejects.toThrow();
  await watch.stop();
});
