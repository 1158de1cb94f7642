// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { execa } from 'execa';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GauntletError } from '../errors.ts';
import { repositoryRoot } from './paths.ts';
import { createProgram } from './program.ts';
import { elfImage } from '../toolchain/testing/elf-image.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gauntlet-bad-input-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const notYaml = join(scratch, 'not-yaml');
writeFileSync(notYaml, 'clusters: [');
const nowhere = join(scratch, 'nowhere');
writeFileSync(
  nowhere,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    users: [{ name: 'a', user: {} }],
    // Port 1 of loopback: nothing listens there.
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
  }),
);
const emptyFolder = join(scratch, 'empty-folder');
mkdirSync(emptyFolder);
const notAnImage = join(scratch, 'image.tar');
writeFileSync(notAnImage, 'not a tar');
const otherArchitecture = join(scratch, 'envoy');
writeFileSync(otherArchitecture, elfImage({ machine: process.arch === 'x64' ? 0xb7 : 0x3e }), { mode: 0o755 });
const cutOff = join(scratch, 'cut-off');
writeFileSync(cutOff, elfImage({ machine: process.arch === 'x64' ? 0x3e : 0xb7 }).subarray(0, -1), { mode: 0o755 });
const exitsAtOnce = join(scratch, 'exits');
writeFileSync(exitsAtOnce, '#!/bin/sh\necho "missing library" >&2\nexit 127\n', { mode: 0o755 });

/** Arguments, and what the one message has to say. */
const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['runn'], /unknown command 'runn'[^]*Did you mean run/],
  [['run', '--sharp', '1/2'], /unknown option '--sharp'[^]*Did you mean --shard/],
  [['run', '--shard', '3/2'], /Expected i\/n/],
  [['run', '-j', 'many'], /Expected a whole number of at least 1/],
  [['run', '--budget', 'trafic=3'], /No budget is called trafic; they are traffic/],
  [['run', '--cluster', 'docker'], /Allowed choices are auto, native, kind, existing/],
  [['run', 'extauth-alow-deny'], /GAUNTLET_UNKNOWN_CHECK[^]*extauth-allow-deny/],
  [['run', '--target', 'kgateway@9.9.9'], /GAUNTLET_UNKNOWN_TARGET[^]*kgateway@2\.2\.0/],
  [['run', '--kubeconfig', '/nowhere'], /GAUNTLET_USAGE[^]*--cluster existing/],
  [['run', '--helm-set', 'no-equals-sign'], /Expected key=value/],
  [['run', '--proxy-bin', join(scratch, 'missing')], /GAUNTLET_CONFIG_INVALID|GAUNTLET_BINARY_BROKEN/],
  [['run', '--proxy-bin', otherArchitecture], /GAUNTLET_WRONG_ARCHITECTURE/],
  [['run', '--proxy-bin', cutOff], /GAUNTLET_BINARY_BROKEN[^]*cut off/],
  [['run', '--proxy-bin', exitsAtOnce], /GAUNTLET_BINARY_BROKEN/],
  [['run', '--proxy-image', notAnImage], /GAUNTLET_IMAGE/],
  [['run', '--tool', 'etcdd=/bin/true'], /GAUNTLET_UNKNOWN_TOOL/],
  [['conformance', '--api', 'v0.1'], /GAUNTLET_USAGE[^]*v1\.4\.1/],
  [['conformance', '--api', 'v1.5.0'], /GAUNTLET_NOT_IMPLEMENTED[^]*v1\.4\.1/],
  [['conformance', '--profiles', 'GATEWAY-SMTP'], /GAUNTLET_USAGE[^]*GATEWAY-HTTP/],
  [['conformance', '--run-test', 'HTTPRouteMagic'], /GAUNTLET_USAGE/],
  [['run', '--cluster', 'existing'], /GAUNTLET_USAGE[^]*--kubeconfig/],
  [['run', '--cluster', 'existing', '--kubeconfig', '/no/such/file'], /GAUNTLET_KUBECONFIG/],
  [['run', '--cluster', 'existing', '--kubeconfig', notYaml], /GAUNTLET_KUBECONFIG/],
  [['run', '--cluster', 'existing', '--kubeconfig', nowhere], /GAUNTLET_KUBECONFIG/],
  [['run', '--cluster', 'kind'], /GAUNTLET_NOT_IMPLEMENTED/],
  [['load', 'route-propagtion'], /GAUNTLET_UNKNOWN_CHECK[^]*route-propagation/],
  [['load', 'render', 'route-propagation', '--url', 'http://a'], /GAUNTLET_UNKNOWN_CHECK[^]*latency-fixed-rate/],
  [['load', 'render', 'latency-fixed-rate'], /required option '--url/],
  [['load', 'render', 'latency-fixed-rate', '--url', 'gateway:80'], /begins with http/],
  [['load', 'render', 'latency-fixed-rate', '--url', 'http://a', '--crd', notYaml], /GAUNTLET_CONFIG_INVALID/],
  [['load', 'merge', '/no/such/log'], /GAUNTLET_USAGE[^]*kubectl logs/],
  [['bench', 'gate-htpp1'], /GAUNTLET_UNKNOWN_CHECK[^]*gate-http1/],
  [['bench', '--proxy-bin', '/bin/true'], /GAUNTLET_USAGE[^]*--candidate/],
  [['bench', '--candidate', '/nowhere/envoy'], /GAUNTLET_[^]*nowhere/],
  [['lifecycle', 'ext-auht'], /GAUNTLET_UNKNOWN_CHECK[^]*ext-auth/],
  [['lifecycle', 'oidc', '--keep'], /GAUNTLET_USAGE[^]*Name one cell/],
  [['lifecycle', 'oidc', '--resume'], /GAUNTLET_USAGE[^]*Leave out either/],
  [['lifecycle', '--resume', '--tries', '3'], /--resume \[run\]' cannot be used with option '--tries/],
  [['lifecycle', '--resume'], /GAUNTLET_USAGE[^]*Leave --resume out/],
  [['cluster', 'down', '--name', 'never-started'], /GAUNTLET_NO_CLUSTER/],
  [['cluster', 'up', '--cluster', 'kind'], /GAUNTLET_NOT_IMPLEMENTED/],
  [['tools', 'prepare', 'k9'], /GAUNTLET_UNKNOWN_TOOL[^]*k6/],
  [['images', 'inspect', 'nothing'], /GAUNTLET_USAGE[^]*gauntlet\.dev\/pause/],
  [['report', 'no-such-run'], /GAUNTLET_USAGE/],
  [['certify', 'lint'], /missing required argument 'paths'/],
  [['certify', 'lint', '/no/such/folder'], /GAUNTLET_USAGE[^]*cannot be read/],
  [['certify', 'lint', notAnImage], /GAUNTLET_USAGE[^]*is no YAML file/],
  [['certify', 'lint', emptyFolder], /GAUNTLET_USAGE[^]*has no report/],
];

