// SPDX-License-Identifier: Apache-2.0
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import type { ProbeTls } from '../../../harness/probe/exchange.ts';
import { certificateAuthority, certificateHash } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const version = 'a minimum version holds: TLS 1.3 is spoken, TLS 1.2 is refused';
const cipher = 'cipher suites hold: the right one is spoken, another one is refused';
const alpn = 'protocols are offered by ALPN where the listener names them';
const noAlpn = 'and none are where it names none';
const hash = 'a pinned certificate is served, another one is refused';

export default defineCheck({
  id: 'tcptls-options',
  title: 'The TLS options of a listener hold for a TCPRoute as for HTTPS',
  feature: 'tls.listener-options',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'tcpEcho'],
  sabotages: [
    { name: 'no-version', title: 'The listener has no minimum version', breaks: version },
    { name: 'no-suites', title: 'The listener has no cipher suites', breaks: cipher },
    { name: 'no-protocols', title: 'The listener names no protocols', breaks: alpn },
    { name: 'protocols-named', title: 'The listener that names no protocols names some', breaks: noAlpn },
    { name: 'no-hash', title: 'The listener pins no certificate', breaks: hash },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, tcpEcho }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })));
    const issue = (name: string) => clients.issue({ name, usage: 'client' });
    const [alice, mallory] = await Promise.all([issue('alice'), issue('mallory')]);
    const listeners = {
      version: { isLeftOut: sabotaged('no-version'), 'min-tls-version': '1.3' },
      suites: { isLeftOut: sabotaged('no-suites'), 'cipher-suites': 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'no-protocols': { isLeftOut: false, ...(sabotaged('protocols-named') ? { 'alpn-protocols': 'gauntlet' } : {}) },
      protocols: { isLeftOut: sabotaged('no-protocols'), 'alpn-protocols': 'gauntlet' },
      hash: { isLeftOut: sabotaged('no-hash'), 'verify-certificate-hash': certificateHash(alice) },
    };
    const own = await gateways.own(
      Object.entries(listeners).reduce((built, [name, { isLeftOut, ...named }], index) => {
        const options = Object.fromEntries(Object.entries(named).map(([option, value]) => [`kgateway.dev/${option}`, value]));
        return built.listener({
          name,
          port: 9443 + index,
          protocol: 'TLS',
          certificates: ['server'],
          ...(isLeftOut ? {} : { options }),
        });
      }, gateway('stream')),
    );
    await apply(...Object.keys(listeners).map((name) => tcpRoute(name, { gateway: own, listener: name, to: tcpEcho.service })));
    const send = (listener: keyof typeof listeners, tls: ProbeTls) =>
      own.send({ host, tls: { ca: servers.certificate, ...tls }, tcp: 'hello' }, listener);
    const refuses = async (listener: keyof typeof listeners, tls: ProbeTls): Promise<void> =>
      refused(await send(listener, tls), { layers: ['tls'], before: tcpEcho });

    await expect.eventually(version, async () => {
      await reached(await send('version', { minVersion: 'TLSv1.3' }), tcpEcho);
      await refuses('version', { maxVersion: 'TLSv1.2' });
    });
    await expect.eventually(cipher, async () => {
      await reached(await send('suites', { maxVersion: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'] }), tcpEcho);
      await refuses('suites', { maxVersion: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] });
    });
    await expect.eventually(alpn, async () => {
      const exchange = await send('protocols', { alpn: ['other', 'gauntlet'] });
      await reached(exchange, tcpEcho);
      same('protocol', exchange.tls?.alpn ?? 'none', 'gauntlet');
    });
    await expect.eventually(noAlpn, async () => {
      const exchange = await send('no-protocols', { alpn: ['h2', 'http/1.1', 'gauntlet'] });
      await reached(exchange, tcpEcho);
      same('protocol', exchange.tls?.alpn ?? 'none', 'none');
    });
    await expect.eventually(hash, async () => {
      await reached(await send('hash', alice), tcpEcho);
      await refuses('hash', mallory);
    });
  },
});
