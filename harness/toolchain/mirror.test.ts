// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSums } from './mirror.ts';

const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

test.each([
  [`${sha256}  kubelet/1.35.4/linux-amd64/kubelet`, 'kubelet/1.35.4/linux-amd64/kubelet'],
  [`${sha256} *kubelet/1.35.4/linux-amd64/kubelet`, 'kubelet/1.35.4/linux-amd64/kubelet'],
  [`${sha256}  ./kubelet/1.35.4/linux-amd64/kubelet\r`, 'kubelet/1.35.4/linux-amd64/kubelet'],
  [`${sha256}  charts/2.2.0/linux-amd64/a file`, 'charts/2.2.0/linux-amd64/a file'],
])('%j is a file', (line, path) => {
  expect(parseSums(`${line}\n`)).toEqual([{ sha256, path }]);
});

test.each([
  '',
  '# a comment',
  'no digest  kubelet',
  `${sha256.slice(1)}  kubelet`,
  `${sha256}  ../kubelet`,
  `${sha256}  kubelet/../../../etc/passwd`,
  `${sha256}  /etc/passwd`,
  `${sha256}  a//b`,
])('%j is left out', (line) => {
  expect(parseSums(line)).toEqual([]);
});

test('no list leads out of the mirror', () => {
  const part = fc.constantFrom('..', '.', 'a', '', ' ', 'b.c', '%2e%2e', '...');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), (parts) => {
      for (const { path } of parseSums(`${sha256}  ${parts.join('/')}`)) {
        expect(path.startsWith('/')).toBe(false);
        expect(path.split('/')).not.toContain('..');
      }
    }),
  );
});
