// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { GauntletError } from '../errors.ts';
import { baselineFor, expandStars, isExpired, parseBaseline, readBaseline, type BaselineEntry } from './baseline.ts';

const valid = `# known gaps
- id: extauth-allow-deny
  target: kgateway
  versions: '>=2.2.0 <2.3.0'
  expectation: denied
  observed: '200'
  reason: fails open
  link: https://example.test/1
  expires: 2027-01-31
`;
const parse = (text: string) => parseBaseline(text, 'suites/baseline.yaml');
const target = { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0', features: ['authentication.ext-auth'] };
const checks = [
  { id: 'extauth-allow-deny', feature: 'authentication.ext-auth' },
  { id: 'mcp-tools', feature: 'agents.mcp' },
];

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof GauntletError && error.code === 'GAUNTLET_CONFIG_INVALID') return error.message;
    throw error;
  }
  return 'valid';
}

test.each(['', '[]', '# nothing known\n'])('%j is an empty baseline', (text) => {
  expect(parse(text)).toEqual([]);
});

test('an entry knows where it stands', () => {
  expect(parse(valid)).toMatchObject([
    { id: 'extauth-allow-deny', observed: '200', expires: '2027-01-31', where: 'suites/baseline.yaml:2' },
  ]);
});

test.each([
  ['  link: https://example.test/1\n', '', 'suites/baseline.yaml:2 link: Invalid input'],
  ['2027-01-31', 'soon', 'suites/baseline.yaml:9 expires: Invalid ISO date'],
  ["'>=2.2.0 <2.3.0'", 'newest', 'suites/baseline.yaml:4 versions: is no range of versions'],
  ['https://example.test/1', 'nowhere', 'suites/baseline.yaml:8 link: Invalid URL'],
  ['  reason: fails open\n', '  because: fails open\n', 'suites/baseline.yaml:2 reason: Invalid input'],
  ["'200'", '200', 'suites/baseline.yaml:6 observed: Invalid input'],
  ['- id: extauth-allow-deny', '- id: [', 'suites/baseline.yaml:3 is no YAML'],
])('a mistake is named with its line (%j -> %j)', (from, to, message) => {
  expect(messageOf(() => parse(valid.replace(from, to)))).toContain(message);
});

test.each(['id: 7', 'text', '- 7'])('%j is no baseline', (text) => {
  expect(messageOf(() => parse(text))).toContain('suites/baseline.yaml:1');
});

test('one entry for each check and target', () => {
  expect(messageOf(() => parse(`${valid}${valid}`))).toBe(
    'suites/baseline.yaml:11 repeats suites/baseline.yaml:2: one entry for each check and target',
  );
});

test('an entry counts for its target and versions alone', () => {
  const entries = parse(valid);
  const applies = (more: Partial<typeof target>) => baselineFor(entries, { ...target, ...more }, checks).has('extauth-allow-deny');
  expect([applies({}), applies({ version: '2.2.9' }), applies({ version: '2.3.0' }), applies({ name: 'agentgateway' })]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(applies({ version: '2.2.1-rc.1' })).toBe(true);
});

test('an entry about nothing is a mistake', () => {
  expect(messageOf(() => baselineFor(parse(valid.replace('extauth-allow-deny', 'renamed')), target, checks))).toContain(
    'about renamed, and there is no such check',
  );
  expect(messageOf(() => baselineFor(parse(valid.replace('extauth-allow-deny', 'mcp-tools')), target, checks))).toContain(
    'about mcp-tools, which is not applicable to kgateway 2.2.0',
  );
});

test('an entry counts up to the end of its last day', () => {
  const [entry] = parse(valid);
  if (!entry) throw new Error('no entry');
  expect(isExpired(entry, Date.UTC(2027, 0, 31, 23, 59))).toBe(false);
  expect(isExpired(entry, Date.UTC(2027, 1, 1))).toBe(true);
});

test('a baseline that cannot be read is a mistake of the user', async () => {
  await expect(readBaseline('/nonexistent/baseline.yaml', 'suites/baseline.yaml')).rejects.toThrow(
    'The baseline suites/baseline.yaml cannot be read',
  );
});

describe('entries with stars', () => {
  const entry = (id: string, reason: string): BaselineEntry => ({
    id,
    target: 'kgateway',
    versions: '2.2.0',
    sometimes: true,
    expectation: 'closed',
    observed: 'leaked',
    reason,
    link: 'https://example.com',
    expires: '2027-01-31',
    where: 'baseline.yaml:1',
  });
  const checks = ['jwt.edited.route', 'jwt.edited.gateway', 'basic.edited.route', 'jwt.re-edited.route'].map((id) => ({ id }));

  test('stand for every check that they match, part by part', () => {
    expect(expandStars([entry('*.edited.route', 'a')], checks).map(({ id }) => id)).toEqual(['jwt.edited.route', 'basic.edited.route']);
    expect(expandStars([entry('jwt.*.route', 'a')], checks).map(({ id }) => id)).toEqual(['jwt.edited.route', 'jwt.re-edited.route']);
  });

  test('and bars stand for some', () => {
    const ids = ['jwt.edited.route', 'jwt.edited.gateway', 'basic.edited.route'];
    expect(expandStars([entry('jwt|basic.edited.route|gateway', 'a')], checks).map(({ id }) => id)).toEqual(ids);
  });

  test('give way to those with fewer', () => {
    const expanded = expandStars(
      [entry('*.edited.*', 'wide'), entry('jwt.edited.*', 'narrower'), entry('jwt.edited.route', 'exact')],
      checks,
    );
    expect(Object.fromEntries(expanded.map(({ id, reason }) => [id, reason]))).toEqual({
      'jwt.edited.route': 'exact',
      'jwt.edited.gateway': 'narrower',
      'basic.edited.route': 'wide',
    });
  });

  test('that match nothing are a mistake', () => {
    expect(() => expandStars([entry('*.edited', 'a')], checks)).toThrow('there is no such check');
  });
});
