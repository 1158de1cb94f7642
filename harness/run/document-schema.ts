// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { measurementUnits } from '../bench/measurement.ts';
import { metricIds } from '../bench/metrics.ts';
import { errorCodes, type ErrorCode } from '../errors.ts';
import { cellVerdicts } from '../lifecycle/cell-result.ts';
import { documentVersion } from './document.ts';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const map = <T extends z.ZodType>(value: T) => z.record(z.string(), value).readonly();
const texts = list(z.string());

const verdict = z.enum(['pass', 'fail', 'known-gap', 'warn', 'not-applicable', 'could-not-run']);
const proof = z.enum(['proven', 'survived', 'broke-elsewhere', 'could-not-run']);

const failure = z
  .strictObject({
    expectation: z.string(),
    expected: z.string(),
    actual: z.string(),
    attempts: z.int(),
    pattern: z.string(),
    notes: list(z.strictObject({ title: z.string(), text: z.string() }).readonly()),
    reproduce: texts,
  })
  .readonly();

const attempt = z
  .strictObject({
    at: z.number(),
    ok: z.boolean(),
    durationMs: z.number(),
    expected: z.string().exactOptional(),
    actual: z.string().exactOptional(),
  })
  .readonly();

const evidence = z
  .strictObject({
    title: z.string(),
    side: z.enum(['client', 'peer', 'gateway', 'controller', 'api', 'check']),
    contentType: z.string(),
    file: z.string(),
    sha256: z.string().exactOptional(),
  })
  .readonly();

const spell = z.strictObject({ fromMs: z.number(), toMs: z.number(), requests: z.int() }).readonly();
const requests = { requests: z.int(), of: z.int(), spells: list(spell), by: map(z.int()) };

const cellResult = z
  .strictObject({
    verdict: z.enum(cellVerdicts),
    watch: z.strictObject({ fromMs: z.number(), toMs: z.number() }).readonly(),
    leak: z
      .strictObject({ ...requests, whileGreen: z.boolean(), examples: texts })
      .readonly()
      .exactOptional(),
    outage: z
      .strictObject({ ...requests, slowestControlMs: z.number().exactOptional() })
      .readonly()
      .exactOptional(),
    convergedMs: z.number().exactOptional(),
    recoveredMs: z.number().exactOptional(),
    healedByRestart: z.boolean().exactOptional(),
    letThrough: z.strictObject({ requests: z.int(), uncounted: z.int() }).readonly().exactOptional(),
    marks: list(
      z.strictObject({ atMs: z.number(), kind: z.enum(['event', 'restored', 'step', 'status', 'log']), text: z.string() }).readonly(),
    ),
    generator: z
      .strictObject({
        sent: z.int(),
        missed: z.int(),
        unsent: z.int().exactOptional(),
        forbidden: z.int(),
        late99Ms: z.number(),
        longestGapMs: z.number(),
        control95Ms: z.number().exactOptional(),
      })
      .readonly(),
    detection: map(z.number()),
    bins: list(z.strictObject({ fromMs: z.number(), denied: z.int(), passed: z.int(), served: z.int(), failed: z.int() }).readonly()),
  })
  .readonly();

const cell = z
  .strictObject({
    address: z.strictObject({ policy: z.string(), event: z.string(), level: z.string(), group: z.string().exactOptional() }).readonly(),
    result: cellResult,
  })
  .readonly();

const windowSide = z
  .strictObject({ values: z.record(z.enum(metricIds), z.number().nullable()).readonly(), requests: z.int(), failed: z.int() })
  .readonly();

const window = z
  .strictObject({
    kind: z.enum(['compare', 'noise']),
    swapped: z.boolean(),
    at: z.number(),
    baseline: windowSide,
    candidate: windowSide,
    invalid: z.string().exactOptional(),
  })
  .readonly();

const ratio = z.strictObject({ value: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() }).readonly();

const decision = z
  .strictObject({
    verdict: z.enum(['pass', 'fail', 'inconclusive']),
    isFinal: z.boolean(),
    pairs: z.int(),
    reasons: texts,
    findings: list(
      z
        .strictObject({ metric: z.enum(metricIds), pairs: z.int(), ratio, noise: ratio, worse: list(z.number()), pValue: z.number() })
        .readonly(),
    ),
  })
  .readonly();

const axis = z.strictObject({ title: z.string(), scale: z.enum(['linear', 'logarithmic']).exactOptional() }).readonly();

/** What one number of a scenario must look like. */
export const measurementSchema = z
  .strictObject({
    cell: z.string(),
    metric: z.string(),
    unit: z.enum(measurementUnits),
    value: z.number().nullable(),
    direct: z.number().nullable().exactOptional(),
    invalid: z.string().exactOptional(),
  })
  .readonly();

