// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { GauntletError, messageOf } from '../errors.ts';
import { seconds, type Duration } from '../units.ts';
import { hashFile } from './file-tree.ts';

const attempts = 3;

/** One file to download. */
export interface DownloadRequest {
  /** `http:`, `https:` or `file:`. */
  readonly url: URL;
  /** SHA-256 that the file must have, as hexadecimal digits. */
  readonly sha256: string;
  /** Where it goes. */
  readonly destination: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a downloader works with. */
export interface DownloaderOptions {
  /** Folder that holds what was received of unfinished downloads; a later attempt goes on from there. */
  readonly partialDirectory: string;
  /** Longest wait for a server to start answering; a server that cannot be reached is not asked again. 5 s by default. */
  readonly answerWithin?: Duration;
}

/**
 * Downloads files of known digest: resumed where they broke off, and refused with any other content. A server that does not answer is
 * remembered, so that a machine without internet loses a few seconds once.
 */
export class Downloader implements AsyncDisposable {
  readonly #agent: EnvHttpProxyAgent;
  readonly #partialDirectory: string;
  readonly #answerWithin: Duration;
  readonly #unreachable = new Map<string, GauntletError>();

  constructor({ partialDirectory, answerWithin = seconds(5) }: DownloaderOptions) {
    this.#partialDirectory = partialDirectory;
    this.#answerWithin = answerWithin;
    this.#agent = new EnvHttpProxyAgent({ connect: { timeout: answerWithin.ms }, bodyTimeout: seconds(30).ms });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.close();
  }

  /**
   * A small text file; undefined if the server has none.
   *
   * @throws GauntletError `GAUNTLET_TOOL_BUILD_FAILED` if it cannot be had.
   */
  async text(url: URL, signal?: AbortSignal): Promise<string | undefined> {
    if (url.protocol === 'file:') {
      return readFile(url, 'utf8').catch(() => undefined);
    }
    const response = await this.#request(url, {}, signal);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) throw await refused(url, response);
    return response.text();
  }

  /**
   * Downloads one file.
   *
   * @throws GauntletError `GAUNTLET_TOOL_BUILD_FAILED` if the server cannot be reached, has no such file, keeps breaking off, or sends a file
   * of another digest.
   */
  async file({ url, sha256, destination, signal }: DownloadRequest): Promise<void> {
    const partial = join(this.#partialDirectory, `${sha256}.partial`);
    await mkdir(dirname(partial), { recursive: true });
    await mkdir(dirname(destination), { recursive: true });
    if (url.protocol === 'file:') await copyFile(fileURLToPath(url), partial);
    else await this.#receive(url, partial, signal);
    const found = await hashFile(partial);
    if (found !== sha256) {
      await rm(partial);
      throw failed(url, `it has the SHA-256 ${found} instead of the pinned ${sha256}, and was thrown away`);
    }
    await rename(partial, destination);
  }

  async #receive(url: URL, partial: string, signal: AbortSignal | undefined): Promise<void> {
    let broken: unknown;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const received = await sizeOf(partial);
      const response = await this.#request(url, received > 0 ? { range: `bytes=${received}-` } : {}, signal);
      // The range starts where the file ends: all of it is here.
      if (response.status === 416) {
        await response.body?.cancel();
        return;
      }
      if (!response.ok || response.body === null) throw await refused(url, response);
      const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${received}-`) === true;
      try {
        await pipeline(
          Readable.fromWeb(response.body),
          createWriteStream(partial, { flags: resumed ? 'a' : 'w' }),
          signal ? { signal } : {},
        );
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (isLocal(error)) throw error;
        broken = error;
      }
    }
    throw failed(url, `the connection broke off ${attempts} times`, broken);
  }

  async #request(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Response> {
    const known = this.#unreachable.get(url.origin);
    if (known) throw known;
    const impatient = new AbortController();
    const timer = setTimeout(() => impatient.abort(), this.#answerWithin.ms);
    try {
      return await fetch(url, {
        headers: { 'accept-encoding': 'identity', ...headers },
        dispatcher: this.#agent,
        signal: signal ? AbortSignal.any([signal, impatient.signal]) : impatient.signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      const unreachable = unreachableServer(url, error);
      this.#unreachable.set(url.origin, unreachable);
      throw unreachable;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** A failure of this machine's disk, which another attempt would only repeat. */
function isLocal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EIO'].includes(String(error.code));
}

async function refused(url: URL, response: Response): Promise<GauntletError> {
  await response.body?.cancel();
  return failed(url, `the server answered ${response.status}`);
}

function failed(url: URL, reason: string, cause?: unknown): GauntletError {
  const file = url.pathname.split('/').at(-1) ?? url.href;
  return downloadError(`Could not download ${file} from ${url.host || 'the mirror'}: ${reason}`, cause);
}

/** Names no file: it stands for every further download from there. */
function unreachableServer(url: URL, cause: unknown): GauntletError {
  return downloadError(`${url.host} cannot be reached`, cause);
}

function downloadError(message: string, cause: unknown): GauntletError {
  const detail = cause === undefined ? '' : ` (${messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause)})`;
  return new GauntletError('GAUNTLET_TOOL_BUILD_FAILED', `${message}${detail}`, {
    hint: 'Check the connection, or name a mirror with GAUNTLET_MIRROR.',
    cause,
  });
}
