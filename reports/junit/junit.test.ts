// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../harness/run/document.ts';
import { printable } from '../printable.ts';
import { expectGolden } from '../testdata/golden.ts';
import { hostileText } from '../testdata/hostile.ts';
import { check, execution, sampleConformance, sampleProof, sampleRun } from '../testdata/sample.ts';
import { sampleLifecycle } from '../testdata/sample-lifecycle.ts';
import { renderJunit } from './junit.ts';
import { element, xmlDocument } from './xml.ts';

interface Testcase {
  readonly '@_name': string;
  readonly failure?: { readonly '@_message': string; readonly '#text'?: string };
  readonly error?: unknown;
  readonly skipped?: { readonly '@_message': string };
  readonly 'system-out'?: string;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
  isArray: (name) => name === 'testcase' || name === 'testsuite',
});

function casesOf(xml: string): readonly Testcase[] {
  const { testsuites } = parser.parse(xml) as { testsuites: { testsuite: { testcase: Testcase[] }[] } };
  return testsuites.testsuite.flatMap((suite) => suite.testcase);
}

describe('JUnit', () => {
  it.each<[string, RunDocument]>([
    ['run', sampleRun()],
    ['proof', sampleProof()],
    ['conformance', sampleConformance()],
    ['lifecycle', sampleLifecycle()],
  ])('%s', async (name, document) => {
    const xml = renderJunit(document);
    expect(SyntaxValidator.validate(xml)).toBe(true);
    await expectGolden(xml, new URL(`testdata/${name}.golden.xml`, import.meta.url));
  });

  it('gives each verdict its outcome', () => {
    const found = new Map(casesOf(renderJunit(sampleRun())).map((one) => [one['@_name'], one]));
    expect(found.get('extauth-server-down')?.failure?.['@_message']).toContain('got 200, 1 arrival at echo');
    expect(found.get('ratelimit-global')?.error).toBeDefined();
    expect(found.get('mcp-auth')?.skipped?.['@_message']).toContain('does not claim');
    expect(found.get('mtls-missing-ref')?.skipped?.['@_message']).toContain('known gap');
    expect(found.get('val-invalid-policy')).not.toHaveProperty('failure');
    expect(found.get('val-invalid-policy')?.['system-out']).toContain('names spec.rateLimit');
  });

  it('keeps what stands between the beginning of an escape sequence and its end in another text', () => {
    const failure = { expectation: 'e', expected: '\u001b]a', actual: '\u0007', attempts: 1, pattern: '', notes: [], reproduce: [] };
    const failing = check('x', 't', 'a.b', { verdict: 'fail', executions: [execution('x', { verdict: 'fail', failure })] });
    const [parsed] = casesOf(renderJunit(sampleRun({ checks: [failing] })));
    expect(parsed?.failure?.['@_message']).toContain(', got ');
  });

  it('parses whatever the texts are, and gives them back', () => {
    fc.assert(
      fc.property(hostileText(), hostileText({ minLength: 1 }), (message, body) => {
        const failing = check('x', body, 'a.b', {
          verdict: 'fail',
          executions: [
            execution('x', {
              verdict: 'fail',
              failure: {
                expectation: 'e',
                expected: body,
                actual: message,
                attempts: 1,
                pattern: message,
                notes: [{ title: body, text: message }],
                reproduce: [body],
              },
            }),
          ],
        });
        const xml = renderJunit(sampleRun({ checks: [failing], errors: [{ at: 0, code: 'GAUNTLET_API', message: body, hint: message }] }));
        expect(SyntaxValidator.validate(xml)).toBe(true);
        const [parsed] = casesOf(xml);
        expect(parsed?.failure?.['@_message']).toBe(`e: expected ${printable(body)}, got ${printable(message)}`);
      }),
      { numRuns: 40 },
    );
  });

  it('holds no character that XML forbids', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const xml = xmlDocument(element('a', { b: text }, text));
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/);
        expect(xml.isWellFormed()).toBe(true);
      }),
    );
  });
});
