// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReadme } from '../readme.ts';
import { readReport } from '../report-file.ts';
import type { Submission } from '../submission.ts';

/** Reports as their projects submitted them; see the README beside them. */
export const publishedReports = join(import.meta.dirname, '../../../conformance/testdata/reports');

/** A submission as texts, to be changed at one place. */
export interface SubmissionTexts {
  readonly release: string | undefined;
  /** Texts of reports by file name. */
  readonly reports: Readonly<Record<string, string>>;
  readonly readme: string | undefined;
}

/** A published report with the addresses mended, under the name and beside the README that upstream asks for: nothing is to be said of it. */
export function soundSubmission(): SubmissionTexts {
  const text = readFileSync(join(publishedReports, 'v1.4.1-kgateway-v2.2.1.yaml'), 'utf8').replaceAll(
    ' github.com/',
    ' https://github.com/',
  );
  return { release: 'v1.4.1', reports: { [soundName]: text }, readme: soundReadme };
}

/** Name of the report in {@link soundSubmission}. */
export const soundName = 'experimental-v2.2.1-default-report.yaml';

const soundReadme = `# kgateway

## Table of contents

| API channel  | Implementation version | Mode | Report |
|--------------|------------------------|------|--------|
| experimental | [v2.2.1](https://github.com/kgateway-dev/kgateway/releases/tag/v2.2.1) | default | [v2.2.1 report](./${soundName}) |

## Reproduce

\`\`\`sh
# Not a heading
make conformance
\`\`\`
`;

/** The submission as it would be read from the folder `reports/kgateway`. */
export function submissionOf({ release, reports, readme }: SubmissionTexts): Submission {
  const path = `${release ?? 'reports'}/kgateway`;
  return {
    path,
    release,
    reports: Object.entries(reports).map(([name, text]) => readReport(`${path}/${name}`, name, text)),
    readme: readme === undefined ? undefined : readReadme(`${path}/README.md`, readme),
  };
}
