// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sampleCells } from '../testdata/sample-lifecycle.ts';
import { cellOf, type Cell } from './cells.ts';
import { detectionSentence, extent, offset, rateSentence, sentences, share, shareOfTries, shortOutcome } from './words.ts';

function sampleCell(id: string): Cell {
  const check = sampleCells.find((one) => one.id === id);
  if (check === undefined) throw new Error(`the sample has no ${id}`);
  return cellOf(check);
}

function told(id: string): string {
  const { worst } = sampleCell(id);
  return worst === undefined ? '' : sentences(worst).join(' ');
}

describe('a cell in words', () => {
  it.each([
    ['ext-auth-grpc.created-after-route.route', 'held', undefined],
    ['ext-auth-grpc.peer-lost.route', 'outage 1.5 s', undefined],
    ['ext-auth-grpc.extension-deleted.route', 'leaked 143 ms', undefined],
    ['ext-auth-grpc.route-recreated.route', 'leaked 46 ms', '1 of 3'],
    ['api-key-reference.route-recreated.route', 'leaked 1 request', undefined],
    ['api-key-reference.secret-emptied.gateway', 'OPEN', undefined],
    ['api-key-reference.recreated.delegated-child', 'held', '2 of 3'],
    ['ext-auth-grpc.peer-down-from-start.route', 'could not run', undefined],
  ])('%s is %s', (id, outcome, tries) => {
    expect([shortOutcome(sampleCell(id)), shareOfTries(sampleCell(id))]).toEqual([outcome, tries]);
  });

  it('says how much passed, when, and what the API said', () => {
    expect(told('ext-auth-grpc.extension-deleted.route')).toBe(
      '36 of 2491 forbidden requests reached the backend, over 143 ms, from 3043 ms to 3185 ms after: the GatewayExtension is deleted. ' +
        'Meanwhile the API called the policy and its route fine.',
    );
    expect(told('ext-auth-grpc.route-recreated.route')).toContain('At no such moment did the API call both');
    expect(told('api-key-reference.secret-emptied.gateway')).toMatch(
      /still open when the watch ended, at 23650 ms\. New proxies did not close it\.$/,
    );
  });

  it('does not make one opening of several', () => {
    const { worst } = sampleCell('ext-auth-grpc.extension-deleted.route');
    if (worst?.leak === undefined) throw new Error('the sample does not leak');
    const spells = [
      { fromMs: 21, toMs: 67, requests: 20 },
      { fromMs: 3020, toMs: 3020, requests: 1 },
      { fromMs: 4000, toMs: 4010, requests: 10 },
      { fromMs: 5000, toMs: 5010, requests: 5 },
    ];
    const several = { ...worst, leak: { ...worst.leak, spells } };
    expect(sentences(several)[0]).toBe(
      '36 of 2491 forbidden requests reached the backend, 4 times, over 46 ms from 21 ms and at 3020 ms and over 10 ms from 4000 ms and 1 more after: the GatewayExtension is deleted.',
    );
    expect(extent(several)).toBe('36 of 2491 over 66 ms, 4 times');
  });

  it('says what an opening by force let through', () => {
    const { worst } = sampleCell('ext-auth-grpc.route-recreated.route');
    const told = (uncounted: number) => worst && sentences({ ...worst, letThrough: { requests: 14, uncounted } }).at(-1);
    expect([told(0), told(2)]).toEqual([
      'The server says that it let 14 through by force, and all of them are among these.',
      'The server says that it let 14 through by force, and 2 of them are not among these.',
    ]);
  });

  it('tells an outage from a leak', () => {
    expect(told('ext-auth-grpc.peer-lost.route')).toMatch(
      /^29 of 63 allowed requests were not served .* Nothing forbidden reached the backend\.$/,
    );
    expect(told('ext-auth-grpc.created-after-route.route')).toMatch(
      /^No forbidden request reached the backend from 2543 ms to 5144 ms after/,
    );
  });

  it('names the extent of what did not hold only', () => {
    expect(sampleCells.map((check) => cellOf(check).worst).map((worst) => worst && extent(worst))).toEqual([
      undefined,
      '36 of 2491 over 143 ms',
      '14 of 1403 over 46 ms',
      undefined,
      '29 of 63 over 1.5 s',
      undefined,
      undefined,
      '11210 of 11822 over 23.0 s',
      '1 of 1403',
      undefined,
      '14 of 1403 over 46 ms',
    ]);
  });

  it('says what several tries leave open, and nothing of a single one', () => {
    expect(rateSentence(sampleCell('ext-auth-grpc.route-recreated.route'))).toBe(
      'leaked in 1 of 3 tries: 33 % (95 % confidence: 6 % to 79 %).',
    );
    expect(rateSentence(sampleCell('ext-auth-grpc.route-recreated.gateway'))).toContain(
      'Held in each of 3 tries: a fault that shows in fewer than 63 %',
    );
    // The try that could not be played says nothing.
    expect(rateSentence(sampleCell('api-key-reference.recreated.delegated-child'))).toContain('each of 2 tries');
    expect(rateSentence(sampleCell('ext-auth-grpc.extension-deleted.route'))).toBeUndefined();
  });

  it('never calls almost all all, nor a little nothing', () => {
    expect([1, 0.9996, 0.92, 0.006, 0].map(share)).toEqual(['100 %', '99.9 %', '92 %', '0.6 %', '0 %']);
    const { worst } = sampleCell('api-key-reference.secret-emptied.gateway');
    expect(worst && detectionSentence(worst)).toBe(
      'An opening would have been seen: of 5 ms with 99.9 %, of 50 ms with 100 %, of 500 ms with 100 %.',
    );
  });

  it('writes times before the event with a minus, and none for zero', () => {
    expect([-649.7, -0.2, 0, 46.3].map(offset)).toEqual(['−650 ms', '0 ms', '0 ms', '46 ms']);
  });
});
