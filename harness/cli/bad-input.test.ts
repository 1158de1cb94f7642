// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { execa } from 'execa';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GauntletError } from '../errors.ts';
import { repositoryRoot } from './paths.ts';
import { createProgram } from './program.ts';
import type { TrendEntry } from '../bench/trend/entry.ts';
import { addToTrend, trendFile } from '../bench/trend/store.ts';
import { journalFile, openJournal } from '../run/journal.ts';
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

const here = process.arch === 'x64' ? 'amd64' : 'arm64';
const elsewhere = here === 'amd64' ? 'arm64' : 'amd64';
/** A run that ended and measured nothing, of this architecture under test. */
function runOf(architecture: string): string {
  const directory = join(scratch, `run-${architecture}`);
  mkdirSync(directory);
  const journal = openJournal(directory);
  journal.append({
    type: 'run-started',
    at: 1,
    runId: `run-${architecture}`,
    kind: 'load',
    command: 'load',
    gauntlet: { version: '1' },
    target: { name: 'kgateway', version: '2.2.0', title: 'kgateway', gatewayClass: 'kgateway' },
    architecture,
    seed: 1,
    jobs: 1,
    budgets: {},
    plan: [],
  });
  journal.append({ type: 'environment', at: 2, sections: { machine: { processor: 'A', cores: '2', architecture: process.arch } } });
  journal.append({ type: 'run-ended', at: 3, verdict: 'incomplete', exitCode: 3, durationMs: 2 });
  journal.close();
  return directory;
}
const [native, emulated] = [runOf(here), runOf(elsewhere)];
const changedRun = join(scratch, 'changed-run');
mkdirSync(changedRun);
writeFileSync(join(changedRun, journalFile), readFileSync(join(native, journalFile), 'utf8').replace('"cores":"2"', '"cores":"4"'));

/** A trend of two runs, changed. */
function trendWith(name: string, change: (text: string) => string): string {
  const folder = join(scratch, name);
  for (const runId of ['1', '2']) {
    const values: TrendEntry['values'] = [{ id: 'throughput-http1: p99', unit: 'ms', value: 1 }];
    const machine = { processor: 'A', cores: '2', architecture: here };
    addToTrend(folder, { runId, startedAt: Number(runId), gauntlet: '1', target: 'kgateway@2.2.0', images: {}, machine, values });
  }
  const file = join(folder, trendFile);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return folder;
}
const trend = trendWith('trend', (text) => text);
const brokenLine = trendWith('broken-line', (text) => text.replace('{"sha256"', '{sha256'));
const brokenChain = trendWith('broken-chain', (text) => text.split('\n').slice(1).join('\n'));
const changedValue = trendWith('changed-value', (text) => text.replace('"value":1', '"value":2'));
const cutTrend = trendWith('cut-trend', (text) => text.slice(0, -20));

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
  [['report', changedRun], /GAUNTLET_CONFIG_INVALID[^]*Line 2 of [^]*is not what was written[^]*from a copy/],
  [['load', 'publish', emulated], /GAUNTLET_USAGE[^]*emulated on[^]*gauntlet load/],
  [['load', 'publish', native], /GAUNTLET_USAGE[^]*measured nothing/],
  [['load', 'publish', 'no-such-run'], /GAUNTLET_USAGE[^]*no run no-such-run/],
  [['diff', native, emulated], /GAUNTLET_USAGE[^]*native[^]*emulated on[^]*all native/],
  [['bench', '--arch', elsewhere], /GAUNTLET_USAGE[^]*emulator[^]*--arch/],
  [['bench', 'replay', native, emulated], /GAUNTLET_USAGE[^]*emulated on/],
  [['trend', 'add', emulated, '--store', trend], /GAUNTLET_USAGE[^]*emulated on[^]*architecture under test/],
  [['trend', 'add', native, '--store', trend], /GAUNTLET_USAGE[^]*measured nothing/],
  [['trend', 'add', 'no-such-run', '--store', trend], /GAUNTLET_USAGE[^]*no run no-such-run/],
  [['trend', 'add', native], /required option '--store/],
  [['trend', 'show'], /required option '--store/],
  [['trend', 'show', '--store', join(scratch, 'no-trend')], /GAUNTLET_USAGE[^]*no trend in[^]*trend add/],
  [['trend', 'show', '--store', notYaml], /GAUNTLET_USAGE[^]*cannot be read[^]*--store/],
  [['trend', 'show', '--store', brokenLine], /GAUNTLET_CONFIG_INVALID[^]*Line 1 of [^]*is no line of a trend[^]*copy/],
  [['trend', 'show', '--store', brokenChain], /GAUNTLET_CONFIG_INVALID[^]*Line 1 of [^]*checksum does not fit[^]*copy/],
  [['trend', 'show', '--store', changedValue], /GAUNTLET_CONFIG_INVALID[^]*Line 1 of [^]*checksum does not fit/],
  [['trend', 'show', '--store', cutTrend], /GAUNTLET_CONFIG_INVALID[^]*Line 2 of [^]*is cut off/],
  [['trend', 'show', 'p98', '--store', trend], /GAUNTLET_USAGE[^]*“p98”[^]*p99/],
  [['trend', 'show', '--store', trend, '--html', '/no/such/folder/trend.html'], /GAUNTLET_USAGE[^]*cannot be written/],
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
