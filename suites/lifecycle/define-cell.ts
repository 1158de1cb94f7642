// SPDX-License-Identifier: Apache-2.0
import { defineCheckWith, type CheckContext } from '../../harness/check/check.ts';
import type { SpecificationLink } from '../../harness/check/check.ts';
import { controller } from '../../fixtures/controller.ts';
import { policies } from '../../fixtures/policies/policies.ts';
import { proxies } from '../../fixtures/proxies.ts';
import { rounds } from './rounds.ts';
import { stages } from './stage.ts';

/** Everything that cells get. */
export const cellFixtures = { controller, policies, proxies, rounds, stages };

const defineCheck = defineCheckWith(cellFixtures);

/** What a cell's function gets. */
export type CellContext = CheckContext & { readonly [Name in keyof typeof cellFixtures]: Awaited<ReturnType<(typeof cellFixtures)[Name]>> };

/** Where it is said that a policy protects from when it is attached until it is removed. */
const specification: readonly SpecificationLink[] = [
  { title: 'GEP-713 metaresources and policy attachment', url: 'https://gateway-api.sigs.k8s.io/geps/gep-713/' },
];

/** Declares the check of a cell. Its sabotage stands apart: the cells of the group `instrument` open a policy by force. */
export function defineCell(cell: {
  readonly id: string;
  readonly title: string;
  readonly feature: string;
  readonly priority: 'P0' | 'P1';
  readonly togetherWith?: string;
  readonly run: (context: CellContext) => Promise<void>;
}) {
  return defineCheck({
    ...cell,
    specification,
    requires: ['controller', 'policies', 'proxies', 'rounds', 'stages'],
    sabotages: [{ name: 'opened', title: 'The policy is opened by force', breaks: 'nothing that is forbidden reaches the backend' }],
  });
}
