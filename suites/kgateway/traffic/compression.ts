// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, body, header, holds, reached } from '../../../harness/check/matchers.ts';
import type { EchoDescription } from '../../../mocks/echo/behaviour.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const compressed = 'an answer is compressed for a client that takes gzip';
const plain = 'an answer is left as it is for a client that does not take gzip';
const image = 'an answer that is no text is left as it is';
const decompressed = 'the backend gets a compressed request decompressed';
const sibling = 'a route without the policy compresses and decompresses nothing';

const text = 'Lorem ipsum dolor sit amet. '.repeat(40);
const gzip = 'gzip';

export default defineCheck({
  id: 'compression',
  title: 'Answers are compressed for clients that take gzip, and compressed requests reach the backend decompressed',
  feature: 'traffic.buffering',
  priority: 'P1',
  specification: [
    envoyDocs('Compressor', 'configuration/http/http_filters/compressor_filter'),
    envoyDocs('Decompressor', 'configuration/http/http_filters/decompressor_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/compression.go'),
  ],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: compressed },
    { name: 'requests-left-out', title: 'The policy does not decompress requests', breaks: decompressed },
    { name: 'on-the-sibling-too', title: 'The sibling has the same policy', breaks: sibling },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
    const hosts = { app: hostname(), sibling: hostname('sibling') };
    await echo.program({ answerPerRequest: true });
    const route = httpRoute('app').on(gateway).host(hosts.app).rule({ to: echo.service });
    const other = httpRoute('sibling').on(gateway).host(hosts.sibling).rule({ to: echo.service });
    const compression = { responseCompression: {}, ...(sabotaged('requests-left-out') ? {} : { requestDecompression: {} }) };
    const targets = [route, ...(sabotaged('on-the-sibling-too') ? [other] : [])];
    await apply.subject(trafficPolicy('compression', targets, { compression }));
    await apply(route, other);
    /** Asks for the text, as text or as something else. */
    const get = (host: string, takes: string, type = 'text/plain') => {
      const answer = JSON.stringify({ body: text, headers: { 'content-type': type } });
      return gateway.get('/', { host, headers: { 'accept-encoding': takes, 'x-gauntlet-answer': answer } });
    };
    const post = (host: string) =>
      gateway.send({
        method: 'POST',
        host,
        headers: { 'content-encoding': gzip, 'content-type': 'text/plain' },
        body: gzipSync(text).toString('base64'),
        bodyEncoding: 'base64',
      });

    await expect.eventually(compressed, async () => {
      const exchange = await get(hosts.app, gzip);
      await reached(exchange, echo);
      header(exchange, 'content-encoding', gzip);
      header(exchange, 'vary', /accept-encoding/i);
      const seen = exchange.response?.body ?? '';
      holds(seen.startsWith('\u001f') && seen.length < text.length / 2, 'a body in gzip', 'another', exchange);
    });

    const unchanged = async (...parameters: Parameters<typeof get>) => {
      const exchange = await get(...parameters);
      await reached(exchange, echo);
      header(exchange, 'content-encoding', absent);
      body(exchange, text);
    };
    await expect.eventually(plain, () => unchanged(hosts.app, 'identity'));
    await expect.eventually(image, () => unchanged(hosts.app, gzip, 'image/png'));

    await expect.eventually(decompressed, async () => {
      const exchange = await post(hosts.app);
      header(await reached(exchange, echo), 'content-encoding', absent);
      const { body: seen } = JSON.parse(exchange.response?.body ?? '') as EchoDescription;
      holds(seen === text, 'the text at the backend', 'another', exchange);
    });

    await expect.eventually(sibling, async () => {
      await unchanged(hosts.sibling, gzip);
      header(await reached(await post(hosts.sibling), echo), 'content-encoding', gzip);
    });
  },
});
