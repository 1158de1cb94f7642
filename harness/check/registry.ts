// SPDX-License-Identifier: Apache-2.0
import { glob } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GauntletError, messageOf } from '../errors.ts';
import { subjectLeftOut, type Check, type RegisteredCheck } from './check.ts';
import type { Feature } from './features.ts';

/** Files of a suite that declare no checks. */
const noChecks: ReadonlySet<string> = new Set(['features.ts', 'define-check.ts']);

/**
 * All checks below the folder, by id: the files whose default export is a check or a list of checks.
 * A file without a default export is something that checks share.
 *
 * @param suites - absolute path of the folder
 * @param features - the rows that a check may name
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` that names the file of a check that cannot be loaded or is not sound.
 */
export async function discoverChecks(suites: string, features: readonly Feature[]): Promise<readonly RegisteredCheck[]> {
  const root = join(suites, '..');
  const files: string[] = [];
  for await (const path of glob('**/*.ts', { cwd: suites })) {
    if (!noChecks.has(basename(path)) && !path.endsWith('.test.ts')) files.push(join(suites, path));
  }
  const loaded = await Promise.all(files.sort().map(async (path) => loadFile(path, relative(root, path).split(sep).join('/'))));
  return register(loaded.flat(), features);
}

/**
 * Checks as a registry, by id, after a look at whether each is sound.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` that names the file.
 */
export function register(checks: readonly RegisteredCheck[], features: readonly Feature[]): readonly RegisteredCheck[] {
  const rows = new Set(features.map((feature) => feature.id));
  const byId = new Map<string, RegisteredCheck>();
  for (const check of checks) {
    const defect = defectOf(check, rows) ?? duplicate(check, byId);
    if (defect !== undefined) throw unsound(check.file, `check ${JSON.stringify(check.id)} ${defect}`);
    byId.set(check.id, check);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function loadFile(path: string, file: string): Promise<readonly RegisteredCheck[]> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    throw unsound(file, `cannot be loaded: ${messageOf(error)}`, error);
  }
  if (module.default === undefined) return [];
  const exported: readonly unknown[] = Array.isArray(module.default) ? module.default : [module.default];
  if (!exported.every(isCheck)) throw unsound(file, 'has a default export that is neither a check nor a list of checks');
  return exported.map((check) => ({ ...check, file }));
}

function isCheck(value: unknown): value is Check {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'run' in value &&
    typeof value.run === 'function'
  );
}

function defectOf(check: Check, rows: ReadonlySet<string>): string | undefined {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(check.id)) return 'has an id that is not kebab-case';
  if (check.title.trim() === '') return 'has no title';
  if (!rows.has(check.feature)) return `names the feature ${check.feature}, and suites/features.ts has no such row`;
  if (check.specification.length === 0) return 'cites nothing that its requirement comes from';
  if (check.sabotages.length === 0) return 'has no sabotage, so nobody knows whether it can fail';
  const names = check.sabotages.map((sabotage) => sabotage.name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) return `has two sabotages called ${repeated}`;
  const unnamed = names.find((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name));
  if (unnamed !== undefined) return `has a sabotage ${JSON.stringify(unnamed)} whose name is not kebab-case`;
  const aimless = check.sabotages.find((sabotage) => sabotage.breaks.trim() === '');
  if (aimless) return `does not say which expectation the sabotage ${aimless.name} breaks`;
  const silent = check.sabotages.find((sabotage) => sabotage.name !== subjectLeftOut && sabotage.title.trim() === '');
  return silent ? `does not say what the sabotage ${silent.name} does` : undefined;
}

function duplicate(check: RegisteredCheck, known: ReadonlyMap<string, RegisteredCheck>): string | undefined {
  const first = known.get(check.id);
  return first && (first.file === check.file ? 'is declared twice' : `is also declared in ${first.file}`);
}

const unsound = (file: string, what: string, cause?: unknown): GauntletError =>
  new GauntletError('GAUNTLET_CONFIG_INVALID', `${file}: ${what}`, {
    hint: 'docs/writing-a-check.md says what a check declares.',
    ...(cause === undefined ? {} : { cause }),
  });
