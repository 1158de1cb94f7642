// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { seconds } from '../../../harness/units.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';
import { statusStage } from './stage.ts';

const valid = 'a policy whose Secret with keys is there is valid and attached';
const refused = 'a policy whose Secret is not there is not accepted, and says which is missing';

export default defineCheck({
  id: 'agw-invalid',
  title: 'A policy that cannot be honoured does not say that it is accepted',
  feature: 'policy.targeting',
  specification: [gep(713), kgatewaySource('pkg/agentgateway/plugins/traffic_plugin.go')],
  requires: [],
  sabotages: [
    { name: 'secret-left-out', title: 'The Secret is not there', breaks: valid },
    { name: 'missing-secret-present', title: 'The other Secret is there as well', breaks: refused },
  ],
  async run(context) {
    const { apply, expect, budgets, sabotaged } = context;
    const { route, read, isAttached } = await statusStage(context);
    const [sound, lacking] = [route('sound'), route('lacking')];
    const keysOf = (name: string) => ({ traffic: { apiKeyAuthentication: { secretRef: { name } } } });
    const ofSound = agentgatewayPolicy('sound', [sound], keysOf('keys'));
    const ofLacking = agentgatewayPolicy('lacking', [lacking], keysOf('nowhere'));
    if (!sabotaged('secret-left-out')) await apply(secret('keys', { alice: randomSecret() }));
    if (sabotaged('missing-secret-present')) await apply(secret('nowhere', { alice: randomSecret() }));
    await apply(sound, lacking, ofSound, ofLacking);

    await expect.eventually(valid, () => isAttached(ofSound), { within: budgets.status, streak: 1 });
    await expect.eventually(
      refused,
      async () => {
        condition(await read(ofLacking), 'Accepted', { status: 'False', message: 'nowhere' });
      },
      // What came at the same time has its status by now.
      { within: seconds(10), streak: 1 },
    );
  },
});
