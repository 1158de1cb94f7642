// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import type { ConformanceCounts, ConformanceProfile } from '../../harness/run/events.ts';
import { formatMs, plural } from '../format.ts';
import { excerpt } from './excerpt.ts';
import { anchor, fileLink, html, type Content, type Markup } from './markup.ts';
import { badge, command, facts, percent, section } from './parts.ts';

type Conformance = NonNullable<RunDocument['conformance']>;
type Test = Conformance['tests'][number];

const marks = {
  failed: { symbol: '✗', label: 'FAIL' },
  skipped: { symbol: '–', label: 'skipped' },
  passed: { symbol: '✓', label: 'pass' },
};
const classes = { failed: 'fail', skipped: 'not-applicable', passed: 'pass' };
const urgency: readonly Test['result'][] = ['failed', 'skipped', 'passed'];

/** The upstream suite: profiles as its report has them, then every test. */
export function conformanceSection({ conformance }: RunDocument): Markup | undefined {
  if (!conformance) return undefined;
  const remark = `The unmodified upstream suite ${conformance.apiVersion}, ${plural(conformance.tests.length, 'test')} in ${formatMs(conformance.durationMs)}.`;
  return section('conformance', 'Conformance', remark, [
    profileTable(conformance.profiles),
    reportFacts(conformance),
    testList(conformance.tests),
  ]);
}

function profileTable(profiles: readonly ConformanceProfile[]): Markup | undefined {
  if (profiles.length === 0) return undefined;
  return html`<div class="panel scroll" tabindex="0" role="region" aria-label="Profiles">
    <table>
      <thead>
        <tr>
          <th scope="col">Profile</th>
          <th scope="col">Core</th>
          <th scope="col">Extended</th>
          <th scope="col">Failed and skipped tests</th>
        </tr>
      </thead>
      <tbody>
        ${profiles.map(
          (profile) =>
            html`<tr>
              <th scope="row">${profile.name}</th>
              <td>${countsOf(profile.core)}</td>
              <td>${profile.extended ? countsOf(profile.extended) : '–'}</td>
              <td>${namesOf(profile)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function countsOf({ result, passed, failed, skipped }: ConformanceCounts): Markup {
  const outcome = failed > 0 ? 'fail' : skipped > 0 ? 'warn' : 'pass';
  const rest = [...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
  return html`${badge(outcome, { symbol: failed > 0 ? '✗' : skipped > 0 ? '!' : '✓', label: result })}
    <b>${passed}</b> passed${rest === '' ? '' : `, ${rest}`}`;
}

function namesOf({ core, extended }: ConformanceProfile): Content {
  const names = [core, ...(extended ? [extended] : [])].flatMap((part) => [...part.failedTests, ...part.skippedTests]);
  return names.length === 0
    ? '–'
    : names.map((name, index) => html`${index === 0 ? '' : ', '}<a href="#${anchor('test', name)}">${name}</a>`);
}

function reportFacts({ report, reportSha256, features, provisional }: Conformance): Markup {
  return facts([
    ...(report === ''
      ? []
      : ([
          ['Report, as written', fileLink(report)],
          ['SHA-256', html`<code>${reportSha256}</code>`],
        ] as const)),
    [
      `Features (${features.source})`,
      html`<details>
        <summary>${plural(features.supported.length, 'feature')}</summary>
        ${features.supported.join(', ')}
      </details>`,
    ],
    ...(provisional.length === 0 ? [] : [['Provisional tests', provisional.join(', ')] as const]),
  ]);
}

function testList(tests: readonly Test[]): Markup | undefined {
  if (tests.length === 0) return undefined;
  const longest = Math.max(...tests.map((test) => test.durationMs), 1);
  const ordered = tests.toSorted((a, b) => urgency.indexOf(a.result) - urgency.indexOf(b.result) || b.durationMs - a.durationMs);
  return html`<div class="panel tests">${ordered.map((test) => testRow(test, longest))}</div>`;
}

function testRow(test: Test, longest: number): Markup {
  const head = html`${badge(classes[test.result], marks[test.result])}
    <h3>${test.name}</h3>
    <svg class="bar" height="6" aria-hidden="true">
      <rect class="${classes[test.result]}" width="${percent(test.durationMs / longest)}" height="6" rx="2" />
    </svg>
    <span class="time">${formatMs(test.durationMs)}</span>`;
  const id = anchor('test', test.name);
  if (test.log === undefined) return html`<div class="test" id="${id}">${head}</div>`;
  const { shown, remark } = excerpt(test.log, 'end');
  return html`<details class="test" id="${id}" ${test.result === 'failed' ? html`open` : undefined}>
    <summary>${head}</summary>
    <pre tabindex="0"><code>${shown}</code></pre>
    ${remark === undefined ? undefined : html`<p class="file">${remark}</p>`}
    ${test.result === 'failed' ? command(`gauntlet conformance --run-test ${test.name}`) : undefined}
  </details>`;
}
