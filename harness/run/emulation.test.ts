// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { RunDocument } from './document.ts';
import { assertSameEmulation, emulatedOn } from './emulation.ts';

const run = (runId: string, architecture: string, machine?: string) =>
  ({
    run: { runId, architecture },
    environment: machine === undefined ? {} : { machine: { architecture: machine } },
  }) as unknown as RunDocument;

it('a run is emulated where the machine is not of the architecture under test', () => {
  expect([run('a', 'amd64', 'x64'), run('b', 'arm64', 'arm64'), run('c', 'arm64', 'x64'), run('d', 'amd64')].map(emulatedOn)).toEqual([
    undefined,
    undefined,
    'amd64',
    undefined,
  ]);
});

describe('runs', () => {
  const native = run('n', 'amd64', 'x64');
  const emulated = run('e', 'arm64', 'x64');

  it('that were all native, on whatever architecture, or all emulated in the same way are compared', () => {
    assertSameEmulation([]);
    assertSameEmulation([native, run('m', 'arm64', 'arm64'), run('killed', 'amd64')]);
    assertSameEmulation([emulated, run('f', 'arm64', 'x64')]);
  });

  it('of which some were emulated are not, whichever comes first', () => {
    for (const both of [
      [native, emulated],
      [emulated, native],
      [emulated, run('g', 'amd64', 'arm64')],
    ])
      expect(() => assertSameEmulation(both)).toThrow(
        expect.objectContaining({ code: 'GAUNTLET_USAGE', message: expect.stringContaining('emulated on') as string }),
      );
  });
});
