// SPDX-License-Identifier: Apache-2.0
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { framesIn } from '../../harness/bench/streaming/frame.ts';
import { Instance } from '../instance/instance.ts';
import type { LlmProgram } from './behaviour.ts';
import { llmKind } from './server.ts';

/* The client is OpenAI's own. */

let server: Instance;
let client: OpenAI;

beforeEach(async () => {
  server = await Instance.open(llmKind, {}, { name: 'llm', address: '127.0.0.1', ports: () => 0 });
  client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.port}/v1`, maxRetries: 0 });
});

afterEach(() => server[Symbol.asyncDispose]());

const program = (behaviour: LlmProgram): void => server.program(behaviour);
const messages = [{ role: 'user' as const, content: 'Count.' }];
const numbers = (text: string): readonly number[] => (framesIn(text) ?? []).map(({ number }) => number);

describe('a completion', () => {
  it('is whole, with usage', async () => {
    program({ frames: 3, promptTokens: 11 });
    const { choices, usage, model } = await client.chat.completions.create({ model: 'm-1', messages });
    expect(numbers(choices[0]?.message.content ?? '')).toEqual([0, 1, 2]);
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage).toEqual({ prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 });
    expect(model).toBe('m-1');
  });

  it('is streamed, token by token, with usage at the end if asked for', async () => {
    program({ frames: 3 });
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true, stream_options: { include_usage: true } });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual([
      '',
      ...[0, 1, 2].map(() => expect.any(String) as string),
      undefined,
      undefined,
    ]);
    expect(chunks.flatMap(({ choices }) => numbers(choices[0]?.delta.content ?? ''))).toEqual([0, 1, 2]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(8);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('is put together by the SDK', async () => {
    program({ frames: 5, gapMs: 1 });
    const final = await client.chat.completions.stream({ model: 'm', messages }).finalChatCompletion();
    expect(numbers(final.choices[0]?.message.content ?? '')).toEqual([0, 1, 2, 3, 4]);
  });

  it('is recorded', async () => {
    await client.chat.completions.create({ model: 'm', messages }, { headers: { 'x-gauntlet-id': 'id-1' } });
    expect(server.arrivals('id-1')).toMatchObject([{ method: 'POST', path: '/v1/chat/completions' }]);
  });

  it('ends with its client', async () => {
    program({ frames: 1000, gapMs: 1000 });
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content !== '') break;
    expect(server.arrivals()).toHaveLength(1);
  });
});

describe('a request that is none', () => {
  it.each([{ model: '' }, { messages: [] }])('is refused as the original does: %o', async (wrong) => {
    await expect(client.chat.completions.create({ model: 'm', messages, ...wrong })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    });
  });

  it('of a path that is not there is 404', async () => {
    await expect(client.models.list()).rejects.toMatchObject({ status: 404 });
  });
});
