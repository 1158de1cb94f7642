// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import type { ProbeEndpoint, ProxyHeader } from './exchange.ts';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const stream = { version: 0x20, proxyCommand: 0x01, tcpOverIPv4: 0x11, tcpOverIPv6: 0x21 } as const;
/** Port that the connection is said to come from. */
const sourcePort = 56_324;

/**
 * What a proxy sends in front of everything else to say whose connection it passes on.
 *
 * @see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt
 */
export function proxyHeader({ version, source }: ProxyHeader, { address, port }: ProbeEndpoint): Buffer {
  const isV6 = isIPv6(source);
  const destination = isIPv6(address) === isV6 ? address : isV6 ? '::1' : '127.0.0.1';
  if (version === 1) return Buffer.from(`PROXY ${isV6 ? 'TCP6' : 'TCP4'} ${source} ${destination} ${sourcePort} ${port}\r\n`, 'latin1');
  const addresses = Buffer.concat([packed(source), packed(destination), sixteenBits(sourcePort), sixteenBits(port)]);
  const family = isV6 ? stream.tcpOverIPv6 : stream.tcpOverIPv4;
  return Buffer.concat([signature, Buffer.of(stream.version | stream.proxyCommand, family), sixteenBits(addresses.length), addresses]);
}

function sixteenBits(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

/** An address as it stands in a packet. */
function packed(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string): string[] => part.split(':').filter((group) => group !== '');
  const between = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: between }, () => '0'), ...groups(tail)];
  return Buffer.concat(all.map((group) => sixteenBits(Number.parseInt(group, 16))));
}
