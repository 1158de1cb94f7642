// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { StreamRequest } from '../../harness/lifecycle/streams.ts';
import type { ProbeEndpoint } from '../../harness/probe/exchange.ts';
import { shellQuote } from '../../harness/probe/shell-quote.ts';

/** A shell script that sends a request again and again with curl, and says when one was answered with 200. */
export function attackScript({ address, port }: ProbeEndpoint, host: string, { method, path = '/', headers, tls }: StreamRequest): string {
  const literal = isIP(address) === 6 ? `[${address}]` : address;
  const name = tls?.serverName ?? host;
  const url = tls === undefined ? `http://${host}:${port}${path}` : `https://${name}:${port}${path}`;
  const options = [
    `--connect-to ::${literal}:${port}`,
    ...(tls === undefined ? [] : ['--insecure']),
    ...(method === undefined ? [] : [`--request ${shellQuote(method)}`]),
    ...Object.entries({ host, ...headers }).map(([field, value]) => `--header ${shellQuote(`${field}: ${value}`)}`),
  ];
  return `#!/bin/sh
# The same forbidden request without pause, until it is interrupted, eight at a time and each over a connection of its own; with the argument "kept",
# 100 a second over a connection that stays. Each line is one that was answered with 200, which must not be while the policy is in force: look for it in
# the log of the backend. An opening of a millisecond may take several rounds. It takes a curl of 7.84 or newer.
send() {
  curl --silent --no-progress-meter --output /dev/null --max-time 2 --write-out '%{stderr}%{http_code}\\n' ${options.join(' ')} "$@" 2>&1
}
if [ "$1" = kept ]; then
  send --rate 100/s ${shellQuote(`${url}#[1-1000000]`)}
else
  while :; do send --parallel --parallel-immediate --parallel-max 8 --header 'connection: close' ${shellQuote(`${url}#[1-10000]`)}; done
fi | while read -r status; do
  case $status in
    200) date '+%T.%3N  200' ;;
    [0-9][0-9][0-9]) ;;
    *) echo "$status" >&2 && exit 1 ;;
  esac
done
`;
}
