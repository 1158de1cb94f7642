// SPDX-License-Identifier: Apache-2.0
// A process that owns a cluster and tells each event on its standard output, to be killed by a test.
import { hostArchitecture } from '../../../platform.ts';
import { openTestClusters } from '../integration-setup.ts';

const [, , name = '', directory = ''] = process.argv;
const { clusters } = openTestClusters();
console.log('begin');
const cluster = await clusters.provider('native').create({
  name,
  directory,
  architecture: hostArchitecture(),
  onEvent: (event) => console.log(['component' in event ? event.component : '', event.type].join(' ').trim()),
});
console.log('up');
await cluster.failed;
