// SPDX-License-Identifier: Apache-2.0
import type { ImageDefinition } from '../image.ts';
import { echoBasic, udpBackend } from './conformance.ts';
import { pause } from './pause.ts';

/** Images that every cluster needs, whatever is tested. */
export const clusterImages: readonly ImageDefinition[] = [pause];

/** Images that the manifests of the upstream suite name. */
export const conformanceImages: readonly ImageDefinition[] = [echoBasic, udpBackend];
