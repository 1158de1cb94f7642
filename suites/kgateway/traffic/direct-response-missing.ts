// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { directResponse } from '../../../fixtures/kgateway/direct-response.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a rule that names a DirectResponse that exists answers with it';
const replaced = 'a rule that names one that does not exist gets the replacement answer';
const combined = 'so does a rule that has a backend as well, and the backend does not see the request';
const redirecting = 'so does a rule that redirects as well';
const ignored = 'a DirectResponse on a single backend of a rule is not applied: the backend answers';
const status = 'the routes say that rules of theirs were replaced';

export default defineCheck({
  id: 'direct-response-missing',
  title: 'A rule answers with an error when its DirectResponse does not exist or stands beside another action',
  feature: 'routing.direct-response',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/directresponse/direct_response_plugin.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'response-exists', title: 'The missing DirectResponse exists', breaks: replaced },
    { name: 'without-the-response', title: 'The rule with the backend does not name a DirectResponse', breaks: combined },
    { name: 'without-the-redirect', title: 'The rule that redirects does not redirect', breaks: redirecting },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const host = hostname();
    const teapot = directResponse('teapot', { status: 418, body: 'short and stout' });
    const missing = directResponse('missing', { status: 418, body: 'short and stout' });
    await apply(teapot, ...(sabotaged('response-exists') ? [missing] : []));
    const redirect = { type: 'RequestRedirect', requestRedirect: { statusCode: 301 } };
    const on = (name: string) => httpRoute(name).on(gateway).host(host);
    const routes = [
      on('missing').rule({ path: '/missing', filters: [extensionRef(missing)] }),
      on('combined').rule({
        path: '/combined',
        filters: sabotaged('without-the-response') ? [] : [extensionRef(teapot)],
        to: echo.service,
      }),
      on('redirecting').rule({
        path: '/redirecting',
        filters: [extensionRef(teapot), ...(sabotaged('without-the-redirect') ? [] : [redirect])],
      }),
    ];
    await apply(
      on('sound').rule({ path: '/sound', filters: [extensionRef(teapot)] }),
      on('backend').rule({ path: '/backend', to: [{ ...echo.service, filters: [extensionRef(teapot)] }] }),
      ...routes,
    );
    const { answer, route: written } = policies.outcomes.brokenPolicy;
    const get = (path: string) => gateway.get(path, { host });

    await expect.eventually(sibling, async () => denied(await get('/sound'), { status: 418, body: 'short and stout', before: echo }));
    await expect.eventually(replaced, async () => denied(await get('/missing'), { ...answer, before: echo }));
    await expect.eventually(combined, async () => denied(await get('/combined'), { ...answer, before: echo }));
    await expect.eventually(redirecting, async () => denied(await get('/redirecting'), { ...answer, before: echo }));

    await expect.eventually(ignored, async () => {
      await reached(await get('/backend'), echo);
    });

    await expect.eventually(
      status,
      async () => {
        for (const route of routes) condition(await kube.get(referenceTo(route, namespace)), written.type, written);
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
