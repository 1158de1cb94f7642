// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { disagreement, generatorBound, notOffered } from './generator-bound.ts';

const gateways = { rate: 10_000, directRate: 30_000, driverBusy: 0.4, proxyBusy: 0.98, proxyProcessors: 1 };

describe('a rate', () => {
  it('is of the gateway if its proxy has nothing left', () => {
    expect(generatorBound(gateways)).toBeUndefined();
    expect(generatorBound({ ...gateways, driverBusy: 0.9, directRate: 12_000 })).toBeUndefined();
  });

  it('is the driver’s if that is busy and the proxy is not', () => {
    expect(generatorBound({ ...gateways, driverBusy: 0.99, proxyBusy: 0.5 })).toBe(
      'the driver used 99 % of its processor, while the proxy used 50 % of its processors',
    );
  });

  it('is the backend’s if it is about as much without the gateway', () => {
    expect(generatorBound({ ...gateways, directRate: 12_000, proxyBusy: 0.5 })).toBe(
      'without the gateway it is only 1.2 times as much, while the proxy used 50 % of its processors',
    );
  });

  it('is of the gateway if nobody is busy: so it is with one connection', () => {
    expect(generatorBound({ ...gateways, proxyBusy: 0.3 })).toBeUndefined();
  });
});

describe('a rate beside that of another driver', () => {
  it('is the driver’s own if it surely is another', () => {
    expect(disagreement({ value: 0.8, low: 0.7, high: 0.89 }, 'wrk')).toBe(
      'with one connection at a time it is 0.80 (0.70 to 0.89) of what wrk makes',
    );
    expect(disagreement({ value: 1.3, low: 1.11, high: 1.5 }, 'wrk')).toMatch(/^with one connection at a time it is 1\.30/);
  });

  it('is not called so on a difference that may be chance, nor on too few windows', () => {
    expect(disagreement({ value: 0.8, low: 0.7, high: 0.9 }, 'wrk')).toBeUndefined();
    expect(disagreement({ value: 1.05, low: 0.99, high: 1.2 }, 'wrk')).toBeUndefined();
    expect(disagreement({ value: 0.5, low: null, high: null }, 'wrk')).toBeUndefined();
    expect(disagreement(null, 'wrk')).toBeUndefined();
  });
});

describe('a fixed rate', () => {
  it('says nothing of the gateway if it was not sent', () => {
    const sent = { due: 1000, requests: 1000, dropped: 0 };
    expect(notOffered(sent)).toBeUndefined();
    expect(notOffered({ ...sent, requests: 990 })).toBeUndefined();
    expect(notOffered({ ...sent, requests: 989 })).toBe('k6 sent 989 of 1000 requests, and dropped 0');
    expect(notOffered({ ...sent, dropped: 1 })).toBe('k6 sent 1000 of 1000 requests, and dropped 1');
  });

  it('that each thread of a driver sent on its own is not the one of the label', () => {
    expect(notOffered({ due: 100, requests: 404, dropped: 0 })).toBe('k6 sent 404 of 100 requests, and dropped 0');
    expect(notOffered({ due: 100, requests: 102, dropped: 0 })).toBeUndefined();
  });
});
