// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { GauntletError } from '../errors.ts';
import { measurementSchema } from '../run/document-schema.ts';
import type { RunDocument } from '../run/document.ts';
import { emulatedOn, machineArchitecture } from '../run/emulation.ts';

/** What one run of scenarios measured and on what, as it is kept beside the published numbers of others. */
export const measuredRunSchema = z.strictObject({
  runId: z.string(),
  /** When it began. */
  measuredAt: z.iso.datetime(),
  gauntlet: z.string(),
  target: z.string(),
  cluster: z.string(),
  machine: z.string(),
  /** Versions of the drivers of load, by name. */
  drivers: z.record(z.string(), z.string()),
  /** Checksum of the journal that the numbers are from. */
  journal: z.string().exactOptional(),
  scenarios: z.array(
    z.strictObject({
      id: z.string(),
      /** `could-not-run`: its numbers, if there were any, are left out. */
      verdict: z.string(),
      measurements: z.array(measurementSchema).readonly(),
    }),
  ),
});

/** A {@link measuredRunSchema}. */
export type MeasuredRun = z.infer<typeof measuredRunSchema>;

const driverNames: readonly string[] = ['wrk', 'h2load', 'k6'];

/**
 * What a run measured, without sabotages. Numbers that say nothing of the gateway stay in it, with their reason, and so does what was not measured.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if the run did not end, was emulated, or measured nothing.
 */
export function measuredRunOf(document: RunDocument): MeasuredRun {
  const { run, environment, checks, finished, journal } = document;
  const emulator = emulatedOn(document);
  const scenarios = checks.flatMap(({ id, executions }) => {
    const plain = executions.find(({ sabotage, measured, verdict }) => sabotage === undefined && (measured ?? verdict) !== undefined);
    if (plain === undefined) return [];
    const { verdict = 'could-not-run', measured } = plain;
    return [{ id, verdict, measurements: verdict === 'could-not-run' ? [] : (measured?.measurements ?? []) }];
  });
  if (!finished) throw unfit(run.runId, 'did not end');
  if (emulator !== undefined) throw unfit(run.runId, `was of ${run.architecture}, emulated on ${emulator}`);
  if (scenarios.every(({ measurements }) => measurements.length === 0)) throw unfit(run.runId, 'measured nothing');
  const { processor = 'unknown processor', cores = '?', memory = '?' } = environment['machine'] ?? {};
  const { provider = 'unknown', kubernetes = 'unknown', nodes = '?' } = environment['cluster'] ?? {};
  return {
    runId: run.runId,
    measuredAt: new Date(run.startedAt).toISOString(),
    gauntlet: [run.gauntlet.version, run.gauntlet.commit].filter((part) => part !== undefined).join(' '),
    target: run.target.title.includes(run.target.version) ? run.target.title : `${run.target.title} ${run.target.version}`,
    cluster: `${provider}, Kubernetes ${kubernetes}, ${nodes} ${nodes === '1' ? 'node' : 'nodes'}`,
    machine: `${processor}, ${cores} cores, ${memory}, ${machineArchitecture(document) ?? run.architecture}`,
    drivers: Object.fromEntries(
      Object.entries(environment['tools'] ?? {}).flatMap(([name, told]) =>
        driverNames.includes(name) ? [[name, told.split(' ')[0] ?? ''] as const] : [],
      ),
    ),
    ...(journal === undefined ? {} : { journal: journal.sha256 }),
    scenarios,
  };
}

const unfit = (runId: string, why: string): GauntletError =>
  new GauntletError('GAUNTLET_USAGE', `Run ${runId} cannot stand beside published numbers: it ${why}`, {
    hint: 'Take a run of gauntlet load that ended, on a machine of the architecture under test.',
  });
