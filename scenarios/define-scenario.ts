// SPDX-License-Identifier: Apache-2.0
import { defineCheckWith } from '../harness/check/check.ts';
import { controller } from '../fixtures/controller.ts';
import { gateways } from '../fixtures/gateways.ts';
import { policies } from '../fixtures/policies/policies.ts';
import { proxies } from '../fixtures/proxies.ts';
import { extAuth, extProc, llm } from '../mocks/peers.ts';

/** Everything that scenarios get. */
export const scenarioFixtures = { controller, extAuth, extProc, gateways, llm, policies, proxies };

/** Declares a scenario: a check that also measures. They are serial, since a machine that does something else measures something else. */
export const defineScenario = defineCheckWith(scenarioFixtures);
