// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { idOf, isTelling, selectCells } from './selection.ts';
import { allCells } from './table.ts';

const ids = (...words: readonly string[]) => selectCells(words).map(idOf);

describe('cells are selected', () => {
  it('by policy, event, group and level, all of which must fit', () => {
    expect(ids('jwt-inline', 'edited', 'route')).toEqual(['jwt-inline.edited.route']);
    expect(ids('jwt-inline', 'jwt-remote', 'edited', 'route')).toEqual(['jwt-inline.edited.route', 'jwt-remote.edited.route']);
    const peers = selectCells(['ext-auth-grpc', 'peer', 'route']);
    expect(peers.length).toBeGreaterThan(5);
    expect(new Set(peers.map(({ event }) => event.group))).toEqual(new Set(['peer']));
  });

  it('by id', () => {
    expect(ids('jwt-inline.edited.route', 'ext-auth-grpc.quiet.gateway')).toEqual([
      'ext-auth-grpc.quiet.gateway',
      'jwt-inline.edited.route',
    ]);
  });

  it('all but those of the instrument without a word', () => {
    const all = selectCells([]);
    expect(all.some(({ event }) => event.group === 'instrument')).toBe(false);
    expect(all.length).toBe(allCells().filter(({ cannot, event }) => cannot === undefined && event.group !== 'instrument').length);
  });

  it('never if they cannot exist', () => {
    expect(selectCells(['basic-inline', 'peer'])).toEqual([]);
    expect(selectCells(['jwt-inline']).every(({ cannot }) => cannot === undefined)).toBe(true);
  });

  it('and an unknown word names the closest', () => {
    expect(() => selectCells(['jwt-inlin'])).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_UNKNOWN_CHECK', hint: expect.stringContaining('jwt-inline') as string }),
    );
  });
});

it('a pull request is asked about no more cells than fit into its time, of every group', () => {
  const telling = selectCells([]).filter(isTelling);
  expect(telling.length).toBeGreaterThan(30);
  expect(telling.length).toBeLessThanOrEqual(60);
  expect(new Set(telling.map(({ event }) => event.group))).toEqual(new Set(['policy', 'peer', 'reference', 'neighbour', 'machinery']));
});
