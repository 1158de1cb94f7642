// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { RunDocument } from './document.ts';
import { assertEvidence } from './evidence-files.ts';

const gathered = (...contents: readonly (string | undefined)[]) =>
  ({
    checks: [
      {
        executions: [
          {
            evidence: contents.map((content) => ({
              file: 'log',
              ...(content === undefined ? {} : { sha256: createHash('sha256').update(content).digest('hex') }),
            })),
          },
        ],
      },
    ],
  }) as unknown as RunDocument;

it('evidence must be what was gathered, if it is there and has a checksum', () => {
  const folder = temporaryFolder();
  assertEvidence(folder, gathered('gone'));
  writeFileSync(join(folder, 'log'), 'second');
  assertEvidence(folder, gathered('second'));
  assertEvidence(folder, gathered('first', 'second'));
  assertEvidence(folder, gathered(undefined));
  expect(() => assertEvidence(folder, gathered('other'))).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }));
});
