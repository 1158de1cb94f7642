// SPDX-License-Identifier: Apache-2.0
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';

/** A Gateway with a listener for HTTP, which tells that it serves, and one for TCP. */
export const tcpGateway = gateway('tcp')
  .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
  .listener({ name: 'tcp', port: 9000, protocol: 'TCP' });
