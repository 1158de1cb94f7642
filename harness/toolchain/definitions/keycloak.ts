// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

const version = '26.4.5';

/** An OpenID provider of great weight, which checks meet only when they are asked to. */
export const keycloak = defineTool({
  name: 'keycloak',
  version,
  title: 'Keycloak',
  purpose: 'OpenID provider of `--with keycloak`',
  outputs: ['keycloak'],
  expected: seconds(60),
  onDemand: true,
  sources: [
    {
      kind: 'maven',
      group: 'org.keycloak',
      name: 'keycloak-quarkus-dist',
      sha256: '72f73642a2c36de797d51b4b2b342d4a49f6e5832af10aa470cd123627bd80b3',
      folder: `keycloak-${version}`,
    },
  ],
});

/** What runs Keycloak, with its libraries; unpacked and never installed. */
export const java = defineTool({
  name: 'java',
  version: 'system',
  title: 'Java',
  purpose: 'Runs Keycloak',
  outputs: ['usr/lib/jvm'],
  expected: seconds(30),
  onDemand: true,
  // Keycloak runs on either; a Debian has one of them.
  sources: [17, 21].map((release) => ({
    kind: 'deb' as const,
    packages: [`openjdk-${release}-jre-headless`, 'libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g'],
  })),
});
