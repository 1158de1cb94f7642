// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sampleLifecycle } from '../testdata/sample-lifecycle.ts';
import { sampleRun } from '../testdata/sample.ts';
import { cellCounts, cellOf, cellsByGroup, cellsOf, levelsOf, worstCells } from './cells.ts';

describe('cells', () => {
  const cells = cellsOf(sampleLifecycle());

  it('are those of a lifecycle run', () => {
    expect(cells).toHaveLength(11);
    expect(cellsOf(sampleRun())).toEqual([]);
  });

  it('stand with the worst first: open, then the longest leak; what has no result last', () => {
    expect(worstCells(cells).map(({ worst, event }) => `${worst?.verdict ?? 'none'} ${event}`)).toEqual([
      'open secret-emptied',
      'leaked extension-deleted',
      'leaked route-recreated',
      'leaked route-recreated',
      'leaked route-recreated',
      'outage peer-lost',
      'held created-after-route',
      'held route-recreated',
      'held recreated',
      'none peer-down-from-start',
      'none peer-down-from-start',
    ]);
  });

  it('are counted by the worst of their tries', () => {
    expect(cellCounts(cells)).toEqual({
      none: 2,
      verdicts: [
        ['open', 1],
        ['leaked', 4],
        ['outage', 1],
        ['held', 3],
      ],
    });
  });

  it('are divided by what the event happens to, nearest to the policy first; what is not known comes last', () => {
    const groups = cellsByGroup(cells).map(([group, own]) => [group, [...new Set(own.map(({ event }) => event))]]);
    expect(groups).toEqual([
      ['policy', ['created-after-route', 'route-recreated', 'recreated']],
      ['peer', ['peer-lost']],
      ['reference', ['extension-deleted', 'secret-emptied']],
      [undefined, ['peer-down-from-start']],
    ]);
  });

  it('leave out what happened under a sabotage', () => {
    const [check] = sampleLifecycle().checks.filter(({ id }) => id === 'ext-auth-grpc.extension-deleted.route');
    const sabotaged = check && { ...check, executions: check.executions.map((execution) => ({ ...execution, sabotage: 'opened' })) };
    expect(sabotaged && cellOf(sabotaged)).toMatchObject({ results: [], tries: 0 });
  });

  it('have levels from the widest to the narrowest, and those of a later matrix last', () => {
    const other = cells.slice(0, 1).map((cell) => ({ ...cell, level: 'beyond' }));
    expect(levelsOf([...other, ...cells])).toEqual(['gateway', 'route', 'delegated-child', 'beyond']);
  });
});
