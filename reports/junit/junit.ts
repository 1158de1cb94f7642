// SPDX-License-Identifier: Apache-2.0
import { said } from '../printable.ts';
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import { verdictMarks } from '../format.ts';
import { cellOf, worstTry } from '../lifecycle/cells.ts';
import { detectionSentence, rateSentence, sentences } from '../lifecycle/words.ts';
import { architectureText, decisiveExecution, failedAsIs, runAgain, sabotagedExecutions, totalMs } from '../outcome.ts';
import { element, xmlDocument, type Element } from './xml.ts';

/**
 * The run as JUnit XML: a suite for each feature, one for the upstream suite, one for errors of the harness.
 * `fail` is a failure and `could-not-run` an error; `not-applicable` and `known-gap` are skipped and say why; `warn` passes and says so in its output.
 */
export function renderJunit(document: RunDocument): string {
  const features = Object.entries(Object.groupBy(document.checks, (check) => check.feature));
  const suites = [
    ...features.map(([feature, checks = []]) =>
      suite(
        document,
        feature,
        checks.flatMap((check) => checkCases(document, check)),
      ),
    ),
    ...conformanceSuites(document),
    ...errorSuites(document),
  ];
  const cases = suites.flatMap((one) => one.cases);
  const title = `gauntlet ${document.run.kind} ${document.run.target.name} ${document.run.target.version} ${architectureText(document)}`;
  return xmlDocument(
    element(
      'testsuites',
      { name: title, ...totals(cases), time: seconds(document.run.durationMs ?? 0) },
      suites.map((one) => one.element),
    ),
  );
}

type Result = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly result: Result;
  readonly ms: number;
  readonly element: Element;
}

interface Suite {
  readonly cases: readonly Case[];
  readonly element: Element;
}

function suite({ run }: RunDocument, name: string, cases: readonly Case[]): Suite {
  const properties = Object.entries({
    run: run.runId,
    target: `${run.target.name} ${run.target.version}`,
    gatewayClass: run.target.gatewayClass,
    architecture: run.architecture,
    seed: String(run.seed),
    gauntlet: run.gauntlet.version,
  }).map(([key, value]) => element('property', { name: key, value }));
  const ms = cases.reduce((sum, one) => sum + one.ms, 0);
  const attributes = { name, ...totals(cases), time: seconds(ms), timestamp: new Date(run.startedAt).toISOString().slice(0, 19) };
  return { cases, element: element('testsuite', attributes, [element('properties', {}, properties), ...cases.map((one) => one.element)]) };
}

