// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { denied, holds, outcome, reached, unreached } from '../../../harness/check/matchers.ts';
import { GauntletError } from '../../../harness/errors.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { milliseconds } from '../../../harness/units.ts';
import type { OwnAnswer } from '../../../fixtures/targets/dialect.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend while the provider is there';
const anonymous = 'a request without the credential is denied while the provider is there';
const changed = 'the answer to an anonymous request changes once the provider is deleted';
const closed = 'under attack, every request gets the denial or the replacement, and none reaches the backend';
const replaced = 'the route answers with the replacement while the provider is gone';
const restored = 'requests are denied or reach the backend by their credential once the provider is back';

const headers = { 'x-ext-authz': 'allow' };
const attackEvery = milliseconds(2);
/** Requests a second below which an attack says nothing about a gap that is milliseconds long. */
const leastRate = 100;
/** Answers on either side of each change. */
const enough = 50;
/** The gap is a race between two updates of the proxy, so one deletion alone may miss it. */
const deletions = 50;

export default defineCheck({
  id: 'extauth-ge-deleted-live',
  title: 'Deleting and restoring an authorization provider under attack opens no gap',
  feature: 'validation.route-replacement',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/constructor.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'policy-deleted-instead', title: 'The policy is deleted instead of its provider', breaks: closed },
    { name: 'server-turns', title: 'The server says yes to everyone just before the provider goes', breaks: closed },
  ],
  // What it measures is a rate, which other checks would take away from it.
  serial: true,
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, extAuth, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const rendered = await policies.apply(policy.extAuth({ server: extAuth.service }), route);
    await apply(route);
    const { extAuthDenied, brokenPolicy } = policies.outcomes;

    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host, headers }), echo);
    });
    await expect.eventually(anonymous, async () => denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo }));

    // A connection that stands when the listener changes has the old filters to its end, so only fresh ones can fall into the gap.
    await using attack = gateway.attack({ host }, { every: attackEvery, fresh: 'always' });
    const onlyRefused = async (exchanges: readonly Exchange[]) => {
      await unreached(exchanges, echo);
      refusedBy([extAuthDenied, brokenPolicy.answer], exchanges);
    };
    for (let deletion = 0; deletion < deletions; deletion += 1) {
      await attack.until(enough);
      if (sabotaged('server-turns')) {
        await extAuth.program({ always: 'allow' });
        await attack.until(enough);
      }
      const removed = sabotaged('policy-deleted-instead') ? [rendered.policy] : rendered.supporting;
      for (const resource of removed) await kube.remove(referenceTo(resource, namespace));
      await expect.eventually(changed, async () => {
        const exchange = await gateway.get('/', { host });
        holds(exchange.response?.status !== extAuthDenied.status, `not ${extAuthDenied.status}`, outcome(exchange), exchange);
      });
      await expect.now(closed, () => onlyRefused(attack.exchanges));
      await expect.eventually(replaced, async () => denied(await gateway.get('/', { host }), { ...brokenPolicy.answer, before: echo }));

      await attack.until(enough);
      await apply(...rendered.supporting);
      await expect.eventually(restored, async () => {
        await denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo });
        await reached(await gateway.get('/', { host, headers }), echo);
      });
    }
    const { exchanges } = await attack.stop();
    requireRate(exchanges);
    await expect.now(closed, () => onlyRefused(exchanges));
  },
});

/** Holds when each exchange got one of the answers. */
function refusedBy(answers: readonly OwnAnswer[], exchanges: readonly Exchange[]): void {
  const isOne = ({ response }: Exchange) =>
    answers.some(({ status, body }) => response?.status === status && (body === undefined || response.body === body));
  const stranger = exchanges.find((exchange) => !isOne(exchange));
  if (stranger !== undefined) throw new Mismatch(answers.map(({ status }) => status).join(' or '), outcome(stranger), stranger);
}

/** An attack that was too slow proves nothing about a gap that is short. */
function requireRate(exchanges: readonly Exchange[]): void {
  const elapsedMs = (exchanges.at(-1)?.sentAt ?? 0) - (exchanges[0]?.sentAt ?? 0);
  const rate = ((exchanges.length - 1) * 1000) / elapsedMs;
  if (rate >= leastRate) return;
  throw new GauntletError('GAUNTLET_TIMEOUT', `The attack sent ${rate.toFixed(0)} requests a second where ${leastRate} were asked for`, {
    hint: 'The machine is too busy: run this check alone, or with fewer jobs (-j).',
  });
}
