// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/**
 * The data plane that the agentgateway chart of kgateway 2.2 pins. It is written in Rust and published as an image and as the binaries of its releases,
 * so whoever wants it under test has it and gives it.
 */
export const agentgatewayProxy = defineTool({
  name: 'agentgateway',
  version: '0.11.1',
  title: 'agentgateway proxy',
  purpose: 'Proxy under test',
  outputs: ['agentgateway'],
  expected: seconds(0),
  anyVersion: true,
  onDemand: true,
  sources: [{ kind: 'given', flag: '--proxy-bin' }],
});