function totals(cases: readonly Case[]): Record<'tests' | 'failures' | 'errors' | 'skipped', string> {
  const count = (result: Result): string => String(cases.filter((one) => one.result === result).length);
  return { tests: String(cases.length), failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

interface CaseOptions {
  readonly suite: string;
  readonly name: string;
  readonly file?: string;
  readonly ms: number;
  readonly result: Result;
  /** One line: why it did not pass. */
  readonly message?: string;
  readonly type?: string;
  /** The whole story of a failure. */
  readonly body?: string;
  readonly output?: string;
}

function testCase({ suite: classname, name, file, ms, result, message, type, body, output }: CaseOptions): Case {
  const outcome = result === 'passed' ? [] : [element(result, { message, type }, body ?? '')];
  const said = output === undefined || output === '' ? [] : [element('system-out', {}, output)];
  return { result, ms, element: element('testcase', { name, classname, file, time: seconds(ms) }, [...outcome, ...said]) };
}

/** The check itself, and for `prove` each of its sabotages. */
function checkCases(document: RunDocument, check: CheckResult): readonly Case[] {
  const sabotaged = sabotagedExecutions(check);
  const plain = sabotaged.length === 0 || failedAsIs(check) ? check : { ...check, verdict: 'pass' as const };
  return [checkCase(document, plain, sabotaged), ...sabotaged.map((execution) => sabotageCase(check, execution))];
}

function checkCase(document: RunDocument, check: CheckResult, sabotaged: readonly ExecutionResult[]): Case {
  const execution = decisiveExecution(check);
  const ms = totalMs({ ...check, executions: check.executions.filter((one) => !sabotaged.includes(one)) }) ?? 0;
  const message = messageOf(check, execution);
  const body = storyOf(document, check, execution);
  const base = { suite: check.feature, name: check.id, file: check.file, ms };
  switch (check.verdict) {
    case 'pass':
      return testCase({ ...base, result: 'passed', output: [check.title, ...cellTold(check)].join('\n') });
    case 'warn':
      return testCase({ ...base, result: 'passed', output: `${verdictMarks.warn.label}: ${message}\n\n${body}` });
    case 'fail':
      return testCase({ ...base, result: 'failure', message, type: check.flaky ? 'flaky' : check.level, body });
    case 'known-gap':
      return testCase({ ...base, result: 'skipped', message: `${verdictMarks['known-gap'].label}: ${message}`, output: body });
    case 'not-applicable':
      return testCase({ ...base, result: 'skipped', message: `${verdictMarks['not-applicable'].label}: ${message}` });
    case 'could-not-run':
      return testCase({ ...base, result: 'error', message, type: check.verdict, body });
  }
}

function sabotageCase(check: CheckResult, execution: ExecutionResult): Case {
  const base = { suite: check.feature, name: `${check.id} @ ${execution.sabotage ?? ''}`, file: check.file, ms: execution.durationMs ?? 0 };
  const message = execution.reason ?? execution.proof ?? 'did not run';
  if (execution.proof === 'proven')
    return testCase({ ...base, result: 'passed', output: `broken as it should: ${execution.failure?.expectation ?? ''}` });
  if (execution.proof === undefined || execution.proof === 'could-not-run')
    return testCase({ ...base, result: 'error', message, type: 'could-not-run' });
  return testCase({ ...base, result: 'failure', message, type: execution.proof });
}

function messageOf(check: CheckResult, execution: ExecutionResult | undefined): string {
  const failure = execution?.failure;
  const reason = check.reason ?? execution?.reason;
  if (reason !== undefined) return reason;
  return failure ? said`${failure.expectation}: expected ${failure.expected}, got ${failure.actual}` : check.verdict;
}

function storyOf(document: RunDocument, check: CheckResult, execution: ExecutionResult | undefined): string {
  const failure = execution?.failure;
  const told = failure
    ? [
        said`check     ${failure.expectation}`,
        said`expected  ${failure.expected}`,
        said`actual    ${failure.actual}`,
        said`attempts  ${failure.attempts}, ${failure.pattern}`,
        ...failure.notes.map((note) => said`note      ${note.title}: ${note.text}`),
        ...failure.reproduce.map((command) => said`try       ${command}`),
      ]
    : [];
  const files = execution?.evidence.map((evidence) => said`file      ${evidence.file}`) ?? [];
  return [
    said`${check.title} (${[check.level, ...check.specification.map((link) => link.title)].join(', ')})`,
    ...told,
    ...cellTold(check),
    ...files,
    said`again     ${runAgain(document, check)}`,
  ].join('\n');
}

/** What a cell of the lifecycle matrix came to, and how sure that is; nothing for any other check. */
function cellTold(check: CheckResult): readonly string[] {
  const worst = worstTry(check);
  if (worst === undefined) return [];
  const rate = rateSentence(cellOf(check));
  return [
    said`cell      ${worst.result.verdict}: ${sentences(worst.result).join(' ')}`,
    ...(rate === undefined ? [] : [said`tries     ${rate}`]),
    said`sure      ${detectionSentence(worst.result)}`,
  ];
}

function conformanceSuites(document: RunDocument): readonly Suite[] {
  const { conformance } = document;
  if (!conformance) return [];
  const name = `conformance ${conformance.apiVersion}`.trim();
  const cases = conformance.tests.map((test) => {
    const base = { suite: name, name: test.name, ms: test.durationMs };
    if (test.result === 'passed') return testCase({ ...base, result: 'passed' });
    if (test.result === 'skipped') return testCase({ ...base, result: 'skipped', message: test.log ?? 'skipped by the suite' });
    return testCase({ ...base, result: 'failure', message: 'failed in the upstream suite', type: 'conformance', body: test.log ?? '' });
  });
  return [suite(document, name, cases)];
}

function errorSuites(document: RunDocument): readonly Suite[] {
  if (document.errors.length === 0) return [];
  const cases = document.errors.map((error) =>
    testCase({ suite: 'harness', name: error.code, ms: 0, result: 'error', message: error.message, type: error.code, body: error.hint }),
  );
  return [suite(document, 'harness', cases)];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
