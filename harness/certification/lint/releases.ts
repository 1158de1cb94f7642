// SPDX-License-Identifier: Apache-2.0
import type { Catalogue } from '../../conformance/catalogue.ts';

/** `v1.5` of `v1.5.1`; undefined of what is no version. */
export function minorOf(version: string): string | undefined {
  return /^v\d+\.\d+(?=$|\.)/.exec(version)?.[0];
}

/** The minor releases that there are catalogues of, newest first. */
export function minorReleases(catalogues: readonly Catalogue[]): readonly string[] {
  const minors = new Set(catalogues.map(({ apiVersion }) => minorOf(apiVersion) ?? '').filter((minor) => minor !== ''));
  const numberOf = (minor: string): number => {
    const [major = 0, rest = 0] = minor.slice(1).split('.').map(Number);
    return major * 10_000 + rest;
  };
  return [...minors].toSorted((a, b) => numberOf(b) - numberOf(a));
}
