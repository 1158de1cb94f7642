// SPDX-License-Identifier: Apache-2.0
import { distance } from 'fastest-levenshtein';
import { GauntletError } from '../errors.ts';
import type { RegisteredCheck } from './check.ts';

/** Closest ids that an error message names. */
const suggested = 3;

/**
 * The checks that any of the patterns selects, in the order of the registry; all of them if there is no pattern. A pattern is one of:
 * an id, the beginning of ids up to a dash (`extauth`), a feature or the beginning of features up to a dot (`authentication`),
 * a file or folder (`suites/kgateway/nack`), or a priority (`P0`). The folder of the target, `suites/kgateway`, means its whole suite: its own
 * checks and the portable ones, which speak its dialect. That of another gateway means what is in it, all of it not applicable.
 *
 * @param target - name of the gateway under test
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK` with the closest ids for a pattern that selects nothing.
 */
export function select(checks: readonly RegisteredCheck[], patterns: readonly string[], target: string): readonly RegisteredCheck[] {
  if (patterns.length === 0) return checks;
  const selected = new Set<RegisteredCheck>();
  for (const pattern of patterns) {
    const matching = matchingOne(checks, pattern, target);
    if (matching.length === 0) throw unknownCheck(checks, pattern);
    for (const check of matching) selected.add(check);
  }
  return checks.filter((check) => selected.has(check));
}

/** An id that exists means that check alone, also where it begins other ids. */
function matchingOne(checks: readonly RegisteredCheck[], pattern: string, target: string): readonly RegisteredCheck[] {
  const exact = checks.filter((check) => check.id === pattern);
  if (exact.length > 0) return exact;
  return pathOf(pattern) === `suites/${target}`
    ? checks.filter(({ file }) => file.startsWith(`suites/${target}/`) || file.startsWith('suites/portable/'))
    : checks.filter((check) => matches(check, pattern));
}

const pathOf = (pattern: string): string => pattern.replace(/^\.\//, '').replace(/\/+$/, '');

function matches(check: RegisteredCheck, pattern: string): boolean {
  const path = pathOf(pattern);
  return (
    check.id.startsWith(`${pattern.replace(/-$/, '')}-`) ||
    check.feature === pattern ||
    check.feature.startsWith(`${pattern.replace(/\.$/, '')}.`) ||
    check.file === path ||
    check.file.startsWith(`${path}/`) ||
    check.priority === pattern.toUpperCase()
  );
}

function unknownCheck(checks: readonly RegisteredCheck[], pattern: string): GauntletError {
  const names = [...new Set(checks.flatMap((check) => [check.id, check.feature]))];
  const closest = names.toSorted((a, b) => distance(pattern, a) - distance(pattern, b)).slice(0, suggested);
  const hint = closest.length === 0 ? 'There are no checks at all.' : `Closest: ${closest.join(', ')}. \`gauntlet run --list\` shows all.`;
  return new GauntletError('GAUNTLET_UNKNOWN_CHECK', `No check, feature, path or priority is called ${JSON.stringify(pattern)}`, { hint });
}
