// SPDX-License-Identifier: Apache-2.0
import type { EventRow } from '../event-row.ts';
import { instrumentEvents } from './instrument-events.ts';
import { machineryEvents } from './machinery-events.ts';
import { neighbourEvents } from './neighbour-events.ts';
import { peerEvents } from './peer-events.ts';
import { policyEvents } from './policy-events.ts';
import { referenceEvents } from './reference-events.ts';
import { connectingEvents } from './service-events.ts';
import { tenantEvents } from './tenant-events.ts';

/** The events of the matrix. */
export const eventRows: readonly EventRow[] = [
  ...policyEvents,
  ...peerEvents,
  ...referenceEvents,
  ...connectingEvents,
  ...neighbourEvents,
  ...tenantEvents,
  ...machineryEvents,
  ...instrumentEvents,
];
