// SPDX-License-Identifier: Apache-2.0
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';
import { tenant } from './tenant.ts';

const live = 'the attacker’s policy holds for the attacker’s own route of the same name';
const route = 'the victim’s route of that name lets in the victim’s user only';
const wholeGateway = 'a route without a policy, on the Gateway that the attacker’s policy names, asks for nothing';

export default defineCheck({
  id: 'tgt-cross-ns',
  title: 'A policy has no effect on what stands in another namespace under the name that it targets',
  feature: 'policy.targeting',
  specification: [gep(2648), kgatewaySource('pkg/krtcollections/policy.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'attackers-policy-left-out', title: 'The attacker has no policy', breaks: live },
    { name: 'attacker-in-the-victims-namespace', title: 'The attacker’s policies stand in the victim’s namespace as well', breaks: route },
    {
      name: 'attacker-on-the-gateway',
      title: 'The attacker’s policy on the Gateway stands in the Gateway’s namespace',
      breaks: wholeGateway,
    },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateways, echo }) {
    const [victims, attackers, bareHost] = [hostname(), hostname('attacker'), hostname('bare')];
    const [alice, mallory] = [singleUser('alice'), singleUser('mallory')];
    const attackersNamespace = await tenant({ apply, namespace }, 'attacker', echo);
    const edge = gateway('edge').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const own = await gateways.own(edge);
    const victim = httpRoute('app').on(own).host(victims).rule({ to: echo.service });
    const attacker = httpRoute('app').inNamespace(attackersNamespace).on(own).host(attackers).rule({ to: echo.service });
    const bare = httpRoute('bare').on(own).host(bareHost).rule({ to: echo.service });
    const placed = (resource: Resource, into: string, name = resource.metadata.name): Resource => ({
      ...resource,
      metadata: { ...resource.metadata, name, namespace: into },
    });
    const onRoute = mallory.policy(victim);
    const onGateway = placed(mallory.policy(edge), attackersNamespace, 'on-gateway');
    if (!sabotaged('attackers-policy-left-out')) await apply(placed(onRoute, attackersNamespace));
    await apply(onGateway);
    if (sabotaged('attacker-in-the-victims-namespace')) await apply(placed(onRoute, namespace));
    else await apply(alice.policy(victim));
    if (sabotaged('attacker-on-the-gateway')) await apply(placed(onGateway, namespace));
    await apply(victim, attacker, bare);
    const to = (host: string) => ({ echo, send: (request: ProbeRequest) => own.send({ host, ...request }) });

    await expect.eventually(live, () => onlyPasses(mallory, [alice, mallory], to(attackers)));
    await expect.eventually(route, () => onlyPasses(alice, [alice, mallory], to(victims)));
    await expect.eventually(wholeGateway, async () => {
      await reached(await own.get('/', { host: bareHost }), echo);
    });
  },
});
