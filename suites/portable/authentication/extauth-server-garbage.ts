// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { Fault } from '../../../mocks/instance/fault.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const anonymous = 'a request without the credential gets the answer of the server, its header included';
const allowed = 'a request with the credential reaches the backend';
const brokenHttp = 'a request is denied, with the status of the policy, whatever nonsense the server over HTTP gives for an answer';
const brokenGrpc = 'a request is denied whatever nonsense the server over gRPC gives for an answer';

const headers = { 'x-ext-authz': 'allow' };
const challenge = { deniedStatus: 401, deniedHeaders: { 'www-authenticate': 'Bearer realm="gauntlet"' } };
const errorStatus = 503;
const nonsense: readonly Fault[] = [{ status: 500 }, 'half-close', 'reset', 'malformed'];

export default defineCheck({
  id: 'extauth-server-garbage',
  title: 'An authorization server that answers nonsense lets nobody pass',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [
    envoyDocs('External authorization', 'configuration/http/http_filters/ext_authz_filter'),
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'extAuthHttp', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: anonymous },
    { name: 'no-challenge', title: 'The server sends no header with its denial', breaks: anonymous },
    { name: 'http-fails-open', title: 'The policy over HTTP lets requests pass on errors', breaks: brokenHttp },
    { name: 'default-status', title: 'The policy over HTTP does not name a status', breaks: brokenHttp },
    { name: 'grpc-fails-open', title: 'The policy over gRPC lets requests pass on errors', breaks: brokenGrpc },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, extAuthHttp, policies }) {
    const [grpcHost, httpHost] = [hostname('grpc'), hostname('http')];
    const grpcRoute = httpRoute('grpc').on(gateway).host(grpcHost).rule({ to: echo.service });
    const ofHttp = httpRoute('http').on(gateway).host(httpHost).rule({ to: echo.service });
    const onError = (sabotage: string) => (sabotaged(sabotage) ? 'allow' : 'deny');
    await policies.apply(policy.extAuth({ server: extAuth.service, onError: onError('grpc-fails-open') }), grpcRoute, 'over-grpc');
    await policies.apply(
      policy.extAuth({
        server: extAuthHttp.service,
        protocol: 'http',
        onError: onError('http-fails-open'),
        ...(sabotaged('default-status') ? {} : { errorStatus }),
        forward: ['x-ext-authz'],
      }),
      ofHttp,
      'over-http',
    );
    await apply(grpcRoute, ofHttp);
    for (const server of [extAuth, extAuthHttp]) await server.program(sabotaged('no-challenge') ? { deniedStatus: 401 } : challenge);

    await expect.eventually(anonymous, async () => {
      for (const host of [grpcHost, httpHost]) {
        const exchange = await gateway.get('/', { host });
        await denied(exchange, { status: challenge.deniedStatus, before: echo });
        header(exchange, 'www-authenticate', challenge.deniedHeaders['www-authenticate']);
      }
    });
    await expect.eventually(allowed, async () => {
      for (const host of [grpcHost, httpHost]) await reached(await gateway.get('/', { host, headers }), echo);
    });

    for (const [expectation, server, host, answer] of [
      [brokenHttp, extAuthHttp, httpHost, { status: errorStatus }],
      [brokenGrpc, extAuth, grpcHost, policies.outcomes.extAuthUnavailable],
    ] as const) {
      await expect.eventually(
        expectation,
        async () => {
          for (const fault of nonsense) {
            await server.fault(fault);
            await denied(await gateway.get('/', { host, headers }), { ...answer, before: echo });
          }
        },
        { streak: 1 },
      );
    }
  },
});
