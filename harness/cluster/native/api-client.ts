// SPDX-License-Identifier: Apache-2.0
import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { apiServerUrl } from './addresses.ts';
import type { ClusterPki } from './pki.ts';

/** An answer of the API server that is not a success. */
export class ApiStatusError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 300)}`);
    this.status = status;
  }
}

/** One line of a watch. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/**
 * The few calls that the supervisor makes to its own API server. It has no use for the Kubernetes client library, whose loading alone would
 * take as long as the API server needs to start.
 */
export class ApiClient implements Disposable {
  readonly #tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly #agent: Agent;

  constructor(pki: ClusterPki) {
    this.#tls = { ca: pki.ca.certificate, cert: pki.clients.admin.certificate, key: pki.clients.admin.key };
    this.#agent = new Agent({ keepAlive: true, ...this.#tls });
  }

  /**
   * Sends one request and reads the JSON answer.
   *
   * @throws ApiStatusError when the answer is not a success.
   */
  async send<T>(method: string, path: string, body?: object, contentType = 'application/json'): Promise<T> {
    const response = await this.#open(method, path, body, contentType);
    const text = await textOf(response);
    if (!isSuccess(response)) throw new ApiStatusError(method, path, response.statusCode ?? 0, text);
    return JSON.parse(text) as T;
  }

  /** Status of a GET on any HTTPS endpoint that trusts the cluster's authority. */
  async statusOf(url: string): Promise<number> {
    const response = await this.#open('GET', url);
    response.resume();
    return response.statusCode ?? 0;
  }

  /**
   * The events of a collection until the server ends the watch, which it does every few minutes; the caller then lists again.
   *
   * @throws ApiStatusError when the watch is refused, Error when the connection breaks.
   */
  async *watch<T>(path: string): AsyncGenerator<WatchEvent<T>> {
    const response = await this.#open('GET', path);
    if (!isSuccess(response)) throw new ApiStatusError('WATCH', path, response.statusCode ?? 0, await textOf(response));
    response.setEncoding('utf8');
    let rest = '';
    // Not readline, which would not hear of a connection that breaks.
    for await (const chunk of response) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as WatchEvent<T>;
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #open(method: string, path: string, body?: object, contentType?: string): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) },
    };
    return new Promise((resolve, reject) => {
      request(new URL(path, apiServerUrl), options, resolve).on('error', reject).end(text);
    });
  }
}

const isSuccess = (response: IncomingMessage): boolean => response.statusCode !== undefined && response.statusCode < 300;

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return text;
}
