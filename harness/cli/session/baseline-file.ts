// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { repositoryRoot, suitesDirectory } from '../paths.ts';

/** Path of the known gaps of the checks. */
export const baselineFile = join(suitesDirectory, 'baseline.yaml');

/** Path of those of the lifecycle matrix, whose ids may have stars. */
export const lifecycleBaselineFile = join(suitesDirectory, 'lifecycle', 'baseline.yaml');

/** Path of those of the scenarios under load. */
export const loadBaselineFile = join(repositoryRoot, 'scenarios', 'baseline.yaml');
