// SPDX-License-Identifier: Apache-2.0
import { controlPort } from './control/protocol.ts';
import { ControlServer } from './control/server.ts';
import { portsInTurn } from './instance/port-source.ts';

/** The process in the peers' pod: the control API, and every instance that it is asked for. */
await ControlServer.start({ address: '0.0.0.0', port: controlPort, ports: portsInTurn() });
console.log(`peers: control API on port ${controlPort}`);

// PID 1 has no default reaction to signals, and there is nothing to save.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
