// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const allowed = 'a request that the server allows reaches the backend';
const anonymous = 'a request without the credential is denied before the backend sees it';
const wrong = 'a request with a wrong credential is denied before the backend sees it';
const added = 'the backend sees what the server added, and not what the client made up';

/** What the server is told to look for, and to add. */
const behaviour = { allowWhen: { header: 'x-ext-authz', equals: 'allow' }, addHeaders: { 'x-identity': 'alice' } };
const credential = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-allow-deny',
  title: 'A request passes only when the authorization server allows it',
  feature: 'authentication.ext-auth',
  specification: [
    envoyDocs('External authorization', 'configuration/http/http_filters/ext_authz_filter'),
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'server-allows-everything', title: 'The authorization server says yes to everyone', breaks: anonymous },
    { name: 'server-adds-nothing', title: 'The authorization server adds no header', breaks: added },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
    const host = hostname();
    await extAuth.program({
      ...behaviour,
      ...(sabotaged('server-allows-everything') ? { always: 'allow' } : {}),
      ...(sabotaged('server-adds-nothing') ? { addHeaders: {} } : {}),
    });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.extAuth({ server: extAuth.service }), route);
    await apply(route);
    const answer = policies.outcomes.extAuthDenied;

    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host, headers: credential }), echo);
    });

    await expect.eventually(anonymous, async () => denied(await gateway.get('/', { host }), { ...answer, before: echo }));

    await expect.eventually(wrong, async () =>
      denied(await gateway.get('/', { host, headers: { 'x-ext-authz': 'deny' } }), { ...answer, before: echo }),
    );

    await expect.eventually(added, async () => {
      const exchange = await gateway.get('/', { host, headers: { ...credential, 'x-identity': 'mallory' } });
      header(await reached(exchange, echo), 'x-identity', 'alice');
    });

    await expect.consistently(`${anonymous}, and stays so`, async () =>
      denied(await gateway.get('/', { host }), { ...answer, before: echo }),
    );
  },
});
