// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { GauntletError } from '../../errors.ts';
import type { RunDocument } from '../../run/document.ts';
import { emulatedOn, machineArchitecture } from '../../run/emulation.ts';
import { measurementUnits } from '../measurement.ts';

/** What a run measured, as the trend keeps it. */
export const entrySchema = z.strictObject({
  runId: z.string(),
  startedAt: z.number(),
  gauntlet: z.string(),
  target: z.string(),
  /** Digests of its images, by reference. */
  images: z.record(z.string(), z.string()),
  /** Model and count of processors, and their architecture: numbers of different machines are never in one line. */
  machine: z.strictObject({ processor: z.string(), cores: z.string(), architecture: z.string() }),
  /** `ratio`: how many times worse a candidate was. */
  values: z.array(
    z.strictObject({
      id: z.string(),
      unit: z.enum([...measurementUnits, 'ratio']),
      value: z.number(),
      /** The interval, where one was computed: 99 % for a ratio. */
      low: z.number().exactOptional(),
      high: z.number().exactOptional(),
    }),
  ),
});

/** One run of a trend. */
export type TrendEntry = z.infer<typeof entrySchema>;

/**
 * The numbers of a run that say something of the gateway: without sabotages, without what was struck out or not measured.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if the run measured nothing, did not end, or does not say on which machine; or if its processors were emulated: such numbers are
 * compared with nothing.
 */
export function trendEntryOf(document: RunDocument): TrendEntry {
  const { run, environment, checks, finished } = document;
  const { processor, cores } = environment['machine'] ?? {};
  const host = machineArchitecture(document);
  const executions = checks.flatMap((check) => check.executions).filter(({ sabotage }) => sabotage === undefined);
  const values = executions.flatMap(({ execution, measured, gate }): TrendEntry['values'] => [
    ...(measured?.measurements ?? []).flatMap(({ cell, metric, unit, value, invalid }) =>
      value === null || invalid !== undefined ? [] : [{ id: `${execution}: ${cell}: ${metric}`, unit, value }],
    ),
    ...(gate?.decision?.findings ?? []).flatMap(({ metric, ratio: { value, low, high } }) =>
      value === null
        ? []
        : [{ id: `${execution}: ${metric}`, unit: 'ratio' as const, value, ...(low !== null && high !== null && { low, high }) }],
    ),
  ]);
  if (!finished || processor === undefined || cores === undefined || host === undefined)
    throw unfit(run.runId, 'does not say on which machine, or did not end');
  if (emulatedOn(document) !== undefined) throw unfit(run.runId, `was of ${run.architecture}, emulated on ${host}`);
  if (values.length === 0) throw unfit(run.runId, 'measured nothing that counts');
  return {
    runId: run.runId,
    startedAt: run.startedAt,
    gauntlet: [run.gauntlet.version, run.gauntlet.commit].filter((part) => part !== undefined).join(' '),
    target: `${run.target.name}@${run.target.version}`,
    images: environment['images'] ?? {},
    machine: { processor, cores, architecture: host },
    values,
  };
}

const unfit = (runId: string, why: string): GauntletError =>
  new GauntletError('GAUNTLET_USAGE', `Run ${runId} cannot be part of a trend: it ${why}`, {
    hint: 'Add runs of gauntlet load or gauntlet bench that ended, on a machine of the architecture under test.',
  });
