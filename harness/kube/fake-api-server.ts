// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request; returning undefined passes it on to the defaults (discovery), and then to 404. */
export type Responder = (request: SeenRequest, response: ServerResponse) => unknown;

/** Just enough of an API server for the unit tests of the client: discovery of three kinds, and whatever the test answers. */
export class FakeApiServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  /** Path of a kubeconfig for it. */
  readonly kubeconfig: string;
  readonly #directory: string;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.#directory = mkdtempSync(join(tmpdir(), 'gauntlet-fake-api-'));
    this.kubeconfig = join(this.#directory, 'kubeconfig');
    this.#close = close;
    writeFileSync(this.kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`));
  }

  static async start(respond: Responder): Promise<FakeApiServer> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = 'GET', headers } = request;
        const seen = { method, headers, body, url: new URL(request.url ?? '/', 'http://fake') };
        fake.seen.push(seen);
        if (respond(seen, response) === undefined) answerByDefault(seen, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const fake = new FakeApiServer((server.address() as AddressInfo).port, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return fake;
  }

  /** Requests of one method whose path ends so. */
  requests(method: string, pathEnd: string): readonly SeenRequest[] {
    return this.seen.filter((request) => request.method === method && request.url.pathname.endsWith(pathEnd));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#directory, { recursive: true, force: true });
    await this.#close();
  }
}

/** A kubeconfig with one cluster and a token. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'fake', user: { token: 'opaque' } }],
  });
}

/** Sends JSON. */
export function json(response: ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
  return true;
}

/** A Status as the API server answers failures. */
export function status(response: ServerResponse, code: number, message: string): true {
  return json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}

function answerByDefault(request: SeenRequest, response: ServerResponse): void {
  const resources = {
    '/api/v1': [
      { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
      { name: 'namespaces', kind: 'Namespace', namespaced: false },
      { name: 'namespaces/status', kind: 'Namespace', namespaced: false },
    ],
    '/apis/gateway.networking.k8s.io/v1': [{ name: 'gateways', kind: 'Gateway', namespaced: true }],
  }[request.url.pathname];
  if (resources === undefined) status(response, 404, 'the server could not find the requested resource');
  else json(response, 200, { kind: 'APIResourceList', resources });
}
