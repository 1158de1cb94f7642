// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const anonymous = 'a request without the credential is denied while the server is up';
const allowed = 'a request with the credential reaches the backend while the server is up';
const down = 'a request with the credential is denied once the server is down';
const staysDown = 'no request reaches the backend while the server is down';
const back = 'a request with the credential reaches the backend once the server is back';

const headers = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-server-down',
  title: 'Every request is denied while the authorization server cannot be asked',
  feature: 'authentication.ext-auth',
  specification: [
    envoyDocs('External authorization: failure_mode_allow', 'api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto'),
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'fails-open', title: 'The policy lets requests pass on errors', breaks: down },
    { name: 'server-stays-up', title: 'The server is not taken down', breaks: down },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const onError = sabotaged('fails-open') ? 'allow' : 'deny';
    await policies.apply(policy.extAuth({ server: extAuth.service, onError }), route);
    await apply(route);
    const { extAuthDenied, extAuthUnavailable } = policies.outcomes;
    const deniedWithCredential = async () => denied(await gateway.get('/', { host, headers }), { ...extAuthUnavailable, before: echo });
    const allowedWithCredential = async () => {
      await reached(await gateway.get('/', { host, headers }), echo);
    };

    await expect.eventually(anonymous, async () => denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo }));
    await expect.eventually(allowed, allowedWithCredential);

    if (!sabotaged('server-stays-up')) await extAuth.fault('refuse');
    await expect.eventually(down, deniedWithCredential);
    await expect.consistently(staysDown, deniedWithCredential);

    await extAuth.fault('none');
    await expect.eventually(back, allowedWithCredential);
  },
});
