// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { GauntletError } from '../errors.ts';
import type { RegisteredCheck } from './check.ts';
import { select } from './selection.ts';
import { sampleCheck } from './testing/sample.ts';

const check = (id: string, feature: string, file: string, priority: 'P0' | 'P1' = 'P0'): RegisteredCheck => ({
  ...sampleCheck(() => Promise.resolve(), { id, feature, priority }),
  file,
});

const checks = [
  check('extauth-allow-deny', 'authentication.ext-auth', 'suites/portable/authentication/ext-auth.ts'),
  check('extauth-down', 'authentication.ext-auth', 'suites/portable/authentication/ext-auth.ts', 'P1'),
  check('extauthz', 'authentication.other', 'suites/agentgateway/other.ts'),
  check('nack-lds', 'xds.nack', 'suites/kgateway/nack/lds.ts'),
  check('nack-lds-cipher', 'xds.nack', 'suites/kgateway/nack/lds-cipher.ts'),
];
const ids = (...patterns: readonly string[]) => select(checks, patterns, 'kgateway').map((one) => one.id);

test.each([
  [[], checks.map((one) => one.id)],
  [['extauth'], ['extauth-allow-deny', 'extauth-down']],
  [['extauth-'], ['extauth-allow-deny', 'extauth-down']],
  [['nack-lds'], ['nack-lds']],
  [['nack'], ['nack-lds', 'nack-lds-cipher']],
  [['authentication'], ['extauth-allow-deny', 'extauth-down', 'extauthz']],
  [['authentication.ext-auth'], ['extauth-allow-deny', 'extauth-down']],
  [['suites/kgateway/nack/'], ['nack-lds', 'nack-lds-cipher']],
  [['./suites/kgateway/nack/lds.ts'], ['nack-lds']],
  [['p1'], ['extauth-down']],
  [['suites/kgateway'], ['extauth-allow-deny', 'extauth-down', 'nack-lds', 'nack-lds-cipher']],
  [['suites/agentgateway'], ['extauthz']],
  [
    ['nack-lds', 'extauthz'],
    ['extauthz', 'nack-lds'],
  ],
  [
    ['nack', 'nack-lds'],
    ['nack-lds', 'nack-lds-cipher'],
  ],
])('%j selects %j', (patterns, expected) => {
  expect(ids(...patterns)).toEqual(expected);
});

test.each(['extaut', 'authentication.ext', 'suites/kgateway/na', '', '-', '/', 'P2'])(
  '%j selects nothing, which is a mistake',
  (pattern) => {
    expect(() => ids('nack', pattern)).toThrow(expect.objectContaining({ code: 'GAUNTLET_UNKNOWN_CHECK' }) as GauntletError);
  },
);

test('a mistake is answered with what is closest', () => {
  const error = (() => {
    try {
      ids('nack-lsd');
    } catch (thrown) {
      return thrown;
    }
  })() as GauntletError;
  expect(error.message).toContain('"nack-lsd"');
  expect(error.hint).toMatch(/^Closest: nack-lds, /);
});
