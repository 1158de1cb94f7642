// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { ConformanceEnded } from '../run/events.ts';
import type { Catalogue } from './catalogue.ts';

/** What a person asks of the suite. */
export interface SuiteRequest {
  /** All that the suite has for gateways and whose core features the GatewayClass publishes, by default. */
  readonly profiles?: readonly string[];
  /** `inferred` from the status of the GatewayClass, `all` that the suite knows for gateways, or a list. */
  readonly features: 'inferred' | 'all' | readonly string[];
  /** Only the test of this name. */
  readonly runTest?: string;
}

/** What the suite will be told, and what it will run. */
export interface Selection {
  readonly profiles: readonly string[];
  /** The core features of the profiles included, as the suite adds them. */
  readonly features: ConformanceEnded['features'];
  /** What the suite is told as supported features; empty leaves it to infer them itself. */
  readonly statedFeatures: readonly string[];
  readonly runTest?: string;
  /** Names of the tests that will run, in order; the suite skips all others. */
  readonly tests: readonly string[];
}

/**
 * Turns what was asked into what the suite is told. Its own inference is used where it works: with a single test it does not infer, so then it is
 * told what it would have found.
 *
 * @param published - features in the status of the GatewayClass
 * @throws GauntletError `GAUNTLET_USAGE` for a profile, feature or test that the suite does not have, `GAUNTLET_SUITE` when features or
 * profiles are to be inferred and the class publishes none that would do.
 */
export function select(catalogue: Catalogue, published: readonly string[], request: SuiteRequest): Selection {
  const profiles = request.profiles ?? profilesFor(catalogue, published);
  for (const profile of profiles) {
    if (profile.startsWith('MESH-') || !catalogue.profiles.some(({ name }) => name === profile))
      throw unknown('profile', profile, gatewayProfiles(catalogue));
  }
  if (profiles.length === 0) {
    throw new GauntletError(
      'GAUNTLET_SUITE',
      `The GatewayClass publishes the core features of no profile; it has ${published.join(', ')}`,
      {
        hint: `Name the profiles with --profiles: ${gatewayProfiles(catalogue).join(', ')}.`,
      },
    );
  }
  const { runTest } = request;
  const isMesh = (feature: string): boolean => catalogue.meshFeatures.includes(feature);
  const names = catalogue.tests.filter((test) => !test.features.some(isMesh)).map(({ name }) => name);
  if (runTest !== undefined && !names.includes(runTest)) throw unknown('test', runTest, names);

  const chosen = chooseFeatures(catalogue, published, request.features);
  const core = catalogue.profiles.filter(({ name }) => profiles.includes(name)).flatMap((profile) => profile.core);
  const supported = [...new Set([...chosen, ...core])].sort();
  return {
    profiles,
    features: { source: sourceOf(request.features), supported },
    statedFeatures: request.features === 'inferred' && runTest === undefined ? [] : chosen,
    tests:
      runTest === undefined
        ? catalogue.tests.filter((test) => test.features.every((feature) => supported.includes(feature))).map(({ name }) => name)
        : [runTest],
    ...(runTest === undefined ? {} : { runTest }),
  };
}

function sourceOf(features: SuiteRequest['features']): ConformanceEnded['features']['source'] {
  return typeof features === 'string' ? features : 'list';
}

function gatewayProfiles(catalogue: Catalogue): string[] {
  return catalogue.profiles.map(({ name }) => name).filter((name) => !name.startsWith('MESH-'));
}

/** A class that publishes nothing is given them all: its core features are then what is to be found out. */
function profilesFor(catalogue: Catalogue, published: readonly string[]): string[] {
  const fitting = catalogue.profiles.filter(({ core }) => published.length === 0 || core.every((feature) => published.includes(feature)));
  return gatewayProfiles({ ...catalogue, profiles: fitting });
}

function chooseFeatures(catalogue: Catalogue, published: readonly string[], features: SuiteRequest['features']): readonly string[] {
  const isForGateways = (feature: string): boolean => !catalogue.meshFeatures.includes(feature);
  // The suite's own --all-features includes a service mesh, which it would then set up.
  if (features === 'all') return catalogue.features.filter(isForGateways);
  if (features === 'inferred') {
    const inferred = published.filter(isForGateways);
    if (inferred.length > 0) return inferred;
    throw new GauntletError('GAUNTLET_SUITE', 'The status of the GatewayClass names no supported features to infer from', {
      hint: 'Name them with --features, or try --features all.',
    });
  }
  // Some tests ask for a feature that is on no list of the suite (UDPRoute): it can be had by name only.
  const known = [...new Set([...catalogue.features, ...catalogue.tests.flatMap((test) => test.features)])].filter(isForGateways);
  for (const feature of features) {
    if (!known.includes(feature)) throw unknown('feature', feature, known);
  }
  return features;
}

function unknown(what: string, name: string, known: readonly string[]): GauntletError {
  const near = known.filter((candidate) => candidate.toLowerCase().includes(name.toLowerCase()));
  return new GauntletError('GAUNTLET_USAGE', `The upstream suite has no ${what} ${name} for gateways`, {
    hint: `${near.length > 0 ? 'Similar' : 'Known'}: ${(near.length > 0 ? near : known).join(', ')}.`,
  });
}
