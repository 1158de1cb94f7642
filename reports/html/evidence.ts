// SPDX-License-Identifier: Apache-2.0
import type { ExecutionResult } from '../../harness/run/document.ts';
import type { RenderContext } from '../renderer.ts';
import { charactersShown, excerpt, jsonExcerpt } from './excerpt.ts';
import { fileLink, html, isInsideRun, type Markup } from './markup.ts';
import { tag } from './parts.ts';

type Evidence = ExecutionResult['evidence'][number];

/** Characters of evidence in one page; beyond that it is linked only, so that the page of a bad day still opens. */
const charactersOfPage = 3_000_000;

const sides: Readonly<Record<Evidence['side'], string>> = {
  client: 'client',
  peer: 'backend',
  gateway: 'gateway',
  controller: 'controller',
  api: 'API server',
  check: 'check',
};

/** Reads evidence for one page, within the page's limit. */
export interface EvidenceReader {
  read(evidence: Evidence): Promise<string | undefined>;
}

/** A reader for one page. */
export function evidenceReader({ readEvidence }: RenderContext): EvidenceReader {
  let left = charactersOfPage;
  return {
    read: async ({ file }) => {
      if (left <= 0 || !isInsideRun(file)) return undefined;
      const text = await readEvidence(file);
      left -= Math.min(text?.length ?? 0, charactersShown);
      return text;
    },
  };
}

/** The evidence of an execution: what the client and the backend saw side by side and open, the rest below. */
export async function evidenceOf(execution: ExecutionResult, reader: EvidenceReader): Promise<Markup | undefined> {
  if (execution.evidence.length === 0) return undefined;
  const pieces: Markup[] = [];
  const opened = new Set<Evidence['side']>();
  for (const evidence of bySide(execution.evidence)) {
    const isEnd = evidence.side === 'client' || evidence.side === 'peer';
    pieces.push(piece(evidence, await reader.read(evidence), isEnd && !opened.has(evidence.side)));
    opened.add(evidence.side);
  }
  return html`<div class="evidence">${pieces}</div>`;
}

const sideOrder: readonly Evidence['side'][] = ['client', 'peer', 'gateway', 'controller', 'api', 'check'];

/** By how near it is to what was asserted; of each side in the order it was gathered. The first of both ends come first. */
function bySide(evidence: readonly Evidence[]): readonly Evidence[] {
  const sorted = evidence.toSorted((a, b) => sideOrder.indexOf(a.side) - sideOrder.indexOf(b.side));
  const ends = ['client', 'peer'].flatMap((side) => sorted.find((one) => one.side === side) ?? []);
  return [...ends, ...sorted.filter((one) => !ends.includes(one))];
}

function piece(evidence: Evidence, text: string | undefined, open: boolean): Markup {
  const head = html`${tag(sides[evidence.side], evidence.side)}<span class="evidence-title">${evidence.title}</span>`;
  if (text === undefined) return html`<div class="piece linked">${head}<span class="file">${fileLink(evidence.file)}</span></div>`;
  const { shown, remark } =
    evidence.contentType === 'application/json' ? jsonExcerpt(text) : excerpt(text, isLog(evidence) ? 'end' : 'start');
  return html`<details class="piece" ${open ? html`open` : undefined}>
    <summary>${head}</summary>
    <pre tabindex="0"><code>${shown}</code></pre>
    <p class="file">${remark === undefined ? undefined : html`${remark}, whole in `}${fileLink(evidence.file)}</p>
  </details>`;
}

/** Logs tell most at their end. */
const isLog = ({ side, contentType }: Evidence): boolean => contentType === 'text/plain' && (side === 'gateway' || side === 'controller');
