// SPDX-License-Identifier: Apache-2.0

/** `error`: against a rule that upstream states for a report to be taken. `warning`: upstream takes it, and a reader is misled or the report counts for less. */
export type Severity = 'error' | 'warning';

/** Keys and indexes from the top of a report to one of its values. */
export type FieldPath = readonly (string | number)[];

/** What is wrong at one place. */
export interface Problem {
  /** What is there, and what is wrong with it: one sentence, with the values as they are written. */
  readonly message: string;
  /** What to do about it: one sentence. */
  readonly mend: string;
  /** Path of the file as it was given. */
  readonly file: string;
  /** From 1; null where it is not about a place in a file. */
  readonly line: number | null;
  /** `profiles[0].core.result`; null where it is not about a field of a report. */
  readonly field: string | null;
}

/** Who upstream finds a breach: its script over all reports, the suite when it writes one, or the people who review a submission. */
export type Enforcement = 'script' | 'suite' | 'review';

/** What a rule needs beside its subject; where that is missing the rule is not checked, and that is said. */
export type Need = 'catalogue' | 'release-folder';

/** One thing that a submission is checked for. */
export interface Rule<Subject> {
  /** Kebab-case, stable across releases. */
  readonly id: string;
  readonly severity: Severity;
  /** What must hold, one sentence. */
  readonly requires: string;
  /** Where upstream says or does so. */
  readonly source: { readonly title: string; readonly url: string };
  readonly enforcedBy: Enforcement;
  readonly needs?: Need;
  readonly check: (subject: Subject) => Iterable<Problem>;
}

/** A problem with the rule that it is against. */
export interface Finding extends Problem {
  readonly rule: string;
  readonly severity: Severity;
}

/** A path as people write it: `profiles[0].core.result`. */
export function fieldName(path: FieldPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
}
