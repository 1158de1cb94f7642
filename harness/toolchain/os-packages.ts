// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { OsSource, ToolDefinition } from './tool.ts';

/** The operating system's package that a tool comes from; undefined for a tool that Gauntlet brings. */
export function osSource({ sources }: ToolDefinition): OsSource | undefined {
  return sources.find((source) => source.kind === 'os');
}

/** The error for packages that have to be installed first, with the command that does it. */
export function missingPackages(packages: readonly string[]): GauntletError {
  const list = [...new Set(packages)].join(' ');
  return new GauntletError('GAUNTLET_OS_PACKAGE_MISSING', `These packages of the operating system are missing: ${list}`, {
    hint: `Install them: apt-get install --no-install-recommends ${list}`,
  });
}
