// SPDX-License-Identifier: Apache-2.0
import { http, HttpResponse, type HttpHandler } from 'msw/http';
import { z } from 'zod';
import { readAtHeader } from '../http/fetch-endpoint.ts';
import { faultFor, type LlmBehaviour } from './behaviour.ts';
import { tokens } from './token-stream.ts';

const requestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
});

type ChatRequest = z.infer<typeof requestSchema>;

/**
 * OpenAI's chat completions as a handler of msw.
 *
 * @param behaviour - asked for each request
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export const openAiHandlers = (behaviour: () => LlmBehaviour): readonly HttpHandler[] => [
  http.post('*/v1/chat/completions', async ({ request }) => {
    const startedAt = Number(request.headers.get(readAtHeader) ?? performance.now());
    const asked = requestSchema.safeParse(await request.json().catch(() => undefined));
    if (!asked.success) return invalidRequest(z.prettifyError(asked.error));
    const now = behaviour();
    const batches = tokens(now, faultFor(now, request.headers), startedAt, request.signal);
    if (asked.data.stream === true) return eventStream(events(asked.data, now, batches));
    return HttpResponse.json(await completion(asked.data, now, batches));
  }),
];

const invalidRequest = (message: string): Response =>
  HttpResponse.json({ error: { message, type: 'invalid_request_error', param: null, code: null } }, { status: 400 });

const usageOf = ({ promptTokens, frames }: LlmBehaviour) => ({
  prompt_tokens: promptTokens,
  completion_tokens: frames,
  total_tokens: promptTokens + frames,
});

const headOf = (object: string, { model }: ChatRequest) => ({
  id: `chatcmpl-${crypto.randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model,
});

async function completion(asked: ChatRequest, now: LlmBehaviour, batches: AsyncIterable<readonly string[]>): Promise<object> {
  const texts: string[] = [];
  for await (const batch of batches) texts.push(...batch);
  const message = { role: 'assistant', content: texts.join(''), refusal: null };
  return {
    ...headOf('chat.completion', asked),
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: usageOf(now),
  };
}

/** The chunks of a stream; as the original, it opens with an empty one that tells the role. */
async function* events(asked: ChatRequest, now: LlmBehaviour, batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  const head = headOf('chat.completion.chunk', asked);
  const event = (data: object): string => `data: ${JSON.stringify({ ...head, ...data })}\n\n`;
  const chunk = (delta: object, finish_reason: 'stop' | null = null): string =>
    event({ choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  yield chunk({ role: 'assistant', content: '' });
  for await (const batch of batches) yield batch.map((content) => chunk({ content })).join('');
  yield chunk({}, 'stop');
  if (asked.stream_options?.include_usage === true) yield event({ choices: [], usage: usageOf(now) });
  yield 'data: [DONE]\n\n';
}

function eventStream(texts: AsyncIterable<string>): Response {
  const body = ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
  return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' } });
}
