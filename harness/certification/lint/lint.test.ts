// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { catalogues } from '../../conformance/catalogue.ts';
import { lint, type LintResult } from './lint.ts';
import { readReadme } from './readme.ts';
import { readReport } from './report-file.ts';
import { ruleTable } from './rules.ts';
import { publishedReports, soundName, soundSubmission, submissionOf, type SubmissionTexts } from './testing/sample-submission.ts';

const sound = soundSubmission();
const report = sound.reports[soundName] ?? '';
const readme = sound.readme ?? '';
/** Those of a time when the sample's release was one of the two newest. */
const then = catalogues.filter(({ apiVersion }) => apiVersion < 'v1.6');

const lintTexts = (texts: SubmissionTexts, known = then): LintResult => lint([submissionOf(texts)], known);

/** The sample with one text of the report replaced, which must be there. */
function withReport(search: string | RegExp, replacement: string): SubmissionTexts {
  return { ...sound, reports: { [soundName]: replaced(report, search, replacement) } };
}

function withReadme(search: string | RegExp, replacement: string): SubmissionTexts {
  return { ...sound, readme: replaced(readme, search, replacement) };
}

function replaced(text: string, search: string | RegExp, replacement: string): string {
  const changed = text.replace(search, replacement);
  if (changed === text) throw new Error(`${String(search)} is not in the sample`);
  return changed;
}

const inMode = (mode: string): SubmissionTexts => ({
  ...sound,
  reports: { [`experimental-v2.2.1-${mode}-report.yaml`]: replaced(report, 'mode: default', `mode: ${mode}`) },
  readme: replaced(
    readme,
    '| default | [v2.2.1 report](./experimental-v2.2.1-default',
    `| ${mode} | [v2.2.1 report](./experimental-v2.2.1-${mode}`,
  ),
});

const skippedExtended = withReport(
  'extended:\n    result: success\n    statistics:\n      Failed: 0\n      Passed: 26\n      Skipped: 0',
  'extended:\n    result: partial\n    skippedTests:\n    - HTTPRouteTimeoutBackendRequest\n    statistics:\n      Failed: 0\n      Passed: 25\n      Skipped: 1',
);

