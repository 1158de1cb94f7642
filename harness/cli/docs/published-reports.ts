// SPDX-License-Identifier: Apache-2.0
// Writes docs/published-reports.md: node published-reports.ts <upstream's conformance/reports> <commit> <its date> <releases...>
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lint } from '../../certification/lint/lint.ts';
import { readSubmissions } from '../../certification/lint/read-submissions.ts';
import { minorReleases } from '../../certification/lint/releases.ts';
import { catalogues } from '../../conformance/catalogue.ts';
import { repositoryRoot } from '../paths.ts';
import { publishedReportsPage } from './published-reports-page.ts';

const [folder = '.', commit = '', date = '', ...releases] = process.argv.slice(2);
process.chdir(folder);
const result = lint(readSubmissions(releases), catalogues);
const newest = minorReleases(catalogues)[0] ?? '';
writeFileSync(join(repositoryRoot, 'docs', 'published-reports.md'), publishedReportsPage(result, { commit, date, newest, releases }));
