// SPDX-License-Identifier: Apache-2.0
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { framesIn, type Frame } from './frame.ts';
import type { StreamingProvider } from './provider.ts';

/** A frame that came, and when: milliseconds from when its stream was to be asked for. */
export interface FrameSeen extends Frame {
  readonly atMs: number;
}

/** What came of one stream. Milliseconds count from when it was to be asked for, not from when it was. */
export interface StreamSeen {
  /** Absent if no answer came. */
  readonly status?: number;
  /** Why the stream did not come to its end: an error code of the system, or of Node's. */
  readonly error?: string;
  /** First event, with or without text. */
  readonly firstEventMs: number | null;
  /** First event with text: some send an empty one at once, which is no token. */
  readonly firstTokenMs: number | null;
  /** In the order in which they came. */
  readonly frames: readonly FrameSeen[];
  /** Frames that came in an event with others. */
  readonly merged: number;
  /** Frames of which several events had a part each. */
  readonly split: number;
  /** Events, or texts, that cannot be read. */
  readonly garbled: number;
  /** Whether its server's mark of the end came. */
  readonly ended: boolean;
}

/** Reads a stream of server-sent events from the bytes that come, as they come. */
export class StreamReader {
  readonly #provider: StreamingProvider;
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    onEvent: (event) => this.#read(event),
    onError: () => {
      this.#garbled += 1;
    },
  });
  readonly #frames: FrameSeen[] = [];
  #firstEventMs: number | null = null;
  #firstTokenMs: number | null = null;
  #merged = 0;
  #split = 0;
  #garbled = 0;
  #ended = false;
  /** Text that is not yet a whole frame, and of how many events. */
  #torn = '';
  #pieces = 0;
  #nowMs = 0;

  constructor(provider: StreamingProvider) {
    this.#provider = provider;
  }

  /** Takes bytes that came at this time. */
  feed(bytes: Uint8Array, atMs: number): void {
    this.#nowMs = atMs;
    this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What came of it, once nothing more comes. */
  end(how: Pick<StreamSeen, 'status' | 'error'>): StreamSeen {
    return {
      ...how,
      firstEventMs: this.#firstEventMs,
      firstTokenMs: this.#firstTokenMs,
      frames: this.#frames,
      merged: this.#merged,
      split: this.#split,
      garbled: this.#garbled + (this.#torn === '' ? 0 : 1),
      ended: this.#ended,
    };
  }

  #read(event: EventSourceMessage): void {
    this.#firstEventMs ??= this.#nowMs;
    try {
      const said = this.#provider.read(event);
      if (said === 'end') this.#ended = true;
      else if (said !== 'other' && said.text !== '') this.#take(said.text);
    } catch {
      this.#garbled += 1;
    }
  }

  #take(text: string): void {
    this.#firstTokenMs ??= this.#nowMs;
    this.#torn += text;
    this.#pieces += 1;
    const frames = framesIn(this.#torn);
    if (frames === undefined) return;
    if (this.#pieces > 1) this.#split += 1;
    if (frames.length > 1) this.#merged += frames.length;
    for (const frame of frames) this.#frames.push({ ...frame, atMs: this.#nowMs });
    this.#torn = '';
    this.#pieces = 0;
  }
}
