// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { ToolName } from '../toolchain/tool.ts';
import v130 from './catalogues/v1.3.0.json' with { type: 'json' };
import v140 from './catalogues/v1.4.0.json' with { type: 'json' };
import v141 from './catalogues/v1.4.1.json' with { type: 'json' };
import v150 from './catalogues/v1.5.0.json' with { type: 'json' };
import v160 from './catalogues/v1.6.0.json' with { type: 'json' };

/**
 * What a version of the upstream suite consists of. That of a version that Gauntlet runs is printed by the suite's own code (`list` in the Go module of the
 * tool), that of others read from its source (`source` in the same module, which gives the same for v1.4.1).
 */
export interface Catalogue {
  readonly apiVersion: string;
  readonly profiles: readonly { readonly name: string; readonly core: readonly string[]; readonly extended: readonly string[] }[];
  readonly features: readonly string[];
  /** The features among them that are about service meshes. */
  readonly meshFeatures: readonly string[];
  /** In the order in which the suite runs them. */
  readonly tests: readonly { readonly name: string; readonly features: readonly string[]; readonly provisional: boolean }[];
}

/** What each known version of the suite consists of, oldest first; Gauntlet can run those of {@link findSuite}. Two patches changed nothing of it. */
export const catalogues: readonly Catalogue[] = [
  v130,
  v140,
  v141,
  v150,
  { ...v150, apiVersion: 'v1.5.1' },
  v160,
  { ...v160, apiVersion: 'v1.6.1' },
];

/** A version of the upstream suite: what is in it, and the tool that brings its binary. */
export interface Suite {
  readonly catalogue: Catalogue;
  readonly tool: ToolName;
  /** Name of the binary in the tool's folder. */
  readonly binary: string;
}

const suites: readonly Suite[] = [{ catalogue: v141, tool: 'gateway-api-conformance', binary: 'conformance.test' }];

/**
 * The suite of a Gateway API version, `v1.4.1`.
 *
 * @throws GauntletError `GAUNTLET_NOT_IMPLEMENTED` for a version that Gauntlet does not have, `GAUNTLET_USAGE` for what is no version.
 */
export function findSuite(apiVersion: string): Suite {
  const found = suites.find(({ catalogue }) => catalogue.apiVersion === apiVersion);
  if (found !== undefined) return found;
  const known = suites.map(({ catalogue }) => catalogue.apiVersion).join(', ');
  const code = /^v\d+\.\d+\.\d+/.test(apiVersion) ? 'GAUNTLET_NOT_IMPLEMENTED' : 'GAUNTLET_USAGE';
  throw new GauntletError(code, `There is no upstream suite for Gateway API ${apiVersion}`, { hint: `Known versions: ${known}.` });
}
