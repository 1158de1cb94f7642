// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';

/** Two projects: `unit` (no cluster, no root, seconds) and `integration` (the real cluster, tools and gateway). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{harness,fixtures,mocks,suites,scenarios,reports}/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts', '**/node_modules/**'],
          sequence: { shuffle: true },
          // No test asserts how long something takes; this only ends one that hangs, on the slowest machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{harness,fixtures,mocks,suites,scenarios,reports}/**/*.integration.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
