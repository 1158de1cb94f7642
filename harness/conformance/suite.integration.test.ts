// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { modulesDirectory } from '../toolchain/definition-key.ts';
import { Toolchain } from '../toolchain/toolchain.ts';
import { minutes } from '../units.ts';
import { findSuite } from './catalogue.ts';
import { select } from './selection.ts';
import { suiteCommand } from './suite-command.ts';

const cacheDirectory = process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet');
const toolchain = Toolchain.open({ cacheDirectory });
afterAll(() => toolchain[Symbol.asyncDispose]());

const { catalogue, tool, binary } = findSuite('v1.4.1');

test('every option of the suite is set, so that none is left to its default', async () => {
  const suite = (await toolchain.resolve(tool)).file(binary);
  const { stderr } = await execa(suite, ['-help'], { reject: false });
  const known = [...stderr.matchAll(/^ {2}-([\w.-]+)/gm)].map(([, name]) => name).filter((name) => name?.startsWith('test.') === false);
  const target = { name: 'n', version: 'v', organization: 'o', url: 'u', contact: ['c'], gatewayClass: 'g' };
  const { args } = suiteCommand(
    { binary: suite, kubeconfig: 'k', target, report: 'r', timeout: minutes(1) },
    select(catalogue, [], { features: 'all' }),
  );
  const set = args.map((argument) => /^-([\w.-]+)=/.exec(argument)?.[1]).filter((name) => name?.startsWith('test.') === false);
  expect(set.sort()).toEqual(known.sort());
});

test('the catalogue is what the code of the suite says of itself', async () => {
  const go = (await toolchain.resolve('go')).file();
  // The flags of the toolchain's own builds, so that what those compiled is used again.
  const environment = {
    GOFLAGS: '-mod=readonly -trimpath',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    GOCACHE: join(cacheDirectory, 'go-build'),
  };
  const { stdout } = await execa(go, ['run', './list'], { cwd: join(modulesDirectory, 'gateway-api-conformance'), env: environment });
  expect(JSON.parse(stdout)).toEqual(catalogue);
});
