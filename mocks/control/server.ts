// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../../harness/errors.ts';
import type { RingLimits } from '../instance/arrival-ring.ts';
import type { Instance } from '../instance/instance.ts';
import type { PortSource } from '../instance/port-source.ts';
import { kinds, type KindName } from '../kinds.ts';
import { createInstanceSchema, setFaultSchema, setTlsSchema, type InstanceView } from './protocol.ts';

/** What the control server is started with. */
export interface ControlServerOptions {
  /** Address of the control API and of every instance. */
  readonly address: string;
  /** Port of the control API. */
  readonly port: number;
  /** Ports for instances. */
  readonly ports: PortSource;
  /** What each instance remembers at most; `defaultRingLimits` if absent. */
  readonly limits?: RingLimits;
}

/** Largest control request that is read, in bytes. */
const largestRequest = 2 * 1024 * 1024;

/** A refusal with the status that says why. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Makes, programs and reads the instances of one pod, over HTTP and JSON. */
export class ControlServer implements AsyncDisposable {
  readonly #options: ControlServerOptions;
  readonly #instances = new Map<string, { readonly kind: string; readonly instance: Instance }>();
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));
  #lastId = 0;

  private constructor(options: ControlServerOptions) {
    this.#options = options;
  }

  /** Starts listening. */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    // The runner keeps its connections; closing an idle one would race with its next call.
    control.#server.keepAliveTimeout = 0;
    control.#server.listen({ port: options.port, host: options.address });
    await once(control.#server, 'listening');
    return control;
  }

  /** The port that the control API listens on. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all([closed, ...[...this.#instances.values()].map(({ instance }) => instance[Symbol.asyncDispose]())]);
    this.#instances.clear();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://control');
      respond(response, 200, await this.#route(request, url));
    } catch (error) {
      const [status, message] = refusalOf(error);
      respond(response, status, { error: message });
    }
  }

  async #route(request: IncomingMessage, url: URL): Promise<unknown> {
    const [collection = '', id, part = ''] = url.pathname.split('/').slice(1);
    const method = request.method ?? 'GET';
    if (collection === 'health') return { ok: true, instances: this.#instances.size };
    if (collection !== 'instances') throw new Refusal(404, `there is nothing at ${url.pathname}`);
    if (id === undefined) {
      if (method === 'POST') return this.#create(await readJson(request));
      throw new Refusal(405, `${method} ${url.pathname} is not defined`);
    }
    switch (`${method} ${part}`) {
      case 'GET ':
        return this.#view(id);
      case 'DELETE ':
        return this.#remove(id);
      case 'PUT behaviour':
        this.#find(id).program(await readJson(request));
        return this.#view(id);
      case 'PUT fault':
        await this.#find(id).setFault(setFaultSchema.parse(await readJson(request)).fault);
        return this.#view(id);
      case 'PUT tls':
        this.#find(id).setTls(setTlsSchema.parse(await readJson(request)).tls ?? undefined);
        return this.#view(id);
      case 'GET arrivals':
        return this.#arrivals(id, url.searchParams.get('id') ?? undefined);
      case 'GET ids':
        return this.#ids(id);
      case 'DELETE arrivals':
        this.#find(id).forgetArrivals();
        return {};
      default:
        throw new Refusal(405, `${method} ${url.pathname} is not defined`);
    }
  }

  async #create(body: unknown): Promise<InstanceView> {
    const { kind, name, behaviour = {} } = createInstanceSchema.parse(body);
    if (!isKind(kind)) throw new Refusal(400, `there is no peer of kind ${kind}; kinds are ${Object.keys(kinds).join(', ')}`);
    const { address, ports, limits } = this.#options;
    const instance = await kinds[kind](behaviour, { name, address, ports, ...(limits && { limits }) });
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.#instances.set(id, { kind, instance });
    return this.#view(id);
  }

  async #remove(id: string): Promise<object> {
    const instance = this.#find(id);
    this.#instances.delete(id);
    await instance[Symbol.asyncDispose]();
    return {};
  }

  #view(id: string): InstanceView {
    const { name, port, fault, connections, handshakes } = this.#find(id);
    const kind = this.#instances.get(id)?.kind ?? '';
    return {
      id,
      kind,
      name,
      port,
      fault,
      connections,
      ...(handshakes === undefined ? {} : { handshakes: { ...handshakes, failures: [...handshakes.failures] } }),
    };
  }

  #arrivals(id: string, requestId: string | undefined): object {
    const instance = this.#find(id);
    return { arrivals: instance.arrivals(requestId), dropped: instance.dropped };
  }

  #ids(id: string): object {
    const instance = this.#find(id);
    return { ids: instance.arrivals().map((arrival) => arrival.id), dropped: instance.dropped };
  }

  #find(id: string): Instance {
    const found = this.#instances.get(id);
    if (found === undefined) throw new Refusal(404, `there is no instance ${id}`);
    return found.instance;
  }
}

function isKind(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestRequest) throw new Refusal(413, `the request is larger than ${largestRequest} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function refusalOf(error: unknown): readonly [number, string] {
  if (error instanceof Refusal) return [error.status, error.message];
  if (error instanceof z.ZodError) return [400, z.prettifyError(error)];
  if (error instanceof SyntaxError) return [400, `the request is not JSON: ${error.message}`];
  return [500, messageOf(error)];
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
