// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../harness/testing/temporary-folder.ts';
import { Toolchain } from '../../harness/toolchain/toolchain.ts';
import { envoyConfiguration, payloads } from './envoy-configuration.ts';
import { loadBackendImage } from './image.ts';

test('the backend answers with as much as the path says, over HTTP/1.1 and HTTP/2', async () => {
  await using toolchain = Toolchain.open({ cacheDirectory: process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet') });
  const envoy = (await toolchain.resolve('envoy')).file();
  const socketPath = join(temporaryFolder(), 'load.sock');
  const configuration = JSON.stringify(envoyConfiguration({ pipe: { path: socketPath } }));
  const [, , ...options] = loadBackendImage.config.cmd ?? [];
  const server = spawn(envoy, ['--config-yaml', configuration, ...options], { stdio: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));

  const agent = new Agent({ connect: { socketPath } });
  onTestFinished(() => agent.destroy());
  const overHttp1 = async (path: string): Promise<number> => {
    const { statusCode, body } = await request(`http://load.test${path}`, { dispatcher: agent });
    return statusCode === 200 ? (await body.arrayBuffer()).byteLength : NaN;
  };
  await vi.waitFor(() => overHttp1('/'), 20_000);
  const session = http2.connect('http://load.test', { createConnection: () => connect(socketPath) });
  onTestFinished(() => session.destroy());
  const overHttp2 = async (path: string): Promise<number> => {
    const stream = session.request({ ':path': path });
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
    return headers[':status'] === 200 ? (await buffer(stream)).byteLength : NaN;
  };
  for (const bytes of [overHttp1, overHttp2]) {
    expect(await bytes('/any')).toBe(1024);
    for (const [suffix, size] of Object.entries(payloads)) expect(await bytes(`/1${suffix}`)).toBe(size);
  }
});
