// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { tenant } from '../targeting/tenant.ts';

const selected = 'a child with the label, in the namespace that the parent names, gets requests';
const unlabelled = 'a child of that namespace without the label gets none';
const elsewhere = 'a child with the label, in another namespace, gets none';
const everywhere = 'where the parent names all namespaces, children with the label get requests wherever they are';
const detached = 'once a child loses the label, it gets no requests';

const label = 'delegation.kgateway.dev/label';

export default defineCheck({
  id: 'deleg-label-selector',
  title: 'A parent hands paths to the children with a label, of one namespace or of all',
  feature: 'routing.delegation',
  priority: 'P1',
  specification: [kgatewaySource('api/labels/delegation.go'), kgatewaySource('pkg/kgateway/query/route.go')],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'another-label', title: 'The child has another label', breaks: selected },
    { name: 'all-labelled', title: 'The child without the label has it', breaks: unlabelled },
    { name: 'one-names-all', title: 'The parent names all namespaces where it should name one', breaks: elsewhere },
    { name: 'all-names-one', title: 'The parent names one namespace where it should name all', breaks: everywhere },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateway, echo }) {
    const host = hostname();
    const one = await tenant({ apply, namespace }, 'one', echo);
    const two = await tenant({ apply, namespace }, 'two', echo);
    // With all namespaces looked at, the label has to be this execution's own.
    const value = namespace;
    const labelled = { [label]: value };
    const byLabel = (of: string) => ({ group: 'delegation.kgateway.dev', kind: 'label', name: value, namespace: of });
    const child = (name: string, into: string, path: string) => httpRoute(name).inNamespace(into).rule({ path, to: echo.service });
    await apply(
      httpRoute('parent')
        .on(gateway)
        .host(host)
        .rule({ path: '/one', to: byLabel(sabotaged('one-names-all') ? 'all' : one) })
        .rule({ path: '/all', to: byLabel(sabotaged('all-names-one') ? one : 'all') }),
      child('selected', one, '/one/selected').labelled(sabotaged('another-label') ? { [label]: 'another' } : labelled),
      child('unlabelled', one, '/one/unlabelled').labelled(sabotaged('all-labelled') ? labelled : {}),
      child('elsewhere', two, '/one/elsewhere').labelled(labelled),
      child('all-one', one, '/all/one').labelled(labelled),
      child('all-two', two, '/all/two').labelled(labelled),
    );
    const serves = async (...paths: readonly string[]) => {
      for (const path of paths) await reached(await gateway.get(path, { host }), echo);
    };
    const absent = async (path: string) => denied(await gateway.get(path, { host }), { status: 404, before: echo });

    await expect.eventually(selected, () => serves('/one/selected'));
    await expect.eventually(unlabelled, () => absent('/one/unlabelled'));
    await expect.eventually(elsewhere, () => absent('/one/elsewhere'));
    await expect.eventually(everywhere, () => serves('/all/one', '/all/two'));

    await apply(child('all-two', two, '/all/two'));
    await expect.eventually(detached, () => absent('/all/two'));
  },
});
