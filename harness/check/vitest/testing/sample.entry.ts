// SPDX-License-Identifier: Apache-2.0
// An entry file with an engine that only says what it is asked to do; run by run-with-vitest.integration.test.ts.
import { createServer } from 'node:net';
import { inject } from 'vitest';
import { writeSync } from 'node:fs';
import type { Engine } from '../../engine.ts';
import { sampleCheck } from '../../testing/sample.ts';
import { registerExecutions } from '../register-executions.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Executions of checks: `a` and `b` at the same time, `s` alone, `t` and `u` with each other alone; whether to be stuck, to leave something open. */
    sample: {
      readonly executions: Readonly<Partial<Record<'a' | 'b' | 's' | 't' | 'u', readonly string[]>>>;
      readonly stuck: boolean;
      readonly leak: boolean;
    };
  }
}

const { executions, stuck, leak } = inject('sample');
const say = (word: string): void => void writeSync(1, `${word}\n`);
let running = 0;
const serialOf = (id: string) => (id === 't' || id === 'u' ? { serial: true, togetherWith: 'event' } : { serial: id === 's' });

const engine: Engine = {
  execute: async (_check, { execution }, signal) => {
    running += 1;
    say(`start ${execution} ${running}`);
    await (stuck ? new Promise((resolve) => signal.addEventListener('abort', resolve)) : new Promise(setImmediate));
    running -= 1;
    say(`${signal.aborted ? 'aborted' : 'end'} ${execution}`);
    return { verdict: execution.includes('bad') ? 'fail' : 'pass' };
  },
};

registerExecutions({
  engine,
  checks: ['a', 'b', 's', 't', 'u'].map((id) => sampleCheck(() => Promise.resolve(), { id, ...serialOf(id) })),
  plan: Object.entries(executions).map(([id, names]) => ({
    ...sampleCheck(() => Promise.resolve(), { id, ...serialOf(id) }),
    file: `suites/${id}.ts`,
    executions: names.map((execution) => ({ execution, ...(execution.includes('@') ? { sabotage: 'any' } : {}) })),
  })),
  end: async () => {
    if (leak) await new Promise<void>((resolve) => void createServer().listen(0, '127.0.0.1', resolve));
    say('session ended');
  },
  emit: (event) => say(JSON.stringify(event)),
});
