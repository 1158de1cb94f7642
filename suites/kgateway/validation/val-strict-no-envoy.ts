// SPDX-License-Identifier: Apache-2.0
import { holds, reached, unreached } from '../../../harness/check/matchers.ts';
import { configMap } from '../../../fixtures/core/core.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request reaches the backend while configuration can be validated';
const logged = 'the controller says that it cannot validate';
const stopped = 'a route that was served is not, once it cannot be validated any more';
const closed = 'a new route is not served while nothing can be validated';

export default defineCheck({
  id: 'val-strict-no-envoy',
  title: 'Under strict validation, a controller that cannot run its validator serves no route that it has not validated',
  feature: 'validation.modes',
  priority: 'P1',
  installation: 'strict',
  serial: true,
  specification: [kgatewaySource('pkg/validator/validator.go'), kgatewaySource('pkg/kgateway/translator/irtranslator/validate.go')],
  requires: ['gateway', 'echo', 'controller'],
  sabotages: [{ name: 'validator-spared', title: 'The file is mounted beside the validator', breaks: stopped }],
  async run({ apply, expect, hostname, kube, target, sabotaged, budgets, gateway, echo, controller }) {
    const [host, lateHost] = [hostname(), hostname('late')];
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }));
    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    const { namespace } = target.controller;
    const file = configMap('gauntlet-no-envoy', { envoy: 'not a program' });
    await apply({ ...file, metadata: { ...file.metadata, namespace } });
    const mountPath = sabotaged('validator-spared') ? '/usr/local/bin/other' : '/usr/local/bin/envoy';
    await controller.change({
      containers: [{ name: 'controller', volumeMounts: [{ name: 'no-envoy', mountPath, subPath: 'envoy', readOnly: true }] }],
      volumes: [{ name: 'no-envoy', configMap: { name: file.metadata.name } }],
    });
    await apply(httpRoute('late').on(gateway).host(lateHost).rule({ to: echo.service }));

    await expect.eventually(stopped, async () => {
      await unreached([await gateway.get('/', { host })], echo);
    });
    await expect.eventually(
      logged,
      async () => {
        const pods = await controller.pods();
        const logs = await Promise.all(pods.map(({ metadata }) => kube.logs({ namespace, name: metadata.name })));
        const said = logs.some((log) => log.includes('envoy validate invocation failed'));
        holds(said, 'envoy validate invocation failed, in the log', 'no such line');
      },
      { within: budgets.traffic, streak: 1 },
    );
    await expect.consistently(closed, async () => {
      await unreached([await gateway.get('/', { host: lateHost })], echo);
    });
  },
});
