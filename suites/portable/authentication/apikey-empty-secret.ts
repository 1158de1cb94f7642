// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const known = 'a request with the key beside an empty one reaches the backend';
const emptyKey = 'a request with an empty key is denied before the backend sees it';
const noKey = 'a request without a key is denied before the backend sees it';
const noEntries = 'with a Secret without entries, a request gets the replacement answer and does not reach the backend';
const emptyEntries = 'with a Secret of empty entries, a request gets the replacement answer and does not reach the backend';

export default defineCheck({
  id: 'apikey-empty-secret',
  title: 'An empty key is nobody’s, and a Secret without keys opens nothing',
  feature: 'authentication.api-key',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: emptyKey },
    { name: 'key-in-place-of-nothing', title: 'The Secret without entries has one', breaks: noEntries },
    { name: 'key-in-place-of-empty', title: 'One of the empty entries is not empty', breaks: emptyEntries },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const key = randomSecret();
    const { sources, carrying } = policies.apiKeyPlace;
    const protect = async (label: string, keys: Readonly<Record<string, string>>): Promise<string> => {
      const host = hostname(label);
      const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
      await policies.apply(policy.apiKey({ keys, sources }), route, label);
      await apply(route);
      return host;
    };
    const partly = await protect('partly', { alice: key, bob: '' });
    const nothing = await protect('nothing', sabotaged('key-in-place-of-nothing') ? { alice: key } : {});
    const empty = await protect('empty', { alice: '', bob: sabotaged('key-in-place-of-empty') ? key : '' });
    const { apiKeyMissing, apiKeyWrong, brokenPolicy } = policies.outcomes;
    const send = (host: string, sent?: string) => gateway.get('/', { host, headers: sent === undefined ? {} : carrying(sent) });

    await expect.eventually(known, async () => {
      await reached(await send(partly, key), echo);
    });
    await expect.eventually(emptyKey, async () => denied(await send(partly, ''), { ...apiKeyWrong, before: echo }));
    await expect.eventually(noKey, async () => denied(await send(partly), { ...apiKeyMissing, before: echo }));

    for (const [host, name] of [
      [nothing, noEntries],
      [empty, emptyEntries],
    ] as const) {
      await expect.eventually(name, async () => {
        for (const sent of [undefined, '', key]) await denied(await send(host, sent), { ...brokenPolicy.answer, before: echo });
      });
    }
  },
});
