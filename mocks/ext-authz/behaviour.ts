// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { headerNameSchema, headerValueSchema } from '../http/headers.ts';

/** Says on an answer, and on a request let through, how the check went. The name is that of Istio's sample server. */
const resultHeader = 'x-ext-authz-check-result';

/** An arrival's `context` has this name if the request was let through because of `openForMs`. */
export const openedContext = 'opened-by-force';

/** How an authorization server decides. */
export const extAuthzBehaviourSchema = z.strictObject({
  /** Decides alike for every request, whatever `allowWhen` says. */
  always: z.enum(['allow', 'deny']).exactOptional(),
  /** Allows requests that carry this header with exactly this value, denies all others. `x-ext-authz: allow` by default. */
  allowWhen: z.strictObject({ header: headerNameSchema, equals: headerValueSchema }).default({ header: 'x-ext-authz', equals: 'allow' }),
  /** Set on a request that is let through, in place of what the client sent. `x-ext-authz-check-result: allowed` by default. */
  addHeaders: z.record(headerNameSchema, headerValueSchema).default({ [resultHeader]: 'allowed' }),
  /** Taken off a request that is let through; none by default. */
  removeHeaders: z.array(headerNameSchema).default([]),
  /** Status of a denial, 403 by default. */
  deniedStatus: z.int().min(400).max(599).default(403),
  /** Set on a denial. `x-ext-authz-check-result: denied` by default. */
  deniedHeaders: z.record(headerNameSchema, headerValueSchema).default({ [resultHeader]: 'denied' }),
  /** Body of a denial. */
  deniedBody: z.string().max(65_536).default('denied by ext_authz\n'),
  /** Between the question and the answer; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
  /** For so long after it was programmed, everyone is let through: a hole of known size, to see whether it is found. None by default. */
  openForMs: z.number().min(0).max(60_000).default(0),
});

/** How an authorization server decides, defaults filled in. */
export type ExtAuthzBehaviour = z.infer<typeof extAuthzBehaviourSchema>;
/** How an authorization server is programmed: everything may be left out. */
export type ExtAuthzProgram = z.input<typeof extAuthzBehaviourSchema>;

/** The present behaviour of a server, and since when. */
export class Decisions {
  #behaviour: ExtAuthzBehaviour;
  #openUntil = 0;

  constructor(behaviour: ExtAuthzBehaviour) {
    this.#behaviour = behaviour;
    this.program(behaviour);
  }

  get behaviour(): ExtAuthzBehaviour {
    return this.#behaviour;
  }

  program(behaviour: ExtAuthzBehaviour): void {
    this.#behaviour = behaviour;
    this.#openUntil = performance.now() + behaviour.openForMs;
  }

  /** The arrival of a question, marked if everyone is let through now. */
  marked(arrival: Arrival): Arrival {
    return performance.now() < this.#openUntil ? { ...arrival, context: { ...arrival.context, [openedContext]: 'true' } } : arrival;
  }

  /** Whether a request that arrived like this (names of headers in lower case) is let through. */
  isAllowed({ headers, context }: Pick<Arrival, 'headers' | 'context'>): boolean {
    const { always, allowWhen } = this.#behaviour;
    if (context?.[openedContext] !== undefined) return true;
    if (always !== undefined) return always === 'allow';
    const values = headers[allowWhen.header.toLowerCase()] ?? [];
    return values.length === 1 && values[0] === allowWhen.equals;
  }
}
