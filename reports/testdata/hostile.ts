// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';

const characters = fc.oneof(
  // Any UTF-16 code unit, so also controls and halves of pairs; then the ones that mean something to a terminal, to XML and to HTML.
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(...'\u001b\u0000\u0007\u009b\u202e\ufffe\r\n\t <>&"\'`]=/\\'.split('')),
  fc.constantFrom('a', '\u{1f980}', 'é'),
);

/** Text as an attacker would have it in a header, a log line or a name. */
export const hostileText = (constraints: { readonly minLength?: number; readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.string({ unit: characters, ...constraints }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '</script><script>x()</script>',
        '"><img src=x onerror=x()>',
        "' onclick='x()",
        '<!--',
        ']]>',
        '\u001b[31m\u001b]0;title\u0007',
        '</pre></details>',
        'javascript:x()',
        '../../secret',
        '__proto__',
      ),
    },
  );
