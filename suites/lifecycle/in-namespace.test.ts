// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { milliseconds } from '../../harness/units.ts';
import * as policy from '../../fixtures/policies/intents.ts';
import { inNamespace } from './in-namespace.ts';

const server = { name: 'server', namespace: 'stage', port: 8080 };

describe('inNamespace', () => {
  it('moves the credentials of a policy, and leaves the rest as it is', () => {
    const keys = policy.apiKey({ keys: { alice: 'key' }, sources: [{ header: 'api-key' }] });
    expect(inNamespace(keys, 'tenant')).toEqual({ ...keys, store: { namespace: 'tenant' } });
    const file = policy.basicAuthFromFile([{ user: 'alice', password: 'secret' }], { key: 'users' });
    expect(inNamespace(file, 'tenant')).toEqual({ ...file, file: { key: 'users', namespace: 'tenant' } });
  });

  it('moves the server of a policy', () => {
    expect(inNamespace(policy.extAuth({ server }), 'tenant')).toMatchObject({ server: { name: 'server', namespace: 'tenant' } });
    const limit = policy.globalRateLimit({ server, domain: 'edge', by: [], timeout: milliseconds(20) });
    expect(inNamespace(limit, 'tenant')).toMatchObject({ server: { namespace: 'tenant' }, domain: 'edge' });
  });

  it('knows none for a policy that refers to nothing', () => {
    expect(inNamespace(policy.basicAuth({ user: 'alice', password: 'secret' }), 'tenant')).toBeUndefined();
    expect(inNamespace(policy.csrf(), 'tenant')).toBeUndefined();
  });
});
