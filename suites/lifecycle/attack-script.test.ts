// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { attackScript } from './attack-script.ts';

test.each([
  ['again and again over connections of their own', [], 4],
  ['over one that stays', ['kept'], 1],
])('curl sends requests %s, and each that is answered with 200 is a line', async (_, args, connections) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(seen.length % 2 === 0 ? 200 : 403).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = { method: 'POST', path: '/a?b', headers: { origin: 'https://it’s.test' } };
  const script = attackScript({ address: '127.0.0.1', port }, 'app.test', request);
  const attack = execa('sh', ['-c', script, 'attack', ...args], { reject: false, detached: true });
  // It has no end of its own: what fails here must not leave it behind.
  let isOver = false;
  const end = (): void => {
    if (!isOver && attack.pid !== undefined) process.kill(-attack.pid);
    isOver = true;
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(end);
  const lines: string[] = [];
  for await (const line of attack) {
    lines.push(line);
    if (lines.length === 2) end();
  }
  for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}200$/);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/a?b', headers: { host: 'app.test', origin: 'https://itâ\u0080\u0099s.test' } });
  expect(new Set(seen.slice(0, 4).map(({ socket }) => socket)).size).toBe(connections);
});

test('without curl, or with one that knows too little, it ends and says so: no line must not look like no opening', async () => {
  const script = attackScript({ address: '127.0.0.1', port: 1 }, 'app.test', {});
  const without = script.replace('  curl ', '  no-curl ');
  const { exitCode, stdout, stderr } = await execa('sh', ['-c', without], { reject: false });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toContain('no-curl');
});

test('over TLS the certificate is not looked at, and the name is that of the host', () => {
  const script = attackScript({ address: '2001:db8::1', port: 8443 }, 'app.test', { tls: {} });
  expect(script).toContain(`--connect-to ::[2001:db8::1]:8443 --insecure --header 'host: app.test' "$@"`);
  expect(script).toMatch(/while :; do send --parallel .* 'https:\/\/app.test:8443\/#\[1-10000\]'; done/);
});
