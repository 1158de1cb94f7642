// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds } from '../../../harness/units.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { PolicyRow } from '../policy-row.ts';

/** Longer than any answer on a busy machine, short enough for hundreds of requests a second that all wait for it. */
const timeout = milliseconds(500);

const allowedBy = { 'x-ext-authz': 'allow' };

/** Policies that ask a server for each request. */
export const askingPolicies: readonly PolicyRow[] = [
  {
    id: 'ext-auth-grpc',
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
        server: { peer: extAuth, restore },
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
        server: { peer: extAuthHttp, restore },
      });
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
        server: { peer: rateLimit, restore },
      };
    },
  },
];
