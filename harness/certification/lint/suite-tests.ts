// SPDX-License-Identifier: Apache-2.0
import type { Catalogue } from '../../conformance/catalogue.ts';

/** A profile of a version of the suite, as the suite's own code would count for it. */
export interface SuiteProfile {
  readonly core: readonly string[];
  readonly extended: readonly string[];
  /** All tests that count for the profile. */
  readonly tests: Catalogue['tests'];
}

/** The profile of that name, or undefined if the version has none. A test counts for every profile that has all of its features. */
export function suiteProfile(catalogue: Catalogue, name: string): SuiteProfile | undefined {
  const found = catalogue.profiles.find((profile) => profile.name === name);
  if (found === undefined) return undefined;
  const own = new Set([...found.core, ...found.extended]);
  return {
    core: found.core,
    extended: found.extended,
    tests: catalogue.tests.filter(({ features }) => features.every((feature) => own.has(feature))),
  };
}

/**
 * How many tests of a profile the suite counts, passed, failed and skipped together, given the extended features that are claimed. The smaller number is
 * that of a run without provisional tests.
 */
export function countedTests(
  profile: SuiteProfile,
  kind: 'core' | 'extended',
  claimed: readonly string[],
): { readonly all: number; readonly settled: number } {
  const core = new Set(profile.core);
  const known = new Set([...core, ...claimed]);
  const counted = profile.tests.filter(
    ({ features }) =>
      features.every((feature) => core.has(feature)) === (kind === 'core') && features.every((feature) => known.has(feature)),
  );
  return { all: counted.length, settled: counted.filter(({ provisional }) => !provisional).length };
}

/** The features of a test beyond the core of a profile: those that an implementation claims. */
export function extendedFeaturesOf(profile: SuiteProfile, test: string): readonly string[] {
  const features = profile.tests.find(({ name }) => name === test)?.features ?? [];
  return features.filter((feature) => !profile.core.includes(feature));
}
