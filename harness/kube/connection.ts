// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, interceptors, type Dispatcher } from 'undici';
import { GauntletError, isErrno, messageOf } from '../errors.ts';
import { seconds } from '../units.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below the server's address: `/api/v1/namespaces/default`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: { readonly contentType: string; readonly text: string };
  readonly signal?: AbortSignal;
}

/** An answer of the API server, whatever its status. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * The way to one API server: kept-alive connections, the kubeconfig's credentials on each request, and a few quick retries of what the server
 * did not process (connection refused while it restarts, 429, 503).
 */
export interface ApiConnection extends AsyncDisposable {
  readonly kubeConfig: KubeConfig;
  request(request: ApiRequest): Promise<ApiAnswer>;
  /** The lines of a watch as they arrive. Ends when the server ends it; never retried. */
  lines(request: ApiRequest): AsyncIterable<string>;
}

const retry = interceptors.retry({
  maxRetries: 4,
  minTimeout: 100,
  maxTimeout: 2000,
  methods: ['GET', 'PATCH', 'DELETE'],
  statusCodes: [429, 503],
  throwOnError: false,
});

/**
 * Reads the kubeconfig; connects at the first request.
 *
 * @throws GauntletError `GAUNTLET_KUBECONFIG` when it is missing, malformed or names no server.
 */
export function openConnection(kubeconfig: string, signal?: AbortSignal): ApiConnection {
  const kubeConfig = loadKubeConfig(kubeconfig);
  const server = (kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  let agent: Agent | undefined;
  let answered = false;

  const failed = (error: unknown, request: ApiRequest): GauntletError =>
    requestFailed(error, { request, kubeconfig, server, answered, interrupted: signal?.aborted === true });

  const dispatch = async (request: ApiRequest, retried: boolean): Promise<Dispatcher.ResponseData> => {
    try {
      const options = await credentials(kubeConfig);
      agent ??= new Agent({ connect: { ...tlsOptions(options), timeout: seconds(10).ms }, keepAliveTimeout: seconds(30).ms });
      const response = await (retried ? agent.compose(retry) : agent).request({
        origin: server,
        path: request.path + queryString(request.query),
        method: request.method,
        headers: {
          ...headersOf(options),
          accept: 'application/json, */*',
          'user-agent': 'gauntlet',
          ...(request.body === undefined ? {} : { 'content-type': request.body.contentType }),
        },
        headersTimeout: seconds(60).ms,
        bodyTimeout: seconds(60).ms,
        ...(request.body === undefined ? {} : { body: request.body.text }),
        ...abortWith(signal, request.signal),
      });
      answered = true;
      return response;
    } catch (error) {
      throw failed(error, request);
    }
  };

  return {
    kubeConfig,
    request: async (request) => {
      const response = await dispatch(request, true);
      try {
        return { status: response.statusCode, text: await response.body.text() };
      } catch (error) {
        throw failed(error, request);
      }
    },
    lines: async function* (request) {
      const response = await dispatch(request, false);
      if (response.statusCode !== 200) throw apiRefused(request, { status: response.statusCode, text: await response.body.text() });
      try {
        yield* splitLines(response.body);
      } catch (error) {
        throw failed(error, request);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await agent?.destroy();
    },
  };
}

/** The error of an answer that is not a success, with the server's own words. */
export function apiRefused(request: ApiRequest, answer: ApiAnswer): ApiRefusal {
  return new ApiRefusal(request, answer);
}

/** A `GAUNTLET_API` that keeps the HTTP status, so that callers can tell "not found" from "forbidden". */
export class ApiRefusal extends GauntletError {
  readonly status: number;

  constructor(request: ApiRequest, answer: ApiAnswer) {
    const said = statusMessage(answer.text);
    super('GAUNTLET_API', `${request.method} ${request.path} was answered with ${answer.status}: ${said}`, {
      hint: hintFor(answer.status),
      cause: new Error(said),
    });
    this.status = answer.status;
  }
}

function loadKubeConfig(file: string): KubeConfig {
  const hint = 'Give the path of a kubeconfig whose current context names a cluster that runs.';
  if (!existsSync(file)) throw new GauntletError('GAUNTLET_KUBECONFIG', `The kubeconfig ${file} does not exist`, { hint });
  const kubeConfig = new KubeConfig();
  try {
    kubeConfig.loadFromFile(file, { onInvalidEntry: 'throw' });
  } catch (error) {
    throw new GauntletError('GAUNTLET_KUBECONFIG', `The kubeconfig ${file} cannot be read: ${messageOf(error)}`, { hint, cause: error });
  }
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null || !URL.canParse(cluster.server)) {
    const seen =
      cluster === null
        ? `its current context ${kubeConfig.getCurrentContext() || '(none)'} names no cluster in it`
        : `its server is ${cluster.server}`;
    throw new GauntletError('GAUNTLET_KUBECONFIG', `The kubeconfig ${file} points nowhere: ${seen}`, { hint });
  }
  if (cluster.proxyUrl !== undefined) {
    throw new GauntletError(
      'GAUNTLET_NOT_IMPLEMENTED',
      `The kubeconfig ${file} reaches its cluster through the proxy ${cluster.proxyUrl}`,
      {
        hint: 'Run Gauntlet where the API server can be reached directly.',
      },
    );
  }
  return kubeConfig;
}

async function credentials(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  if (options.auth === undefined || options.auth === null) return options;
  return { ...options, headers: { ...headersOf(options), authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } };
}

/** The library fills in a plain record. */
function headersOf(options: RequestOptions): Record<string, string> {
  return (options.headers ?? {}) as Record<string, string>;
}

function tlsOptions(options: RequestOptions): Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'> {
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  return Object.fromEntries(Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(([, value]) => value !== undefined));
}

