// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds, type Duration } from '../../../harness/units.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { ExtProcProgram } from '../../../mocks/ext-proc/behaviour.ts';
import type { ExtAuth } from '../../../mocks/peers.ts';
import type { PolicyRow, PreparedPolicy } from '../policy-row.ts';

/** Longer than any answer on a busy machine, short enough for hundreds of requests a second that all wait for it. */
const timeout = milliseconds(900);

const extAuthRow = { feature: 'authentication.ext-auth', cannot: {}, peer: 'asks', references: ['GatewayExtension'] } as const;

/** Policies that ask a server for each request. */
export const askingPolicies: readonly PolicyRow[] = [
  {
    ...extAuthRow,
    id: 'ext-auth-grpc',
    telling: true,
    title: 'External authorization over gRPC',
    prepare: ({ extAuth }) =>
      Promise.resolve(authorized(extAuth, (longest) => policy.extAuth({ server: extAuth.service, timeout: longest }))),
  },
  {
    ...extAuthRow,
    id: 'ext-auth-http',
    title: 'External authorization over HTTP',
    prepare: ({ extAuthHttp }) => {
      const http = { server: extAuthHttp.service, protocol: 'http', forward: ['x-ext-authz'] } as const;
      return Promise.resolve(authorized(extAuthHttp, (longest) => policy.extAuth({ ...http, timeout: longest })));
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
      const intent = (longest: Duration) => policy.extProc({ server: extProc.service, timeout: longest });
      return {
        intent: intent(timeout),
        edited: intent(milliseconds(1000)),
        anonymous: {},
        wrong: { headers: { 'x-ext-proc': 'stop' } },
        allowed: { headers: { 'x-ext-proc': 'pass' } },
        server: {
          peer: extProc,
          restore,
          slow: ({ ms }) => extProc.program({ ...guard, delayMs: ms }),
          letThemPass: () => extProc.program({}),
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
      const intent = (longest: Duration) =>
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
          letThemPass: () => rateLimit.program({ always: 'ok' }),
        },
      };
    },
  },
];

function authorized(server: ExtAuth, intent: (longest: Duration) => policy.ExtAuthIntent): PreparedPolicy {
  return {
    intent: intent(timeout),
    edited: intent(milliseconds(1000)),
    anonymous: {},
    wrong: { headers: { 'x-ext-authz': 'deny' } },
    allowed: { headers: { 'x-ext-authz': 'allow' } },
    server: {
      peer: server,
      restore: () => server.program({}),
      slow: ({ ms }) => server.program({ delayMs: ms }),
      letThemPass: () => server.program({ always: 'allow' }),
    },
  };
}
