// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from './errors.ts';

/** A processor architecture, by the name that Go and OCI use. */
export type Architecture = 'amd64' | 'arm64';

/** All architectures that images are written for. */
export const architectures: readonly Architecture[] = ['amd64', 'arm64'];

/**
 * The architecture of this machine.
 *
 * @throws GauntletError `GAUNTLET_UNSUPPORTED_PLATFORM` on any other.
 */
export function hostArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', `This machine is ${process.arch}; Gauntlet runs on amd64 and arm64`, {
    hint: 'Use a machine of one of these architectures.',
  });
}