function queryString(query: ApiRequest['query']): string {
  const given = Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function abortWith(...signals: readonly (AbortSignal | undefined)[]): { signal?: AbortSignal } {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length === 0 ? {} : { signal: AbortSignal.any(given) };
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}

function requestFailed(
  error: unknown,
  seen: { request: ApiRequest; kubeconfig: string; server: string; answered: boolean; interrupted: boolean },
): GauntletError {
  if (error instanceof GauntletError) return error;
  const what = `${seen.request.method} ${seen.request.path} at ${seen.server}`;
  if (seen.interrupted) {
    return new GauntletError('GAUNTLET_INTERRUPTED', `${what} was interrupted`, { hint: 'Run the same command again.', cause: error });
  }
  const reason = reasonOf(error);
  if (!seen.answered) {
    return new GauntletError('GAUNTLET_KUBECONFIG', `The API server of ${seen.kubeconfig} cannot be used: ${what} failed with ${reason}`, {
      hint: 'Check that the cluster runs, that its address can be reached from here, and that the credentials belong to it.',
      cause: error,
    });
  }
  return new GauntletError('GAUNTLET_API', `${what} failed with ${reason}`, {
    hint: 'The API server answered before: its log in the run folder says why it stopped.',
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const message = messageOf(error);
  return isErrno(error) && error.code !== undefined && !message.includes(error.code) ? `${error.code} ${message}` : message;
}

function statusMessage(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown };
    if (typeof status.message === 'string' && status.message !== '') return status.message;
  } catch {
    // Not every answer is a Status: a proxy in between, or the log endpoint, answers in plain text.
  }
  return text.trim().slice(0, 2000) || 'no message';
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return 'The kubeconfig must have administrator rights on the cluster.';
  if (status === 404) return 'The object, its namespace or its kind does not exist: are the CRDs of this version installed?';
  if (status === 409) return 'Another field manager owns a field that was applied, or the object changed meanwhile.';
  if (status === 422 || status === 400) return 'The server names the field that it does not accept; fix the resource.';
  return 'The API server and its log in the run folder say more.';
}
