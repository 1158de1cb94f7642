// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { denied, outcome, reached, unreached } from '../../../harness/check/matchers.ts';
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
const straight = 'under attack, answers go straight from the denial to the replacement, and nothing reaches the backend';

const headers = { 'x-ext-authz': 'allow' };
/** A little above the rate that is asked for, so that it is kept on average. */
const attackEvery = milliseconds(8);
const leastRate = 100;
/** Enough on either side of the change to see it from both. */
const enough = 100;

export default defineCheck({
  id: 'extauth-ge-deleted-live',
  title: 'Deleting an authorization provider under attack opens no gap',
  feature: 'validation.route-replacement',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/constructor.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'policy-deleted-instead', title: 'The policy is deleted instead of its provider', breaks: straight },
    { name: 'server-turns', title: 'The server says yes to everyone just before the provider goes', breaks: straight },
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

    await using attack = gateway.attack({ host }, { every: attackEvery });
    await attack.until(enough);
    if (sabotaged('server-turns')) {
      await extAuth.program({ always: 'allow' });
      await attack.until(enough);
    }
    const removed = sabotaged('policy-deleted-instead') ? [rendered.policy] : rendered.supporting;
    for (const resource of removed) await kube.remove(referenceTo(resource, namespace));

    await expect.eventually(
      straight,
      async () => {
        await attack.until(1);
        await unreached(attack.exchanges, echo);
        straightFrom(extAuthDenied, brokenPolicy.answer, attack.exchanges);
      },
      { streak: 1 },
    );

    await attack.until(enough);
    const { exchanges } = await attack.stop();
    requireRate(exchanges);
    await expect.now(`${straight}, to the end`, async () => {
      await unreached(exchanges, echo);
      straightFrom(extAuthDenied, brokenPolicy.answer, exchanges);
    });
  },
});

/** Holds when the exchanges, in order of sending, were answered in the first way, then in the second, and in no other. */
function straightFrom(before: OwnAnswer, after: OwnAnswer, exchanges: readonly Exchange[]): void {
  const isLike = (exchange: Exchange, answer: OwnAnswer) =>
    exchange.response?.status === answer.status && (answer.body === undefined || exchange.response.body === answer.body);
  const stranger = exchanges.find((exchange) => !isLike(exchange, before) && !isLike(exchange, after));
  if (stranger !== undefined) throw new Mismatch(`${before.status} or ${after.status}`, outcome(stranger), stranger);
  if (!exchanges.some((exchange) => isLike(exchange, after)))
    throw new Mismatch(`${after.status} at last`, `${before.status} all the time`);
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
