// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { RunDocument } from './document.ts';

/** What Node calls architectures that Go and OCI call otherwise. */
const goNames: Readonly<Record<string, string>> = { x64: 'amd64' };

/** The architecture of the machine that a run was on, as Go and OCI call it; undefined for a run that ended before it said so. */
export function machineArchitecture({ environment }: Pick<RunDocument, 'environment'>): string | undefined {
  const said = environment['machine']?.['architecture'];
  return said === undefined ? undefined : (goNames[said] ?? said);
}

/** The architecture of the machine, where that is not the one that was under test, so that its processors were emulated; undefined where they were not. */
export function emulatedOn(document: Pick<RunDocument, 'environment' | 'run'>): string | undefined {
  const machine = machineArchitecture(document);
  return machine === document.run.architecture ? undefined : machine;
}

/**
 * Refuses to hold runs against each other of which some were emulated: what is slow, and what is too late, is then the emulator's. Runs that were all emulated in the same
 * way may be compared.
 *
 * @throws GauntletError `GAUNTLET_USAGE`
 */
export function assertSameEmulation(documents: readonly Pick<RunDocument, 'environment' | 'run'>[]): void {
  const told = documents.map((document) => ({ document, how: howEmulated(document) }));
  const [first] = told;
  const other = told.find(({ how }) => how !== first?.how);
  if (first === undefined || other === undefined) return;
  throw new GauntletError(
    'GAUNTLET_USAGE',
    `Run ${first.document.run.runId} was ${first.how} and run ${other.document.run.runId} was ${other.how}: what differs would be the emulator’s`,
    { hint: 'Compare runs that were all native, or all emulated in the same way.' },
  );
}

function howEmulated(document: Pick<RunDocument, 'environment' | 'run'>): string {
  const machine = emulatedOn(document);
  return machine === undefined ? 'native' : `of ${document.run.architecture}, emulated on ${machine}`;
}
