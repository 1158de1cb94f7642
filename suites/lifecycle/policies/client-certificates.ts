// SPDX-License-Identifier: Apache-2.0
import { certificateAuthority, type Authority } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap } from '../../../fixtures/core/core.ts';
import type { Gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { levels } from '../levels.ts';
import type { PartOfStage, PolicyRow, PreparedPolicy } from '../policy-row.ts';
import type { Stage } from '../stage.ts';

const mode = 'AllowValidOnly';

/** Names of the ConfigMaps with authorities. */
const names = { first: 'client-authority', second: 'client-authority-second', further: 'client-authority-further' } as const;

type Name = keyof typeof names;

const elsewhere = 'client certificates are a field of the Gateway (spec.tls.frontend), for all its ports or for one';
const row = {
  feature: 'mtls.frontend',
  cannot: Object.fromEntries(levels.filter((level) => level !== 'gateway').map((level) => [level, elsewhere])),
  references: ['ConfigMap'],
  isPart: true,
  listener: 'https',
} as const;

/** Policies of the standard's own for who may open a connection. */
export const clientCertificatePolicies: readonly PolicyRow[] = [
  {
    ...row,
    id: 'client-certificate',
    telling: true,
    title: 'Client certificates of one authority',
    prepare: (stage) => certificates(stage, ['first'], (gateway, cas) => gateway.clientCertificates({ mode, cas })),
  },
  {
    ...row,
    id: 'client-certificate-several',
    title: 'Client certificates of either of two authorities',
    prepare: (stage) => certificates(stage, ['first', 'second'], (gateway, cas) => gateway.clientCertificates({ mode, cas })),
  },
  {
    ...row,
    id: 'client-certificate-fallback',
    // With AllowInsecureFallback a gateway accepts connections "even if the client certificate is not presented or fails verification"
    // (FrontendTLSValidation): nothing is forbidden where it holds. Forbidden is that it reaches a port for which something stricter is said.
    title: 'Client certificates for one port, while the fallback lets everyone into the others',
    prepare: (stage) =>
      certificates(stage, ['first'], (gateway, cas) => {
        const strict = { port: stage.gateway.endpoint(stage.listener).port, validation: { mode, cas } } as const;
        return gateway.clientCertificates({ mode: 'AllowInsecureFallback', cas }, strict);
      }),
  },
];

/** Asks for certificates of some authorities, of which the last one has signed the one that is allowed. */
async function certificates(
  stage: Stage,
  trusted: readonly [Name, ...Name[]],
  asking: (gateway: Gateway, cas: readonly string[]) => Gateway,
): Promise<PreparedPolicy> {
  const last = trusted.at(-1) ?? trusted[0];
  const authorities = {
    first: await certificateAuthority(names.first),
    second: await certificateAuthority(names.second),
    further: await certificateAuthority(names.further),
  };
  // By the same name as the one that counts: they differ by their keys alone.
  const stranger = await certificateAuthority(names[last]);
  const form = (cas: readonly Name[], from: Readonly<Record<Name, Authority>> = authorities): PartOfStage => {
    const named = cas.map((ca) => names[ca]);
    return {
      part: { with: asking(stage.definition, named), without: stage.definition },
      supporting: cas.map((ca) => caConfigMap(names[ca], [from[ca]])),
    };
  };
  return {
    intent: form(trusted),
    edited: form([...trusted, 'further']),
    outdated: form(trusted, { ...authorities, [last]: stranger }),
    anonymous: { tls: {} },
    wrong: { tls: await stranger.issue({ name: 'client', usage: 'client' }) },
    allowed: { tls: await authorities[last].issue({ name: 'client', usage: 'client' }) },
  };
}
