// SPDX-License-Identifier: Apache-2.0

/** One token of a stream that is checked: it says which one it is, and when its server sent it. */
export interface Frame {
  /** From 0. */
  readonly number: number;
  /** From the server's reading of the request to its sending of this frame, in milliseconds, by the server's own clock: what no gateway added. */
  readonly heldMs: number;
}

/** A frame as the text of a token, which every provider's protocol and every translation between them carries: `17:25031 `, with microseconds. */
export const frameText = ({ number, heldMs }: Frame): string => `${number}:${Math.round(1000 * heldMs)} `;

/** Reads a text that is one whole frame, or several; undefined if it is anything else, a part of one too. */
export function framesIn(text: string): readonly Frame[] | undefined {
  if (!/^(?:\d{1,9}:\d{1,12} )+$/.test(text)) return undefined;
  return text
    .trimEnd()
    .split(' ')
    .map((frame) => {
      const [number = '', heldUs = ''] = frame.split(':');
      return { number: Number(number), heldMs: Number(heldUs) / 1000 };
    });
}
