// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** How a provider of models streams: what is asked, and what its events say. */
export interface StreamingProvider {
  readonly path: string;
  /** A request for a stream, as JSON. */
  readonly body: string;
  /**
   * What an event says: text of the model, which is empty in chunks that only open a message; the end; or nothing of either kind (usage, a ping).
   *
   * @throws SyntaxError, ZodError for an event that is none of the provider's.
   */
  readonly read: (event: { readonly event?: string | undefined; readonly data: string }) => { readonly text: string } | 'end' | 'other';
}

const chunkSchema = z.object({
  object: z.literal('chat.completion.chunk'),
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() })),
});

/**
 * Chat completions, as OpenAI defined them and most servers of models speak them.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const chatCompletions: StreamingProvider = {
  path: '/v1/chat/completions',
  body: JSON.stringify({ model: 'gauntlet', stream: true, messages: [{ role: 'user', content: 'Count.' }] }),
  read: ({ data }) => {
    if (data === '[DONE]') return 'end';
    const [choice] = chunkSchema.parse(JSON.parse(data)).choices;
    return choice === undefined || typeof choice.finish_reason === 'string' ? 'other' : { text: choice.delta.content ?? '' };
  },
};

/** Providers by name: a name crosses into a thread. */
export const providers = { chatCompletions } as const satisfies Record<string, StreamingProvider>;

/** Name of one of {@link providers}. */
export type ProviderName = keyof typeof providers;
