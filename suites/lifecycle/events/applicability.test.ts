// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { PolicyRow } from '../policy-row.ts';
import { needsReference, needsServer, playedOn, unless } from './applicability.ts';

const row: PolicyRow = {
  id: 'policy',
  title: 'A policy',
  feature: 'authentication.jwt',
  cannot: {},
  peer: 'fetches-keys',
  references: ['GatewayExtension'],
  prepare: () => Promise.reject(new Error('not played here')),
};

describe('what an event needs of a policy', () => {
  it('is a server, or one that is asked for each request', () => {
    expect(needsServer()(row, 'route')).toBeUndefined();
    expect(needsServer('asks')(row, 'route')).toBe('the policy does not ask its server for each request');
  });

  it('is an object that it refers to', () => {
    expect(needsReference('GatewayExtension')(row, 'route')).toBeUndefined();
    expect(needsReference('Secret')(row, 'route')).toBe('the policy refers to no Secret');
  });

  it('is the first reason against it', () => {
    const against = unless(undefined, needsServer(), needsReference('Secret'), playedOn('gateway'));
    expect(against(row, 'route')).toBe('the policy refers to no Secret');
  });

  it('is a level, save for a part of the Gateway, which has one only', () => {
    expect(playedOn('route')(row, 'rule')).toMatch(/played on route$/);
    expect(playedOn('route')(row, 'route')).toBeUndefined();
    expect(playedOn('route')({ ...row, isPart: true }, 'gateway')).toBeUndefined();
  });
});
