// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../harness/run/document.ts';

/** What a renderer may read besides the document. */
export interface RenderContext {
  /** The text of an evidence file, by its path relative to the run's folder; undefined when it is gone. */
  readonly readEvidence: (file: string) => Promise<string | undefined>;
}

/** One way to write a run down. Adding one is a file, and a line in `index.ts`. */
export interface Renderer {
  readonly name: string;
  /** Name of its file in the run's folder. */
  readonly file: string;
  readonly render: (document: RunDocument, context: RenderContext) => string | Promise<string>;
}
