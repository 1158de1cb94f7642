// SPDX-License-Identifier: Apache-2.0

/** One sample of a metrics page. */
export interface MetricSample {
  /** With its suffix where it has one: `request_duration_seconds_bucket`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `NaN` and the infinities included. */
  readonly value: number;
}

// A name, optionally labels whose values may hold anything (escaped quotes, braces), a value; a timestamp or an exemplar after it is of no interest.
const sampleLine = /^([A-Za-z_:][\w:]*)\s*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s+(\S+)/;
const label = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * The samples of a page in Prometheus' text format, in order. Comments are passed over, and so is any line that is no sample.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseMetrics(text: string): MetricSample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = sampleLine.exec(line.trim()) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, labels: parseLabels(labels), value: parseValue(value) }];
  });
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(label)].map(([, name = '', value = '']) => [name, unescape(value)]));
}

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function parseValue(value: string): number {
  const infinity = /^([+-]?)Inf$/i.exec(value);
  if (infinity === null) return Number(value);
  return infinity[1] === '-' ? -Infinity : Infinity;
}
