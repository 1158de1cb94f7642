// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { repositoryRoot } from '../paths.ts';
import { certifyLintCommand } from './certify-lint.ts';

const published = join(repositoryRoot, 'harness/conformance/testdata/reports');

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function run(...args: readonly string[]): Promise<{ readonly output: string; readonly exitCode: unknown }> {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  await certifyLintCommand().parseAsync([...args], { from: 'user' });
  return { output, exitCode: process.exitCode };
}

/** A folder as upstream has it, with a published report under the right name. */
function submission(): string {
  const folder = join(temporaryFolder(), 'v1.5', 'istio-istio');
  mkdirSync(folder, { recursive: true });
  const name = 'experimental-1.30.1-default-report.yaml';
  copyFileSync(join(published, 'v1.5-istio-1.30.0.yaml'), join(folder, name));
  const row = `| experimental | [1.30.1](https://github.com/istio/istio/releases/tag/1.30.1) | default | [1.30.1 report](./${name}) |`;
  const head = '| API channel | Implementation version | Mode | Report |\n|---|---|---|---|';
  writeFileSync(join(folder, 'README.md'), `# Istio\n\n## Table of contents\n\n${head}\n${row}\n\n## Reproduce\n\nRun the suite.\n`);
  return folder;
}

test('a submission without findings ends with 0', async () => {
  const { output, exitCode } = await run(submission());
  expect(output).toBe('1 report: 0 errors, 0 warnings\n');
  expect(exitCode).toBe(0);
});

test('warnings alone end with 0', async () => {
  const folder = submission();
  const readme = join(folder, 'README.md');
  writeFileSync(readme, readFileSync(readme, 'utf8').replace('## Reproduce', '## How to reproduce'));
  const { output, exitCode } = await run(folder);
  expect(output).toContain('9  warning  readme-title  The section is titled "How to reproduce".');
  expect(output).toContain('0 errors, 1 warning\n');
  expect(exitCode).toBe(0);
});

test('an error ends with 1, and is told with file, line, field, what mends it and its source', async () => {
  const { output, exitCode } = await run(join(published, 'v1.4.1-kgateway-v2.2.1.yaml'));
  expect(exitCode).toBe(1);
  expect(output).toContain('  10  error    url            implementation.url: "github.com/kgateway-dev/kgateway" is no URL');
  expect(output).toContain('mend: Run the suite with --url https://github.com/kgateway-dev/kgateway.');
  expect(output).toMatch(/^ {2}url +https:\/\/github\.com\/kubernetes-sigs\/gateway-api\/pull\/5209$/m);
  expect(output).toContain('Single files were given: for the README give the folder. Not checked: readme');
});

test('the same is had as JSON', async () => {
  const file = join(published, 'v1.4.1-kgateway-v2.2.1.yaml');
  const { output, exitCode } = await run('--json', file);
  const { reports, findings } = JSON.parse(output) as { readonly reports: readonly string[]; readonly findings: readonly object[] };
  expect(exitCode).toBe(1);
  expect(reports).toEqual([file]);
  expect(findings).toContainEqual({
    rule: 'url',
    severity: 'error',
    file,
    line: 10,
    field: 'implementation.url',
    message: '"github.com/kgateway-dev/kgateway" is no URL: it has no scheme, or does not parse.',
    mend: 'Run the suite with --url https://github.com/kgateway-dev/kgateway.',
  });
});
