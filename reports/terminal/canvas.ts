// SPDX-License-Identifier: Apache-2.0
import { pad } from './layout.ts';
import type { Style } from './style.ts';

/** What every part of the summary is drawn with. */
export interface Canvas {
  readonly style: Style;
  /** Width in characters. */
  readonly width: number;
  /** The run's folder as the reader would type it: `out/20261122-120000-k3v9`. */
  readonly runDirectory: string;
}

const labelWidth = 13;

/** A line of label and text. */
export function row(label: string, text: string, { style }: Canvas): string {
  return `${style('quiet', pad(label, labelWidth))}${text}`;
}
