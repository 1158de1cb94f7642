// SPDX-License-Identifier: Apache-2.0
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What a provider remembers of sessions, grants, codes and tokens: in memory, as long as the instance lives. */
export function memoryStore(): (model: string) => Adapter {
  const models = new Map<string, Map<string, AdapterPayload>>();
  return (model) => {
    const entries = new Map<string, AdapterPayload>();
    models.set(model, entries);
    const findBy = (field: 'uid' | 'userCode', value: string): Promise<AdapterPayload | undefined> =>
      Promise.resolve([...entries.values()].find((entry) => entry[field] === value));
    return {
      // What has expired says so by its own time, which the provider looks at.
      upsert: (id, payload) => Promise.resolve(void entries.set(id, payload)),
      find: (id) => Promise.resolve(entries.get(id)),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (userCode) => findBy('userCode', userCode),
      consume: (id) => {
        const entry = entries.get(id);
        if (entry !== undefined) entry.consumed = Math.floor(Date.now() / 1000);
        return Promise.resolve();
      },
      destroy: (id) => Promise.resolve(void entries.delete(id)),
      revokeByGrantId: (grantId) => {
        for (const each of models.values()) for (const [id, entry] of each) if (entry.grantId === grantId) each.delete(id);
        return Promise.resolve();
      },
    };
  };
}
