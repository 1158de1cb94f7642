// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'undici';
import { GauntletError, messageOf } from '../../harness/errors.ts';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { milliseconds, type Duration } from '../../harness/units.ts';
import type { Fault } from '../instance/fault.ts';
import type { TlsProgram } from '../instance/tls-settings.ts';
import type { KindName } from '../kinds.ts';
import {
  arrivalsViewSchema,
  idsViewSchema,
  instanceViewSchema,
  refusalSchema,
  type CreateInstance,
  type InstanceView,
} from './protocol.ts';

/** Where the control API is, and how long a call may take. */
export interface PeerControlOptions {
  /** `http://198.18.0.7:9400`. */
  readonly origin: string;
  readonly timeout: Duration;
}

/** The control API of the peers' pod, as the runner calls it. Every failure is a GauntletError `GAUNTLET_PEER`. */
export class PeerControl implements AsyncDisposable {
  readonly #origin: string;
  readonly #agent: Agent;

  constructor({ origin, timeout }: PeerControlOptions) {
    this.#origin = origin;
    this.#agent = new Agent({ connectTimeout: timeout.ms, headersTimeout: timeout.ms, bodyTimeout: timeout.ms });
  }

  /** Whether the control API answers; never throws, gives up after a second. */
  async isHealthy(): Promise<boolean> {
    const second = milliseconds(1000).ms;
    try {
      const { statusCode, body } = await request(`${this.#origin}/health`, {
        dispatcher: this.#agent,
        headersTimeout: second,
        bodyTimeout: second,
        signal: AbortSignal.timeout(second),
      });
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }

  /** Opens an instance. */
  async create(kind: KindName, name: string, behaviour: unknown): Promise<InstanceView> {
    const body: CreateInstance = { kind, name, behaviour };
    return instanceViewSchema.parse(await this.#call('POST', '/instances', body));
  }

  /** What an instance is at the moment. */
  async view(instance: string): Promise<InstanceView> {
    return instanceViewSchema.parse(await this.#call('GET', `/instances/${instance}`));
  }

  /** Ends an instance and forgets what it recorded. */
  async remove(instance: string): Promise<void> {
    await this.#call('DELETE', `/instances/${instance}`);
  }

  /** Behaves like this from the next request on; what is left out is back at its default. */
  async program(instance: string, behaviour: unknown): Promise<void> {
    await this.#call('PUT', `/instances/${instance}/behaviour`, behaviour);
  }

  /** Puts a fault in place of the present one; when this resolves it holds for every connection. */
  async setFault(instance: string, fault: Fault): Promise<void> {
    await this.#call('PUT', `/instances/${instance}/fault`, { fault });
  }

  /** Serves TLS like this, or not at all; when this resolves it holds for every connection. */
  async setTls(instance: string, tls: TlsProgram | null): Promise<void> {
    await this.#call('PUT', `/instances/${instance}/tls`, { tls });
  }

  /**
   * What arrived, oldest first: all, or the arrivals of one request id. An instance that had to forget arrivals can no longer say
   * that something never came, so that question then throws instead of being answered with "nothing".
   */
  async arrivals(instance: string, requestId?: string): Promise<readonly Arrival[]> {
    const query = requestId === undefined ? '' : `?id=${encodeURIComponent(requestId)}`;
    const { arrivals, dropped } = arrivalsViewSchema.parse(await this.#call('GET', `/instances/${instance}/arrivals${query}`));
    if (requestId === undefined || arrivals.length === 0) assertNothingForgotten(instance, dropped);
    return arrivals;
  }

  /** Ids of the requests that arrived: all of them, or it throws as {@link arrivals} does. */
  async ids(instance: string): Promise<readonly string[]> {
    const { ids, dropped } = idsViewSchema.parse(await this.#call('GET', `/instances/${instance}/ids`));
    assertNothingForgotten(instance, dropped);
    return ids;
  }

  /** Begins a new record of what arrives. */
  async forgetArrivals(instance: string): Promise<void> {
    await this.#call('DELETE', `/instances/${instance}/arrivals`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const what = `${method} ${path} at the peers' control API (${this.#origin})`;
    const answer = await this.#send(method, path, body).catch((error: unknown) => {
      throw new GauntletError('GAUNTLET_PEER', `${what} got no answer: ${messageOf(error)}`, {
        hint: 'The log of the pod "peers" says whether it still runs.',
        cause: error,
      });
    });
    if (answer.status < 300) return answer.body;
    const refusal = refusalSchema.safeParse(answer.body);
    throw new GauntletError('GAUNTLET_PEER', `${what} was refused with ${answer.status}: ${refusal.data?.error ?? ''}`, {
      hint: 'The behaviour or fault that the check asks for is not one that the peer has; see mocks/README.md.',
    });
  }

  async #send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const { statusCode, body: answer } = await request(`${this.#origin}${path}`, {
      dispatcher: this.#agent,
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: statusCode, body: await answer.json() };
  }
}

function assertNothingForgotten(instance: string, dropped: number): void {
  if (dropped === 0) return;
  throw new GauntletError('GAUNTLET_PEER', `Peer instance ${instance} had to forget ${dropped} arrivals and cannot say whether more came`, {
    hint: 'Send fewer requests in this check, or ask another instance of the peer for part of them.',
  });
}
