// SPDX-License-Identifier: Apache-2.0
import type { Catalogue } from '../../conformance/catalogue.ts';
import type { Readme } from './readme.ts';
import type { ReportFile } from './report-file.ts';

/** A folder with reports: what an implementation submits for one release of Gateway API. */
export interface Submission {
  /** As it was given, or below what was given. */
  readonly path: string;
  /** The folder around it if that is named after a release: `v1.5`, `v1.4.1`. */
  readonly release: string | undefined;
  readonly reports: readonly ReportFile[];
  /** Undefined: there is none. `not-asked`: single files were given, not the folder. */
  readonly readme: Readme | undefined | 'not-asked';
}

/** What a rule about one report sees. */
export interface ReportSubject {
  readonly report: ReportFile;
  readonly submission: Submission;
  /** What the suite of the report's version consists of; undefined if that is not known. */
  readonly catalogue: Catalogue | undefined;
  /** The minor releases that are known, newest first: `v1.6`. */
  readonly releases: readonly string[];
}

/** What a rule about the README of a folder sees. */
export interface ReadmeSubject {
  readonly submission: Submission;
  readonly readme: Readme;
}