const measured = z
  .strictObject({
    measurements: list(measurementSchema),
    charts: list(
      z
        .strictObject({
          title: z.string(),
          x: axis,
          y: axis,
          form: z.enum(['line', 'scatter']),
          series: list(z.strictObject({ name: z.string(), points: list(z.tuple([z.number(), z.number()]).readonly()) }).readonly()),
        })
        .readonly(),
    ),
  })
  .readonly();

const execution = z
  .strictObject({
    execution: z.string(),
    sabotage: z.string().exactOptional(),
    repetition: z.int().exactOptional(),
    startedAt: z.number().exactOptional(),
    durationMs: z.number().exactOptional(),
    verdict: verdict.exactOptional(),
    proof: proof.exactOptional(),
    reason: z.string().exactOptional(),
    converged: map(z.number()),
    failure: failure.exactOptional(),
    attempts: map(list(attempt)),
    cell: cell.exactOptional(),
    gate: z
      .strictObject({ windows: list(window), decision: decision.exactOptional() })
      .readonly()
      .exactOptional(),
    measured: measured.exactOptional(),
    evidence: list(evidence),
  })
  .readonly();

const check = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    feature: z.string(),
    level: z.enum(['MUST', 'SHOULD', 'MAY']),
    priority: z.enum(['P0', 'P1']),
    file: z.string(),
    specification: list(z.strictObject({ title: z.string(), url: z.string() }).readonly()),
    serial: z.boolean(),
    installation: z.string(),
    verdict,
    reason: z.string().exactOptional(),
    flaky: z.boolean(),
    executions: list(execution),
  })
  .readonly();

const conformanceCounts = z
  .strictObject({ result: z.string(), passed: z.int(), failed: z.int(), skipped: z.int(), failedTests: texts, skippedTests: texts })
  .readonly();

const conformance = z
  .strictObject({
    apiVersion: z.string(),
    report: z.string(),
    reportSha256: z.string(),
    durationMs: z.number(),
    features: z.strictObject({ source: z.enum(['inferred', 'all', 'list']), supported: texts }).readonly(),
    profiles: list(z.strictObject({ name: z.string(), core: conformanceCounts, extended: conformanceCounts.exactOptional() }).readonly()),
    provisional: texts,
    tests: list(
      z
        .strictObject({
          name: z.string(),
          result: z.enum(['passed', 'failed', 'skipped']),
          durationMs: z.number(),
          log: z.string().exactOptional(),
        })
        .readonly(),
    ),
  })
  .readonly();

const run = z
  .strictObject({
    runId: z.string(),
    kind: z.enum(['run', 'prove', 'conformance', 'lifecycle', 'bench', 'load']),
    command: z.string(),
    gauntlet: z.strictObject({ version: z.string(), commit: z.string().exactOptional() }).readonly(),
    target: z.strictObject({ name: z.string(), version: z.string(), title: z.string(), gatewayClass: z.string() }).readonly(),
    architecture: z.string(),
    seed: z.number(),
    jobs: z.int(),
    budgets: map(z.number()),
    startedAt: z.number(),
    endedAt: z.number().exactOptional(),
    durationMs: z.number().exactOptional(),
  })
  .readonly();

const phase = z
  .strictObject({
    phase: z.string(),
    title: z.string(),
    startedAt: z.number(),
    durationMs: z.number().exactOptional(),
    outcome: z.enum(['ok', 'failed']).exactOptional(),
  })
  .readonly();

const error = z
  .strictObject({
    at: z.number(),
    code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string(),
  })
  .readonly();

const document = z.strictObject({
  documentVersion: z.literal(documentVersion),
  run,
  verdict: z.enum(['pass', 'fail', 'incomplete']),
  exitCode: z.int().exactOptional(),
  finished: z.boolean(),
  environment: map(map(z.string())),
  phases: list(phase),
  checks: list(check),
  counts: z
    .strictObject({
      pass: z.int(),
      fail: z.int(),
      'known-gap': z.int(),
      warn: z.int(),
      'not-applicable': z.int(),
      'could-not-run': z.int(),
    })
    .readonly(),
  conformance: conformance.exactOptional(),
  errors: list(error),
  journal: z.strictObject({ events: z.int(), sha256: z.string() }).readonly().exactOptional(),
});

/** What a document must look like; says the same as the type `RunDocument`, to which its test holds it. */
export const documentSchema = document.readonly();

/** As `document.json` has it: with a checksum of all before this last field. */
const storedDocument = document.extend({ seal: z.string().exactOptional() }).readonly();

/** The JSON Schema of a run's document, draft 2020-12, for `docs/generated/run-document.schema.json`. */
export function documentJsonSchema(): object {
  return z.toJSONSchema(storedDocument, { target: 'draft-2020-12' });
}
