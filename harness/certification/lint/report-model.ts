// SPDX-License-Identifier: Apache-2.0
import type { FieldPath } from './rule.ts';

/**
 * A report as far as it can be read: what is missing or of another type than the format's is undefined, and left out of lists. That it is so is the
 * finding of the rule `format`; the other rules look at what is there.
 */
export interface ReportModel {
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  readonly date: string | undefined;
  readonly gatewayAPIVersion: string | undefined;
  readonly gatewayAPIChannel: string | undefined;
  readonly mode: string | undefined;
  readonly organization: string | undefined;
  readonly project: string | undefined;
  readonly url: string | undefined;
  readonly version: string | undefined;
  readonly contact: readonly Entry[];
  readonly profiles: readonly ProfileModel[];
  readonly provisional: readonly Entry[];
}

/** A text in a list, with its place. */
export interface Entry {
  readonly text: string;
  readonly path: FieldPath;
}

/** What a report says of one profile. */
export interface ProfileModel {
  readonly path: FieldPath;
  readonly name: string | undefined;
  readonly summary: string | undefined;
  /** Core and, where there is one, extended. */
  readonly parts: readonly PartModel[];
}

/** The core or the extended half of a profile. */
export interface PartModel {
  readonly kind: 'core' | 'extended';
  readonly path: FieldPath;
  readonly result: string | undefined;
  /** Undefined unless all three are whole numbers of at least 0. */
  readonly statistics: { readonly passed: number; readonly failed: number; readonly skipped: number } | undefined;
  readonly failedTests: readonly Entry[];
  readonly skippedTests: readonly Entry[];
  readonly supported: readonly Entry[];
  readonly unsupported: readonly Entry[];
}

/** Reads what can be read; never throws. */
export function modelOf(value: unknown): ReportModel {
  const report = fields(value);
  const implementation = fields(report['implementation']);
  return {
    apiVersion: text(report['apiVersion']),
    kind: text(report['kind']),
    date: text(report['date']),
    gatewayAPIVersion: text(report['gatewayAPIVersion']),
    gatewayAPIChannel: text(report['gatewayAPIChannel']),
    mode: text(report['mode']),
    organization: text(implementation['organization']),
    project: text(implementation['project']),
    url: text(implementation['url']),
    version: text(implementation['version']),
    contact: entries(implementation['contact'], ['implementation', 'contact']),
    profiles: list(report['profiles']).map((profile, index) => profileOf(profile, ['profiles', index])),
    provisional: entries(report['succeededProvisionalTests'], ['succeededProvisionalTests']),
  };
}

function profileOf(value: unknown, path: FieldPath): ProfileModel {
  const profile = fields(value);
  const kinds = (['core', 'extended'] as const).filter((kind) => profile[kind] !== undefined);
  return {
    path,
    name: text(profile['name']),
    summary: text(profile['summary']),
    parts: kinds.map((kind) => partOf(kind, profile[kind], [...path, kind])),
  };
}

function partOf(kind: PartModel['kind'], value: unknown, path: FieldPath): PartModel {
  const part = fields(value);
  const lists = (name: string): readonly Entry[] => entries(part[name], [...path, name]);
  return {
    kind,
    path,
    result: text(part['result']),
    statistics: statisticsOf(part['statistics']),
    failedTests: lists('failedTests'),
    skippedTests: lists('skippedTests'),
    supported: lists('supportedFeatures'),
    unsupported: lists('unsupportedFeatures'),
  };
}

function statisticsOf(value: unknown): PartModel['statistics'] {
  const { Passed: passed, Failed: failed, Skipped: skipped } = fields(value);
  return isCount(passed) && isCount(failed) && isCount(skipped) ? { passed, failed, skipped } : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

function entries(value: unknown, path: FieldPath): readonly Entry[] {
  return list(value).flatMap((item, index) => (typeof item === 'string' ? [{ text: item, path: [...path, index] }] : []));
}