/** What is done to a sound submission, the rules that it is then against, all of them, and the line and field of the first. */
const cases: readonly (readonly [rules: readonly string[], texts: SubmissionTexts, line: number | null, field: string | null])[] = [
  [['yaml-syntax'], withReport('implementation:', 'implementation: {'), 7, null],
  [['format'], withReport('apiVersion:', '<Right>apiVersion:'), null, 'apiVersion'],
  [['format'], withReport('Passed: 33', 'Passed: many'), 19, 'profiles[0].core.statistics.Passed'],
  [['kind'], withReport('kind: ConformanceReport', 'kind: ConformanceReports'), 12, 'kind'],
  [['kind'], withReport('gateway.networking.k8s.io/v1', 'gateway.networking.k8s.io/v1alpha1'), 1, 'apiVersion'],
  [['date'], withReport(/date: .*/, "date: '-'"), 2, 'date'],
  [['date'], withReport(/date: .*/, 'date: "2026-13-10T22:02:22Z"'), 2, 'date'],
  [
    ['gateway-api-version', 'release-folder'],
    withReport('gatewayAPIVersion: v1.4.1', 'gatewayAPIVersion: UNDEFINED'),
    4,
    'gatewayAPIVersion',
  ],
  [['release-folder'], { ...sound, release: 'v1.5' }, 4, 'gatewayAPIVersion'],
  [['channel', 'file-name', 'readme-channel'], withReport('Channel: experimental', 'Channel: UNDEFINED'), null, null],
  [['mode', 'file-name', 'readme-mode'], withReport('mode: default', "mode: ''"), null, null],
  [['implementation'], withReport(/ {2}organization: .*/, '  organization: TODO'), 8, 'implementation.organization'],
  [['implementation'], withReport(/ {2}contact:\n.*\n/, '  contact: []\n'), 6, 'implementation.contact'],
  [['url'], withReport('url: https://', 'url: '), 10, 'implementation.url'],
  [['url'], withReport('url: https://', 'url: ftp://'), 10, 'implementation.url'],
  [['contact'], withReport('- https://github.com/', '- github.com/'), 7, 'implementation.contact[0]'],
  [['version-branch', 'file-name', 'readme-version'], withReport('version: v2.2.1', 'version: main'), null, null],
  [['version-semver', 'file-name', 'readme-version'], withReport('version: v2.2.1', 'version: v2.2'), null, null],
  [['version-moving', 'file-name', 'readme-version'], withReport('version: v2.2.1', 'version: v2.2.1-dev'), null, null],
  [['file-name'], { ...renamed('v2.2.1-report.yaml') }, null, null],
  [['file-name'], { ...renamed('standard-v2.2.1-default-report.yaml') }, null, null],
  [['duplicate'], second(report), null, null],
  [['duplicate'], second(replaced(report, /date: .*/, 'date: "2026-03-11T22:02:22Z"')), 13, 'mode'],
  [['profiles'], withReport(/profiles:[^]*?(?=^succeeded)/m, 'profiles: []\n'), 14, 'profiles'],
  [['profiles'], withReport(/(- core:[^]*?)(?=- core:)/, '$1$1'), null, 'profiles[1].name'],
  [['profile-unknown'], withReport('name: GATEWAY-TLS', 'name: GATEWAY-SMTP'), null, 'profiles[2].name'],
  [
    ['result-failure', 'summary'],
    withReport(
      'result: success\n    statistics:\n      Failed: 0\n      Passed: 33',
      'failedTests:\n    - HTTPRouteCrossNamespace\n    result: failure\n    statistics:\n      Failed: 1\n      Passed: 32',
    ),
    18,
    'profiles[0].core.result',
  ],
  [['result-statistics', 'summary', 'test-lists', 'test-count'], withReport('Skipped: 0', 'Skipped: 1'), 16, 'profiles[0].core.result'],
  [
    ['test-lists', 'claimed-but-skipped', 'summary'],
    replacedIn(skippedExtended, '    - HTTPRouteTimeoutBackendRequest\n', twice),
    null,
    null,
  ],
  [['summary'], withReport('Core tests succeeded. Extended tests succeeded.', 'All tests succeeded.'), null, 'profiles[0].summary'],
  [
    ['core-skipped', 'summary'],
    withReport(
      'result: success\n    statistics:\n      Failed: 0\n      Passed: 33\n      Skipped: 0',
      'result: partial\n    skippedTests:\n    - HTTPRouteCrossNamespace\n    statistics:\n      Failed: 0\n      Passed: 32\n      Skipped: 1',
    ),
    18,
    'profiles[0].core.skippedTests',
  ],
  [['claimed-but-skipped', 'summary'], skippedExtended, null, null],
  [
    ['test-unknown', 'claimed-but-skipped', 'summary'],
    replacedIn(skippedExtended, 'HTTPRouteTimeoutBackendRequest', 'HTTPRouteMagic'),
    null,
    null,
  ],
  [['test-count'], withReport('Passed: 26', 'Passed: 25'), null, 'profiles[0].extended.statistics'],
  [['provisional-unknown'], withReport('- HTTPRouteNamedRule', '- HTTPRouteCrossNamespace'), null, 'succeededProvisionalTests[3]'],
  [
    ['feature-overlap'],
    withReport('unsupportedFeatures:\n', 'unsupportedFeatures:\n    - GatewayPort8080\n'),
    null,
    'profiles[0].extended.unsupportedFeatures[0]',
  ],
  [['feature-repeated'], withReport('    - GatewayPort8080\n', '    - GatewayPort8080\n    - GatewayPort8080\n'), null, null],
  [
    ['feature-unknown'],
    withReport('unsupportedFeatures:\n', 'unsupportedFeatures:\n    - ListenerSet\n'),
    null,
    'profiles[0].extended.unsupportedFeatures[0]',
  ],
  [['feature-missing', 'test-count'], withReport('    - HTTPRouteMethodMatching\n', ''), null, null],
  [['readme'], { ...sound, readme: undefined }, null, null],
  [['no-report', 'readme-link'], { ...sound, reports: {} }, null, null],
  [['readme-reproduce'], withReadme('## Reproduce', '## Usage'), null, null],
  [['readme-reproduce'], withReadme(/## Reproduce[^]*/, '## Reproduce\n'), 9, null],
  [['readme-title'], withReadme('## Reproduce', '## Steps to reproduce'), 9, null],
  [['readme-table'], withReadme('| Mode |', '| How |'), null, null],
  [['readme-row'], { ...withReadme(/\| experimental .*\n/, '') }, null, null],
  [['readme-row', 'readme-link'], withReadme(`./${soundName}`, './report.yaml'), null, null],
  [['readme-row', 'readme-link'], withReadme(`[v2.2.1 report](./${soundName})`, 'report'), null, null],
  [['readme-channel'], withReadme('| experimental |', '| x |'), 7, null],
  [['readme-mode'], withReadme('| default |', '| x |'), 7, null],
  [['readme-version'], withReadme('[v2.2.1](https', '[v2.2.0](https'), 7, null],
  [['readme-version'], withReadme(/\[v2\.2\.1\]\(\S+\)/, 'v2.2.1'), 7, null],
  [['readme-version-link'], withReadme('tag/v2.2.1', 'tag/v2.2.1-rc.1'), 7, null],
  [['mode-explained'], inMode('hybrid'), 9, null],
];

function twice(text: string): string {
  return text + text;
}

function replacedIn(texts: SubmissionTexts, search: string, replacement: string | ((text: string) => string)): SubmissionTexts {
  const text = texts.reports[soundName] ?? '';
  return {
    ...texts,
    reports: { [soundName]: replaced(text, search, typeof replacement === 'string' ? replacement : replacement(search)) },
  };
}

function renamed(name: string): SubmissionTexts {
  return { ...sound, reports: { [name]: report }, readme: replaced(readme, soundName, name) };
}

/** A second report beside the first, with a row of its own. */
function second(text: string): SubmissionTexts {
  const name = 'experimental-2.2.1-default-report.yaml';
  const row = readme.split('\n').find((line) => line.includes(soundName)) ?? '';
  return {
    ...sound,
    reports: { ...sound.reports, [name]: text },
    readme: replaced(readme, row, `${row}\n${row.replace(soundName, name)}`),
  };
}

describe('a submission as upstream wants it', () => {
  it('has no findings, and every rule is checked', () => {
    expect(lintTexts(sound)).toEqual({ reports: [`v1.4.1/kgateway/${soundName}`], findings: [], notChecked: [] });
  });

  it('has none either when its mode is explained, its links are written elsewhere, or its version is a commit', () => {
    const explained = inMode('hybrid');
    const elsewhere = withReadme(/\[v2\.2\.1\]\(\S+\)/, '[v2.2.1]');
    const commit = '8d9b57e08dc8ce2fffc3aa417f507ec45a9e01b6';
    expect(lintTexts({ ...explained, readme: `${explained.readme ?? ''}Set --mode to hybrid.\n` }).findings).toEqual([]);
    expect(lintTexts({ ...elsewhere, readme: `${elsewhere.readme ?? ''}\n[v2.2.1]: https://github.com/kgateway-dev\n` }).findings).toEqual(
      [],
    );
    expect(lintTexts(withReport('version: v2.2.1', `version: ${commit}`)).findings.map(({ rule }) => rule)).not.toContain('version-semver');
  });

  it.each(['@perbu', '@istio/maintainers', 'perbu', 'gateway@example.com', 'mailto:gateway@example.com', 'https://example.com/contact'])(
    'may have the contact %s',
    (contact) => {
      expect(lintTexts(withReport(/(?<=contact:\n {2}- ).*/, JSON.stringify(contact))).findings).toEqual([]);
    },
  );
});

describe('a submission with one mistake', () => {
  it.each(cases.map(([rules, texts, line, field]) => ({ rules, texts, line, field })))(
    'is against $rules',
    ({ rules, texts, line, field }) => {
      const { findings } = lintTexts(texts);
      expect([...new Set(findings.map(({ rule }) => rule))].toSorted()).toEqual(rules.toSorted());
      const [first] = findings.filter(({ rule }) => rule === rules[0]);
      if (line !== null) expect(first?.line).toBe(line);
      if (field !== null) expect(first?.field).toBe(field);
    },
  );

  it('is known for every rule', () => {
    const seen = new Set(cases.flatMap(([rules]) => rules));
    // Its own test is below: it depends on what releases there are.
    expect(ruleTable.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual(['stale-release']);
  });

  it('is told with what is there, what it should be and where upstream says so', () => {
    const [finding] = lintTexts(withReport('url: https://', 'url: ')).findings;
    expect(finding).toEqual({
      rule: 'url',
      severity: 'error',
      file: `v1.4.1/kgateway/${soundName}`,
      line: 10,
      field: 'implementation.url',
      message: '"github.com/kgateway-dev/kgateway" is no URL: it has no scheme, or does not parse.',
      mend: 'Run the suite with --url https://github.com/kgateway-dev/kgateway.',
    });
  });
});

describe('the age of a report', () => {
  it.each([
    ['v1.5', []],
    ['v1.6', ['The report is for v1.4; since v1.6 is released it counts for Partially Conformant only.']],
    ['v1.7', ['The report is for v1.4; since v1.7 is released it counts for no level any more.']],
  ])('is told by the newest release, %s', (newest, messages) => {
    const known = catalogues.filter(({ apiVersion }) => apiVersion < `${newest}.9`);
    const later = newest === 'v1.7' ? known.map((catalogue) => ({ ...catalogue, apiVersion: 'v1.7.0' })).slice(0, 1) : [];
    expect(lintTexts(sound, [...known, ...later]).findings.map(({ message }) => message)).toEqual(messages);
  });
});

describe('what is not known', () => {
  it('is said to be not checked, and is no finding', () => {
    const { findings, notChecked } = lintTexts({
      ...withReport('gatewayAPIVersion: v1.4.1', 'gatewayAPIVersion: v1.99.0'),
      release: undefined,
    });
    expect(findings).toEqual([]);
    expect(notChecked.map(({ reason }) => reason)).toEqual([
      'The folder is in none that is named after a release, as v1.5.',
      'What the suite of Gateway API v1.99.0 consists of is not known here.',
    ]);
    const needing = ruleTable.filter(({ needs }) => needs !== undefined).map(({ id }) => id);
    expect(notChecked.flatMap(({ rules }) => rules).toSorted()).toEqual(needing.toSorted());
  });
});

describe('published reports', () => {
  it.each([
    ['v1.3.0-gravitee-standard-4.8.5.yaml', ['core-skipped']],
    ['v1.4.0-aws-application-networking-k8s-experimental-v2.0.1.yaml', ['core-skipped']],
    ['v1.4.0-cilium-experimental-v1.19.0-pre.2.yaml', ['format', 'format', 'url']],
    ['v1.4.1-kgateway-v2.2.1.yaml', ['contact', 'url']],
    ['v1.5-istio-1.30.0.yaml', []],
  ])('%s has known findings', (name, expected) => {
    const submission = {
      path: '.',
      release: undefined,
      reports: [readReport(name, name, readFileSync(join(publishedReports, name), 'utf8'))],
    };
    const { findings } = lint([{ ...submission, readme: 'not-asked' }], catalogues);
    const aside = ['file-name', 'stale-release'];
    expect(
      findings
        .map(({ rule }) => rule)
        .filter((rule) => !aside.includes(rule))
        .toSorted(),
    ).toEqual(expected);
  });
});

describe('any text', () => {
  const names = fc.constantFrom(
    'core',
    'extended',
    'name',
    'statistics',
    'Passed',
    'profiles',
    'implementation',
    'contact',
    'version',
    'mode',
    '<<',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      fc.string(),
      fc.constantFrom('success', 'failure', 'GATEWAY-HTTP', 'v1.4.1', 'v1.5.1', ''),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(names, tie('any'), { maxKeys: 6 }),
    ),
  })).any;

  const lintAnything = (text: string, page: string): LintResult =>
    lint(
      [{ path: 'a', release: 'v1.4.1', reports: [readReport('a/b.yaml', 'b.yaml', text)], readme: readReadme('a/README.md', page) }],
      catalogues,
    );

  it('is linted, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, page) => {
        expect(lintAnything(text, page).findings.length).toBeGreaterThan(0);
      }),
    );
  });

  it('is linted as any document of YAML, in the place of any line of a report', () => {
    const lines = report.split('\n');
    fc.assert(
      fc.property(value, fc.nat(lines.length - 1), (document, at) => {
        lintAnything(stringify(document), '');
        const key = /^ *[\w-]+:/.exec(lines[at] ?? '')?.[0] ?? 'x:';
        lintAnything(lines.with(at, `${key} ${JSON.stringify(document)}`).join('\n'), '');
      }),
    );
  });

  it('is linted as a README with lines of tables and links', () => {
    const piece = fc.oneof(
      fc.constantFrom('|', '---', '[', '](', ')', '# ', '```', 'Reproduce', 'report', 'mode', 'channel', 'version', '\n'),
      fc.string(),
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void lintAnything(report, pieces.join(''))));
  });

  it.each([
    [
      'aliases that multiply',
      `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from(
        { length: 9 },
        (_, i) =>
          `b${i}: &b${i} [${Array(9)
            .fill(i === 0 ? '*a' : `*b${i - 1}`)
            .join(', ')}]`,
      ).join('\n')}`,
    ],
    ['an alias of what it is in', 'profiles: &p\n- *p'],
    ['deep nesting', '['.repeat(50_000)],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a key twice', 'mode: a\nmode: b'],
    ['nothing', ''],
    ['a list', '- a'],
  ])('is linted with %s', (_, text) => {
    expect(lintAnything(text, '').findings.some(({ severity }) => severity === 'error')).toBe(true);
  });
});
