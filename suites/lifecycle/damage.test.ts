// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { corrupted, misdirected } from './damage.ts';

const object = (kind: string, rest: object) => ({ apiVersion: 'v1', kind, metadata: { name: 'a' }, ...rest });

describe('an object that is damaged', () => {
  it('keeps its keys, and no value of them', () => {
    const secret = corrupted(object('Secret', { data: { alice: 'a2V5' } }));
    expect(Buffer.from((secret['data'] as { alice: string }).alice, 'base64').toString()).toContain('not what was expected');
    expect(corrupted(object('ConfigMap', { data: { 'ca.crt': 'PEM' } }))).toMatchObject({
      data: { 'ca.crt': 'not what was expected: {{' },
    });
    expect(corrupted(object('ConfigMap', {}))).toEqual(object('ConfigMap', {}));
  });

  it('leads nowhere, wherever a backend is named, and its inline values are none', () => {
    const spec = {
      extAuth: { grpcService: { backendRef: { name: 'server', port: 8080 } } },
      jwt: { providers: [{ name: 'one', jwks: { local: { inline: '{}' } } }] },
    };
    expect(misdirected(object('GatewayExtension', { spec }))['spec']).toEqual({
      extAuth: { grpcService: { backendRef: { name: 'nobody', port: 8080 } } },
      jwt: { providers: [{ name: 'one', jwks: { local: { inline: 'not what was expected: {{' } } }] },
    });
  });
});
