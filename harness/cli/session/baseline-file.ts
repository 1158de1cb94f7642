// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { suitesDirectory } from '../paths.ts';

/** Path of the known gaps. */
export const baselineFile = join(suitesDirectory, 'baseline.yaml');
