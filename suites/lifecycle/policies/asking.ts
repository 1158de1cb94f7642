// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds } from '../../../harness/units.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { ExtProcProgram } from '../../../mocks/ext-proc/behaviour.ts';
import type { PolicyRow } from '../policy-row.ts';

/** Longer than any answer on a busy machine, short enough for hundreds of requests a second that all wait for it. */
const timeout = milliseconds(500);

const allowedBy = { 'x-ext-authz': 'allow' };

/** Policies that ask a server for each request. */
export const askingPolicies: readonly PolicyRow[] = [
  {
    id: 'ext-auth-grpc',
    telling: true,
    title: 'External authorization over gRPC',
    feature: 'authentication.ext-auth',
    cannot: {},
    peer: 'asks',
    references: ['GatewayExtension'],
    prepare: ({ extAuth }) => {
      const restore = () => extAuth.program({});
      const intent = (longest: typeof timeout) => policy.extAuth({ server: extAuth.service, timeout: longest });
      return Promise.resolve({
        intent: intent(timeout),
        edited: intent(milliseconds(600)),
        anonymous: {},
        wrong: { headers: { 'x-ext-authz': 'deny' } },
        allowed: { headers: allowedBy },
        server: {
          peer: extAuth,
          restore,
          slow: ({ ms }) => extAuth.program({ delayMs: ms }),
          letEveryonePass: () => extAuth.program({ always: 'allow' }),
        },
      });
    },
  },
  {
    id: 'ext-auth-http',
    title: 'External authorization over HTTP',
    feature: 'authentication.ext-auth',
    cannot: {},
    peer: 'asks',
    references: ['GatewayExtension'],
    prepare: ({ extAuthHttp }) => {
      const restore = () => extAuthHttp.program({});
      const intent = (longest: typeof timeout) =>
        policy.extAuth({ server: extAuthHttp.service, protocol: 'http', timeout: longest, forward: ['x-ext-authz'] });
      return Promise.resolve({
        intent: intent(timeout),
        edited: intent(milliseconds(600)),
        anonymous: {},
        wrong: { headers: { 'x-ext-authz': 'deny' } },
        allowed: { headers: allowedBy },
        server: {
          peer: extAuthHttp,
          restore,
          slow: ({ ms }) => extAuthHttp.program({ delayMs: ms }),
          letEveryonePass: () => extAuthHttp.program({ always: 'allow' }),
        },
      });
    },
  },
  {
    id: 'ext-proc',
    title: 'An external processor that answers in place of the backend',
    feature: 'traffic.ext-proc',
    cannot: {},
    peer: 'asks',
    references: ['GatewayExtension'],
    prepare: async ({ extProc }) => {
      const guard: ExtProcProgram = { immediate: { at: 'requestHeaders', unless: { header: 'x-ext-proc', equals: 'pass' } } };
      const restore = () => extProc.program(guard);
      await restore();
      const intent = (longest: typeof timeout) => policy.extProc({ server: extProc.service, timeout: longest });
      return {
        intent: intent(timeout),
        edited: intent(milliseconds(600)),
        anonymous: {},
        wrong: { headers: { 'x-ext-proc': 'stop' } },
        allowed: { headers: { 'x-ext-proc': 'pass' } },
        server: {
          peer: extProc,
          restore,
          slow: ({ ms }) => extProc.program({ ...guard, delayMs: ms }),
          letEveryonePass: () => extProc.program({}),
        },
      };
    },
  },
  {
    id: 'rate-limit-global',
    title: 'A rate limit that a server counts',
    feature: 'traffic.rate-limit',
    cannot: {},
    peer: 'asks',
    references: ['GatewayExtension'],
    prepare: async ({ rateLimit }) => {
      const limits = ['free', 'trial'].map((value) => ({ entries: [{ key: 'x-tier', value }], requests: 0 }));
      const restore = () => rateLimit.program({ limits });
      await restore();
      const intent = (longest: typeof timeout) =>
        policy.globalRateLimit({
          server: rateLimit.service,
          domain: 'lifecycle',
          by: [[{ header: 'x-tier' }]],
          onError: 'deny',
          timeout: longest,
        });
      return {
        intent: intent(timeout),
        edited: intent(seconds(1)),
        anonymous: { headers: { 'x-tier': 'free' } },
        wrong: { headers: { 'x-tier': 'trial' } },
        allowed: { headers: { 'x-tier': 'gold' } },
        server: {
          peer: rateLimit,
          restore,
          slow: ({ ms }) => rateLimit.program({ limits, delayMs: ms }),
          letEveryonePass: () => rateLimit.program({ always: 'ok' }),
        },
      };
    },
  },
];
