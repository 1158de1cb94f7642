// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetrics } from './metrics.ts';

describe('parseMetrics', () => {
  it('reads what a controller writes', () => {
    const page = `# HELP kgateway_envoy_xds_rejects_total Total number of xDS responses rejected by envoy
# TYPE kgateway_envoy_xds_rejects_total counter
kgateway_envoy_xds_rejects_total{name="http",namespace="default",type_url="type.googleapis.com/envoy.config.listener.v3.Listener"} 3
go_goroutines 212
request_seconds_bucket{le="+Inf"} 1.5e+03 1700000000000
`;
    expect(parseMetrics(page)).toEqual([
      {
        name: 'kgateway_envoy_xds_rejects_total',
        labels: { name: 'http', namespace: 'default', type_url: 'type.googleapis.com/envoy.config.listener.v3.Listener' },
        value: 3,
      },
      { name: 'go_goroutines', labels: {}, value: 212 },
      { name: 'request_seconds_bucket', labels: { le: '+Inf' }, value: 1500 },
    ]);
  });

  it('reads the values that are no numbers', () => {
    expect(parseMetrics('a NaN\nb +Inf\nc -Inf\nd Inf').map((sample) => sample.value)).toEqual([NaN, Infinity, -Infinity, Infinity]);
  });

  it('reads label values with anything in them, and a comma at the end', () => {
    expect(parseMetrics(String.raw`a{x="q\"}{ ,y=\"z\" \\ \n end", y="" ,} 1`)).toEqual([
      { name: 'a', labels: { x: 'q"}{ ,y="z" \\ \n end', y: '' }, value: 1 },
    ]);
  });

  it('passes over lines that are no samples', () => {
    expect(parseMetrics('<html>\n\nb{unclosed="x 1\n# a 1\nlonely')).toEqual([]);
  });

  it('reads back every label value and number that was written', () => {
    const name = fc.stringMatching(/^[a-z_:][a-z0-9_:]{0,10}$/);
    const labels = fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/),
      fc.string({ unit: 'grapheme' }).filter((value) => !/[\r\u2028\u2029]/.test(value)),
      { noNullPrototype: true },
    );
    const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    fc.assert(
      fc.property(fc.array(fc.record({ name, labels, value: fc.double() })), (samples) => {
        const lines = samples.map((sample) => {
          const pairs = Object.entries(sample.labels).map(([key, value]) => `${key}="${escape(value)}"`);
          return `${sample.name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${String(sample.value).replace('Infinity', 'Inf')}`;
        });
        expect(parseMetrics(lines.join('\n')).map((sample) => sample.labels)).toEqual(samples.map((sample) => sample.labels));
        expect(parseMetrics(lines.join('\n')).map((sample) => String(sample.value))).toEqual(samples.map((sample) => String(sample.value)));
      }),
    );
  });
});
