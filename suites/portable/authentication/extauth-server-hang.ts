// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { formatDuration, milliseconds, minutes, seconds, type Duration } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const anonymous = 'a request without the credential is denied while the server answers';
const allowed = 'a request with the credential reaches the backend while the server answers';
const overGrpc = 'a request that the server over gRPC hangs on is denied after the timeout of the policy';
const overHttp = 'a request that the server over HTTP hangs on is denied after the default of two seconds';

const headers = { 'x-ext-authz': 'allow' };
const timeout = milliseconds(500);
/** The gateway’s own, for servers over HTTP. */
const defaultTimeout = seconds(2);
/** Longer than any request is waited for. */
const hang = { delayMs: minutes(5).ms };
/** What a busy machine may add to a timeout. */
const allowance = seconds(2);

export default defineCheck({
  id: 'extauth-server-hang',
  title: 'A request is denied when the authorization server does not answer in time',
  feature: 'authentication.ext-auth',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
    kgatewaySource('api/v1alpha1/kgateway/gateway_extensions_types.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'extAuthHttp', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: anonymous },
    { name: 'server-answers', title: 'The servers answer', breaks: overGrpc },
    { name: 'fails-open', title: 'The policy over HTTP lets requests pass on errors', breaks: overHttp },
    { name: 'longer-timeout', title: 'The server over gRPC is given far more time', breaks: overGrpc },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, extAuthHttp, policies }) {
    const [grpcHost, httpHost] = [hostname('grpc'), hostname('http')];
    const grpcRoute = httpRoute('grpc').on(gateway).host(grpcHost).rule({ to: echo.service });
    const ofHttp = httpRoute('http').on(gateway).host(httpHost).rule({ to: echo.service });
    const longer = sabotaged('longer-timeout') ? seconds(5) : timeout;
    await policies.apply(policy.extAuth({ server: extAuth.service, timeout: longer }), grpcRoute, 'over-grpc');
    const onError = sabotaged('fails-open') ? 'allow' : 'deny';
    await policies.apply(
      policy.extAuth({ server: extAuthHttp.service, protocol: 'http', onError, forward: ['x-ext-authz'] }),
      ofHttp,
      'over-http',
    );
    await apply(grpcRoute, ofHttp);
    const { extAuthDenied, extAuthUnavailable } = policies.outcomes;
    const hosts = [grpcHost, httpHost];
    const deniedAfter = async (exchange: Exchange, time: Duration): Promise<void> => {
      await denied(exchange, { ...extAuthUnavailable, before: echo });
      const bounds = `an answer after ${formatDuration(time)} to ${formatDuration(milliseconds(time.ms + allowance.ms))}`;
      const inTime = exchange.durationMs >= time.ms && exchange.durationMs < time.ms + allowance.ms;
      holds(inTime, bounds, exchange.durationMs < time.ms ? 'an earlier one' : 'a later one', exchange);
    };

    await expect.eventually(anonymous, async () => {
      for (const host of hosts) await denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo });
    });
    await expect.eventually(allowed, async () => {
      for (const host of hosts) await reached(await gateway.get('/', { host, headers }), echo);
    });

    if (!sabotaged('server-answers')) for (const server of [extAuth, extAuthHttp]) await server.program(hang);
    await expect.eventually(overGrpc, async () => deniedAfter(await gateway.get('/', { host: grpcHost, headers }), timeout), {
      streak: 1,
    });
    await expect.eventually(overHttp, async () => deniedAfter(await gateway.get('/', { host: httpHost, headers }), defaultTimeout), {
      streak: 1,
    });
  },
});
