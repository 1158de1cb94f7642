// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { FieldPath } from './rule.ts';

const count = z.int().nonnegative();
const names = z.array(z.string()).optional();

const part = {
  result: z.enum(['success', 'partial', 'failure']),
  statistics: z.strictObject({ Passed: count, Failed: count, Skipped: count }),
  skippedTests: names,
  failedTests: names,
};

/**
 * The whole format and nothing besides, as the suite writes it. What Gauntlet itself reads of a report is less, and is read of a damaged one too
 * (`harness/conformance/report.ts`).
 *
 * @see sigs.k8s.io/gateway-api/conformance/apis/v1
 */
const schema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  date: z.string(),
  gatewayAPIVersion: z.string(),
  gatewayAPIChannel: z.string(),
  mode: z.string(),
  implementation: z.strictObject({
    organization: z.string(),
    project: z.string(),
    url: z.string(),
    version: z.string(),
    contact: z.array(z.string()),
  }),
  profiles: z.array(
    z.strictObject({
      name: z.string(),
      summary: z.string(),
      core: z.strictObject(part),
      extended: z.strictObject({ ...part, supportedFeatures: names, unsupportedFeatures: names }).optional(),
    }),
  ),
  succeededProvisionalTests: names,
});

/** Where a document is not of the format, and how; never throws. */
export function formatProblems(value: unknown): readonly { readonly field: FieldPath; readonly message: string }[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const field = issue.path.filter((key) => typeof key !== 'symbol');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: [...field, key], message: 'is no field of a report' }));
    if (issue.code === 'invalid_type' && isMissing(value, field)) return [{ field, message: 'is missing' }];
    return [{ field, message: `is not as the suite writes it: ${issue.message}` }];
  });
}

function isMissing(value: unknown, field: FieldPath): boolean {
  const found = field.reduce<unknown>((at, key) => (at as Readonly<Record<string | number, unknown>> | undefined)?.[key], value);
  return field.length > 0 && found === undefined;
}
