// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { delegateTo, tenant } from '../targeting/tenant.ts';

const direct = 'a request to a delegated path reaches the backend of the child';
const recursive = 'a request reaches the backend through two delegations';
const outside = 'a child gets no requests outside the path that it was delegated';
const withHostname = 'a child that has hostnames of its own gets no requests, and its siblings do';
const unresolved = 'a path that is delegated to nobody is answered with an error';
const cyclic = 'a path that is delegated in a circle is answered with an error, and the other paths serve';
const alive = 'after the circle, a new delegation takes effect';
const status = 'the child with hostnames and the parent of the circle say what is wrong';

export default defineCheck({
  id: 'deleg-basic',
  title: 'A route hands paths to children, and what is wrong with one child stays with it',
  feature: 'routing.delegation',
  specification: [
    kgatewaySource('pkg/kgateway/translator/httproute/delegation.go'),
    kgatewaySource('pkg/kgateway/translator/httproute/delegation_helpers.go'),
  ],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'child-left-out', title: 'There is no child for the path', breaks: direct },
    { name: 'grandchild-left-out', title: 'The child of the child is missing', breaks: recursive },
    { name: 'parent-delegates-everything', title: 'The parent delegates every path to the children', breaks: outside },
    { name: 'no-hostnames', title: 'The child has no hostnames', breaks: withHostname },
    { name: 'resolved', title: 'There is a child for the path without one', breaks: unresolved },
    { name: 'no-circle', title: 'The child does not lead back to itself', breaks: cyclic },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo }) {
    const host = hostname();
    const to = echo.service;
    const team = await tenant({ apply, namespace }, 'team', echo);
    const deep = await tenant({ apply, namespace }, 'deep', echo);
    const empty = await tenant({ apply, namespace }, 'empty', echo);
    const loop = await tenant({ apply, namespace }, 'loop', echo);
    const parent = httpRoute('parent')
      .on(gateway)
      .host(host)
      .rule({ path: '/team', to: delegateTo(team) })
      .rule({ path: '/deep', to: delegateTo(deep, 'middle') })
      .rule({ path: '/empty', to: delegateTo(empty) })
      .rule({ path: '/loop', to: delegateTo(loop) });
    const everything = parent.rule({ path: '/', to: delegateTo(team) });
    const child = (name: string, into: string, path: string) => httpRoute(name).inNamespace(into).rule({ path, to });
    const hosted = child('hosted', team, '/team/hosted');
    if (!sabotaged('child-left-out')) await apply(child('app', team, '/team/app'));
    await apply(
      sabotaged('parent-delegates-everything') ? everything : parent,
      child('outside', team, '/outside'),
      sabotaged('no-hostnames') ? hosted : hosted.host(hostname('hosted')),
      httpRoute('middle')
        .inNamespace(deep)
        .rule({ path: '/deep/er', to: delegateTo(deep, 'leaf') }),
    );
    if (!sabotaged('grandchild-left-out')) await apply(child('leaf', deep, '/deep/er/page'));
    if (sabotaged('resolved')) await apply(child('resolved', empty, '/empty'));
    const reaches = async (path: string) => {
      await reached(await gateway.get(path, { host }), echo);
    };
    const answers = async (status: number, path: string) => denied(await gateway.get(path, { host }), { status, before: echo });

    await expect.eventually(direct, () => reaches('/team/app'));
    await expect.eventually(recursive, () => reaches('/deep/er/page'));
    await expect.eventually(outside, () => answers(404, '/outside'));
    await expect.eventually(withHostname, async () => {
      await answers(404, '/team/hosted');
      await reaches('/team/app');
    });
    await expect.eventually(unresolved, () => answers(500, '/empty'));

    const circle = httpRoute('circle').inNamespace(loop);
    await apply(
      sabotaged('no-circle') ? circle.rule({ path: '/loop/again', to }) : circle.rule({ path: '/loop/again', to: delegateTo(loop) }),
    );
    await expect.eventually(cyclic, async () => {
      await answers(500, '/loop/again');
      await reaches('/team/app');
    });
    await apply(child('late', team, '/team/late'));
    await expect.eventually(alive, () => reaches('/team/late'));

    await expect.eventually(
      status,
      async () => {
        const hostnames = 'spec.hostnames must be unset';
        condition(await kube.get(referenceTo(hosted, team)), 'Accepted', { status: 'False', message: hostnames });
        const cycle = 'cyclic reference detected';
        condition(await kube.get(referenceTo(circle, loop)), 'ResolvedRefs', { status: 'False', message: cycle });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
