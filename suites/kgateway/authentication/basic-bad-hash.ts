// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { basicAuthorization, htpasswdLine, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sound = 'a user with a readable hash reaches the backend by the route whose users are all sound';
const replaced = (what: string): string => `with ${what}, requests get the replacement answer and do not reach the backend`;
const status = 'the policies say how many users are wrong';

const alice: Credentials = { user: 'alice', password: 'password' };
const bob: Credentials = { user: 'bob', password: 'password' };
const soundLine = htpasswdLine(alice);
/** Bob's lines in the ways in which `htpasswd` hashes when nobody asks for SHA-1; each is of the word `password`. */
const bcrypt = 'bob:$2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu';
const md5 = 'bob:$apr1$gauntlet$4Cfy4PmyDe52W5bHX6wjI1';

const lists = [
  { label: 'bcrypt', what: 'a bcrypt hash beside a sound one', users: [soundLine, bcrypt], dropped: 1 },
  { label: 'md5', what: 'an MD5 hash beside a sound one', users: [soundLine, md5], dropped: 1 },
  { label: 'twice', what: 'the same user twice', users: [soundLine, htpasswdLine({ ...alice, password: 'other' })], dropped: 1 },
  { label: 'all', what: 'no sound hash at all', users: [bcrypt, md5.replace('bob', 'carol')], dropped: undefined },
] as const;

const mended = (label: string): string => `${label}-mended`;

export default defineCheck({
  id: 'basic-bad-hash',
  title: 'A user whose hash cannot be read makes the route an error, and opens it to nobody',
  feature: 'authentication.basic',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: mended('bcrypt'), title: 'The list with bcrypt has sound hashes only', breaks: replaced(lists[0].what) },
    { name: mended('md5'), title: 'The list with MD5 has sound hashes only', breaks: replaced(lists[1].what) },
    { name: mended('twice'), title: 'The list has the user once', breaks: replaced(lists[2].what) },
    { name: mended('all'), title: 'The list without sound hashes has one', breaks: replaced(lists[3].what) },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const protect = async (label: string, users: readonly string[]) => {
      const host = hostname(label);
      const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
      const policy = trafficPolicy(label, [route], { basicAuth: { users: [...users] } });
      await apply(policy, route);
      return { host, policy };
    };
    const healthy = await protect('sound', [soundLine]);
    const broken: { readonly what: string; readonly host: string; readonly policy: Resource; readonly dropped: number | undefined }[] = [];
    for (const { label, what, users, dropped } of lists) {
      broken.push({ what, dropped, ...(await protect(label, sabotaged(mended(label)) ? [soundLine] : users)) });
    }
    const { brokenPolicy } = policies.outcomes;

    await expect.eventually(sound, async () => {
      await reached(await gateway.get('/', { host: healthy.host, headers: { authorization: basicAuthorization(alice) } }), echo);
    });

    for (const { what, host } of broken) {
      await expect.eventually(replaced(what), async () => {
        for (const headers of [{}, ...[alice, bob].map((who) => ({ authorization: basicAuthorization(who) }))]) {
          await denied(await gateway.get('/', { host, headers }), { ...brokenPolicy.answer, before: echo });
        }
      });
    }

    await expect.eventually(
      status,
      async () => {
        for (const { policy, dropped } of broken) {
          const message = dropped === undefined ? 'no valid users with {SHA} hash format found' : `dropped ${dropped} user(s)`;
          condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
        }
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
