// SPDX-License-Identifier: Apache-2.0
import { renderHtml } from './html/page.ts';
import { renderJson } from './json/json.ts';
import { renderJunit } from './junit/junit.ts';
import { renderMarkdown } from './markdown/summary.ts';
import type { Renderer } from './renderer.ts';

export type { RenderContext, Renderer } from './renderer.ts';
export { createProgress, type Progress, type ProgressOptions, type ProgressStream } from './terminal/progress.ts';
export { hasColour } from './terminal/style.ts';
export { renderSummary, type SummaryOptions } from './terminal/summary.ts';

/** Every report that is written into the run's folder. */
export const renderers: readonly Renderer[] = [
  { name: 'html', file: 'report.html', render: renderHtml },
  { name: 'json', file: 'report.json', render: renderJson },
  { name: 'junit', file: 'junit.xml', render: renderJunit },
  { name: 'markdown', file: 'summary.md', render: renderMarkdown },
];