beforeEach(() => {
  vi.stubEnv('GAUNTLET_OUT', join(scratch, 'out'));
  vi.stubEnv('GAUNTLET_CACHE', join(scratch, 'cache'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each(cases)('%j is refused before anything starts', async (args, says) => {
  const refusal: unknown = await createProgram()
    .parseAsync(args, { from: 'user' })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  if (refusal instanceof GauntletError) {
    expect(`${refusal.code}: ${refusal.message}\n${refusal.hint}`).toMatch(says);
    expect(refusal.exitCode).toBe(refusal.code === 'GAUNTLET_IMAGE' ? 4 : 2);
  } else {
    expect(refusal).toBeInstanceOf(CommanderError);
    expect((refusal as CommanderError).message).toMatch(says);
  }
  expect(existsSync(join(scratch, 'out'))).toBe(false);
});

test(
  'a refusal reaches a person as one message with the next step and no stack, and the shell as exit code 2',
  { timeout: 60_000 },
  async () => {
    const main = join(repositoryRoot, 'harness/cli/main.ts');
    const flags = ['--disable-warning=ExperimentalWarning'];
    const { exitCode, stdout, stderr } = await execa(process.execPath, [...flags, main, 'run', 'no-such-check'], {
      reject: false,
      env: { NO_COLOR: '1' },
    });
    expect(stderr).toMatch(/^GAUNTLET_UNKNOWN_CHECK: .+\n  next: .+$/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  },
);

test('a reader of a pipe gets everything, also when it is slower than the command', async () => {
  const { stdout } = await execa('sh', [
    '-c',
    `"${process.execPath}" "${join(repositoryRoot, 'harness/cli/main.ts')}" run --dry-run --json | { read -r first; printf '%s' "$first"; cat; }`,
  ]);
  const whole = JSON.parse(stdout) as { readonly checks: readonly unknown[] };
  expect(stdout.length).toBeGreaterThan(2 * 65_536);
  expect(whole.checks.length).toBeGreaterThan(200);
});

test('output that finds no room on the disk is an error', async () => {
  const main = join(repositoryRoot, 'harness/cli/main.ts');
  const { exitCode, stderr } = await execa('sh', ['-c', `"${process.execPath}" "${main}" run --dry-run > /dev/full`], { reject: false });
  expect(exitCode).toBe(4);
  expect(stderr).toContain('GAUNTLET_DISK_FULL');
});
