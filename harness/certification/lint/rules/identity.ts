// SPDX-License-Identifier: Apache-2.0
import { valid } from 'semver';
import { formatProblems } from '../format.ts';
import { minorOf } from '../releases.ts';
import type { ReportModel } from '../report-model.ts';
import type { FieldPath, Problem, Rule } from '../rule.ts';
import { sources } from '../sources.ts';
import type { ReportSubject } from '../submission.ts';

const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const commitHash = /^[0-9a-f]{7,40}$/;
/** Names that mean another state tomorrow. */
const movingName =
  /^(main|master|head|trunk|develop|dev|devel|development|latest|edge|nightly|snapshot|canary|unstable|(refs\/heads|heads|origin)\/.*)$/i;
const placeholder = /^(-+|\.+|n\/?a|none|null|todo|tbd|unknown|undefined|example|your-.*|<.*>)$/i;
const handle = /^@?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\/[\w.-]+)?$/;
const address = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;

const edited = 'Submit the file as the suite wrote it.';

/** What a report is and whose it is. */
export const identityRules: readonly Rule<ReportSubject>[] = [
  {
    id: 'yaml-syntax',
    severity: 'error',
    requires: 'A report is one YAML document.',
    source: sources.script,
    enforcedBy: 'script',
    *check({ report }) {
      for (const { line, message } of report.syntaxErrors)
        yield { ...report.problem([], `The file is no YAML document: ${message}.`, edited), line };
    },
  },
  {
    id: 'format',
    severity: 'error',
    requires: 'A report has the fields of the ConformanceReport type, each of its type, and no other.',
    source: sources.format,
    enforcedBy: 'review',
    *check({ report }) {
      if (report.syntaxErrors.length > 0) return;
      for (const { field, message } of formatProblems(report.value)) {
        yield field.length === 0
          ? report.problem([], `The document ${message}.`, edited)
          : report.problem(field, `The field ${message}.`, edited);
      }
    },
  },
  {
    id: 'kind',
    severity: 'error',
    requires: 'A report is of kind ConformanceReport, version gateway.networking.k8s.io/v1.',
    source: sources.suite,
    enforcedBy: 'review',
    *check({ report }) {
      const { apiVersion, kind } = report.model;
      if (apiVersion !== undefined && apiVersion !== 'gateway.networking.k8s.io/v1')
        yield report.problem(['apiVersion'], `The version is ${quoted(apiVersion)}, not gateway.networking.k8s.io/v1.`, edited);
      if (kind !== undefined && kind !== 'ConformanceReport')
        yield report.problem(['kind'], `The kind is ${quoted(kind)}, not ConformanceReport.`, edited);
    },
  },
  {
    id: 'date',
    severity: 'error',
    requires: 'The date is a time as of RFC 3339, as the suite writes it.',
    source: sources.suite,
    enforcedBy: 'review',
    *check({ report }) {
      const { date } = report.model;
      if (date !== undefined && (!timestamp.test(date) || Number.isNaN(Date.parse(date))))
        yield report.problem(['date'], `The date is ${quoted(date)}; the suite writes a time as of RFC 3339.`, edited);
    },
  },
  {
    id: 'gateway-api-version',
    severity: 'error',
    requires: 'gatewayAPIVersion is the version of a release.',
    source: sources.reports,
    enforcedBy: 'review',
    *check({ report }) {
      const { gatewayAPIVersion: version } = report.model;
      if (version !== undefined && (!version.startsWith('v') || valid(version) === null))
        yield report.problem(
          ['gatewayAPIVersion'],
          `The version of Gateway API is ${quoted(version)}, which is no release.`,
          'Install the CRDs of one release and of one channel, run the suite of the same release without --allow-crds-mismatch, and submit its report.',
        );
    },
  },
  {
    id: 'release-folder',
    severity: 'error',
    requires: 'gatewayAPIVersion is of the release that the folder is for; only major and minor count.',
    source: sources.script,
    enforcedBy: 'script',
    needs: 'release-folder',
    *check({ report, submission }) {
      const { gatewayAPIVersion: version } = report.model;
      const { release } = submission;
      if (version !== undefined && release !== undefined && minorOf(version) !== minorOf(release))
        yield report.problem(
          ['gatewayAPIVersion'],
          `The report is for ${quoted(version)}, its folder for ${release}.`,
          `Move the report to the folder of ${minorOf(version) ?? 'its release'}.`,
        );
    },
  },
  {
    id: 'channel',
    severity: 'error',
    requires: 'gatewayAPIChannel is standard or experimental.',
    source: sources.script,
    enforcedBy: 'script',
    *check({ report }) {
      const { gatewayAPIChannel: channel } = report.model;
      if (channel !== undefined && channel !== 'standard' && channel !== 'experimental')
        yield report.problem(
          ['gatewayAPIChannel'],
          `The channel is ${quoted(channel)}.`,
          'Install the CRDs of one channel, and run the suite without --allow-crds-mismatch.',
        );
    },
  },
  {
    id: 'mode',
    severity: 'error',
    requires: 'The mode is set.',
    source: sources.script,
    enforcedBy: 'script',
    *check({ report }) {
      if (report.model.mode?.trim() === '')
        yield report.problem(['mode'], 'The mode is empty.', 'Run the suite with --mode, or without for the mode "default".');
    },
  },
  {
    id: 'implementation',
    severity: 'error',
    requires: 'Organization, project, url, version and contact are given, each with a meaningful value.',
    source: sources.reports,
    enforcedBy: 'suite',
    *check({ report }) {
      const { model } = report;
      for (const name of ['organization', 'project', 'url', 'version'] as const) {
        const value = model[name];
        if (value !== undefined) yield* meaningless(report, ['implementation', name], name, value);
      }
      for (const { text, path } of model.contact) yield* meaningless(report, path, 'contact', text);
      if (model.contact.length === 0 && report.syntaxErrors.length === 0)
        yield report.problem(['implementation', 'contact'], 'Nobody can be contacted.', 'Run the suite with --contact.');
    },
  },
  {
    id: 'url',
    severity: 'error',
    requires: 'implementation.url is a valid URL with http or https.',
    source: sources.url,
    enforcedBy: 'suite',
    *check({ report }) {
      const { url } = report.model;
      if (url === undefined || url.trim() === '' || isWebAddress(url)) return;
      const message = URL.canParse(url)
        ? `${quoted(url)} is neither http nor https.`
        : `${quoted(url)} is no URL: it has no scheme, or does not parse.`;
      yield report.problem(['implementation', 'url'], message, `Run the suite with --url${suggestion(url)}.`);
    },
  },
  {
    id: 'contact',
    severity: 'warning',
    requires: 'A contact is a GitHub user or team, an e-mail address, or a URL.',
    source: sources.format,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { text, path } of report.model.contact) {
        if (text.trim() === '' || handle.test(text) || address.test(text.replace(/^mailto:/, '')) || isWebAddress(text)) continue;
        const message = `${quoted(text)} is no GitHub user or team, e-mail address or URL with a scheme.`;
        yield report.problem(path, message, `Run the suite with --contact${suggestion(text)}.`);
      }
    },
  },
  {
    id: 'version-branch',
    severity: 'error',
    requires: 'implementation.version is a snapshot: a release, a tag or a commit, and no branch.',
    source: sources.reports,
    enforcedBy: 'review',
    *check({ report }) {
      const { version } = report.model;
      if (version !== undefined && movingName.test(version))
        yield report.problem(['implementation', 'version'], `${quoted(version)} is the name of a branch, not of a snapshot.`, nameSnapshot);
    },
  },
  {
    id: 'version-semver',
    severity: 'warning',
    requires: 'implementation.version is a whole semantic version, or a commit.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ report }) {
      const { version } = report.model;
      if (version === undefined || version === '' || movingName.test(version)) return;
      if (valid(version) === null && !commitHash.test(version))
        yield report.problem(
          ['implementation', 'version'],
          `${quoted(version)} is no semantic version (major.minor.patch) and no commit: it does not say which state was tested.`,
          nameSnapshot,
        );
    },
  },
  {
    id: 'version-moving',
    severity: 'warning',
    requires: 'implementation.version does not name a branch in its pre-release part.',
    source: sources.reports,
    enforcedBy: 'review',
    *check({ report }) {
      const { version } = report.model;
      if (version === undefined || valid(version) === null) return;
      const part = version
        .split(/[-.+]/)
        .slice(1)
        .find((word) => movingName.test(word));
      if (part !== undefined)
        yield report.problem(
          ['implementation', 'version'],
          `${quoted(version)} has "${part}" in it, which is a moving state.`,
          nameSnapshot,
        );
    },
  },
];

const nameSnapshot = 'Run the suite with --version and the release, tag or commit that was tested.';

function* meaningless(report: ReportSubject['report'], path: FieldPath, name: string, value: string): Iterable<Problem> {
  if (value.trim() === '') yield report.problem(path, `The ${name} is empty.`, `Run the suite with --${name}.`);
  else if (placeholder.test(value.trim()))
    yield report.problem(path, `The ${name} is ${quoted(value)}.`, `Run the suite with --${name} and its real value.`);
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '' && /^https?:\/\//i.test(text) && !/\s/.test(text);
}

/** ` https://…` for what lacks only a scheme. */
function suggestion(text: string): string {
  return /^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(text) ? ` https://${text}` : '';
}

/** A value as it is written in a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** Whether a version means what a text says: with or without a leading v, as a word of its own. */
export function saysVersion(text: string, version: NonNullable<ReportModel['version']>): boolean {
  if (version === '') return false;
  const word = version.replace(/^v(?=\d)/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:^|[^0-9A-Za-z.])v?${word}(?:$|[^0-9A-Za-z.+-])`).test(text);
}
