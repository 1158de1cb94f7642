// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached, same } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend';
const anonymous = 'a request without the credential is denied before the backend sees it';
const asked = 'the server sees method, path, host, authorization and the forwarded headers';
const hidden = 'the server does not see other headers';
const added = 'the backend sees the forwarded header of the answer in place of what the client made up';
const kept = 'the backend does not see other headers of the answer';

const headers = {
  'x-ext-authz': 'allow',
  authorization: 'Bearer token',
  'x-a': 'forwarded',
  'x-b': 'secret',
  'x-user': 'mallory',
};
const answer = { addHeaders: { 'x-user': 'alice', 'x-internal': 'secret' } };

export default defineCheck({
  id: 'extauth-headers-filtered',
  title: 'An authorization server over HTTP sees, and hands on, the headers that the policy lists',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go')],
  requires: ['gateway', 'echo', 'extAuthHttp', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'nothing-forwarded', title: 'The policy does not list the header', breaks: asked },
    { name: 'all-forwarded', title: 'The policy lists every header', breaks: hidden },
    { name: 'nothing-handed-on', title: 'The policy does not list the header of the answer', breaks: added },
    { name: 'all-handed-on', title: 'The policy lists every header of the answer', breaks: kept },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuthHttp, policies }) {
    const host = hostname();
    await extAuthHttp.program(answer);
    const forward = [
      'x-ext-authz',
      // By which the server's record knows the request.
      'x-gauntlet-id',
      ...(sabotaged('nothing-forwarded') ? [] : ['x-a']),
      ...(sabotaged('all-forwarded') ? ['x-b', 'x-user'] : []),
    ];
    const toBackend = [...(sabotaged('nothing-handed-on') ? [] : ['x-user']), ...(sabotaged('all-handed-on') ? ['x-internal'] : [])];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const intent = policy.extAuth({ server: extAuthHttp.service, protocol: 'http', forward, toBackend });
    await policies.apply(intent, route);
    await apply(route);
    const send = () => gateway.get('/path?query', { host, headers });
    const question = async () => {
      const questions = await extAuthHttp.arrivals((await send()).id);
      same('questions', questions.length, 1);
      return questions[0];
    };

    await expect.eventually(allowed, async () => {
      await reached(await send(), echo);
    });

    await expect.eventually(anonymous, async () =>
      denied(await gateway.get('/', { host }), { ...policies.outcomes.extAuthDenied, before: echo }),
    );

    await expect.eventually(asked, async () => {
      const seen = await question();
      same('method', seen?.method, 'GET');
      same('path', seen?.path, '/path?query');
      same('host', seen?.host, host);
      for (const name of ['authorization', 'x-a'] as const) same(name, seen?.headers[name]?.join(), headers[name]);
    });

    await expect.eventually(hidden, async () => {
      const seen = await question();
      for (const name of ['x-b', 'x-user']) same(name, seen?.headers[name]?.join() ?? 'unseen', 'unseen');
    });

    await expect.eventually(added, async () => header(await reached(await send(), echo), 'x-user', answer.addHeaders['x-user']));

    await expect.eventually(kept, async () => header(await reached(await send(), echo), 'x-internal', absent));
  },
});
