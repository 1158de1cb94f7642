// SPDX-License-Identifier: Apache-2.0
// Starts the sample entry as the worker process starts the real one; SIGTERM ends it early.
import { join } from 'node:path';
import { runWithVitest } from '../run-with-vitest.ts';

const [options = '{}'] = process.argv.slice(2);
const {
  entry = 'sample.entry.ts',
  jobs = 2,
  bail,
  ...sample
} = JSON.parse(options) as {
  readonly entry?: string;
  readonly jobs?: number;
  readonly bail?: number;
};
const interruption = new AbortController();
process.on('SIGTERM', () => interruption.abort(new Error('received SIGTERM')));
await runWithVitest({
  entry: join(import.meta.dirname, entry),
  root: join(import.meta.dirname, '..', '..', '..', '..'),
  jobs,
  provide: { sample },
  signal: interruption.signal,
  ...(bail === undefined ? {} : { bail }),
});
process.stdout.write('done\n');
