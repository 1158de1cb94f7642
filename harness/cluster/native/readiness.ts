// SPDX-License-Identifier: Apache-2.0
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds } from '../../units.ts';
import type { ApiClient } from './api-client.ts';
import type { Readiness } from './components.ts';

const interval = milliseconds(25);

/** Waits until a component answers; there is no event for a port that opens, so it is asked again and again. Ends with the signal. */
export async function untilReady(readiness: Readiness, api: ApiClient, signal?: AbortSignal): Promise<void> {
  while (!(await answers(readiness, api))) await delay(interval.ms, undefined, signal === undefined ? {} : { signal });
}

async function answers(readiness: Readiness, api: ApiClient): Promise<boolean> {
  try {
    if ('socket' in readiness) return await accepts(readiness.socket);
    const status = readiness.url.startsWith('https:') ? await api.statusOf(readiness.url) : await plainStatus(readiness.url);
    return status === 200;
  } catch {
    return false;
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function plainStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}
