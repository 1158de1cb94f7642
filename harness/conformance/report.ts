// SPDX-License-Identifier: Apache-2.0
import { parse } from 'yaml';
import { z } from 'zod';
import { GauntletError, messageOf } from '../errors.ts';
import type { ConformanceCounts, ConformanceProfile } from '../run/events.ts';

/** What Gauntlet reads of a conformance report. */
export interface ConformanceReport {
  readonly gatewayAPIVersion: string;
  readonly gatewayAPIChannel: string;
  readonly mode: string;
  readonly implementation: {
    readonly organization: string;
    readonly project: string;
    readonly url: string;
    readonly version: string;
    readonly contact: readonly string[];
  };
  readonly profiles: readonly ConformanceProfile[];
  /** Provisional tests that passed. */
  readonly provisional: readonly string[];
}

const counts = z
  .object({
    result: z.string(),
    statistics: z.object({ Passed: z.number(), Failed: z.number(), Skipped: z.number() }),
    failedTests: z.array(z.string()).default([]),
    skippedTests: z.array(z.string()).default([]),
  })
  .transform(({ result, statistics, failedTests, skippedTests }): ConformanceCounts => ({
    result,
    passed: statistics.Passed,
    failed: statistics.Failed,
    skipped: statistics.Skipped,
    failedTests,
    skippedTests,
  }));

const schema = z.object({
  kind: z.literal('ConformanceReport'),
  gatewayAPIVersion: z.string(),
  gatewayAPIChannel: z.string(),
  mode: z.string(),
  implementation: z.object({
    organization: z.string(),
    project: z.string(),
    url: z.string(),
    version: z.string(),
    contact: z.array(z.string()),
  }),
  profiles: z.array(z.object({ name: z.string(), core: counts, extended: counts.optional() })).default([]),
  succeededProvisionalTests: z.array(z.string()).default([]),
});

/**
 * Reads a report as the upstream suite writes it.
 *
 * @throws GauntletError `GAUNTLET_SUITE` with the field that is wrong.
 */
export function parseReport(text: string): ConformanceReport {
  try {
    const { succeededProvisionalTests: provisional, profiles, ...report } = schema.parse(parse(text));
    return {
      ...report,
      provisional,
      profiles: profiles.map(({ name, core, extended }) => ({ name, core, ...(extended === undefined ? {} : { extended }) })),
    };
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new GauntletError('GAUNTLET_SUITE', `The conformance report cannot be read: ${problem}`, {
      hint: 'The report is kept as the suite wrote it; compare it with a published one.',
      cause: error,
    });
  }
}
