// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The checkout. */
export const repositoryRoot = join(import.meta.dirname, '..', '..');

/** Where the checks are. */
export const suitesDirectory = join(repositoryRoot, 'suites');

/** Where runs are written, one folder each. */
export function runsDirectory(): string {
  return process.env['GAUNTLET_OUT'] ?? join(repositoryRoot, 'out');
}

/** Gauntlet's cache of tools, images and live clusters: `GAUNTLET_CACHE`, else `gauntlet` below `XDG_CACHE_HOME`, else `~/.cache/gauntlet`. */
export function cacheDirectory(): string {
  return process.env['GAUNTLET_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gauntlet');
}
