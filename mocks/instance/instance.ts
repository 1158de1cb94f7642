// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';
import { ArrivalRing, type RingLimits } from './arrival-ring.ts';
import type { Fault } from './fault.ts';
import { Gate } from './gate.ts';
import type { PeerKind, PeerServer } from './peer-kind.ts';
import type { PortSource } from './port-source.ts';
import { currentTls, type Handshakes } from './tls-front.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What an instance is opened with. */
export interface InstanceOptions {
  readonly name: string;
  /** Address to listen on. */
  readonly address: string;
  readonly ports: PortSource;
  /** What it remembers at most; {@link ArrivalRing}'s defaults if absent. */
  readonly limits?: RingLimits;
}

/** One peer of one check: a port, a behaviour and a record of its own. */
export class Instance implements AsyncDisposable {
  readonly name: string;
  readonly #ring: ArrivalRing;
  readonly #program: (behaviour: unknown) => void;
  readonly #server: PeerServer<never>;
  readonly #gate: Gate;

  private constructor(name: string, ring: ArrivalRing, server: PeerServer<never>, program: (behaviour: unknown) => void, gate: Gate) {
    this.name = name;
    this.#ring = ring;
    this.#server = server;
    this.#program = program;
    this.#gate = gate;
  }

  /**
   * Opens an instance of a kind.
   *
   * @throws ZodError for a behaviour that the kind does not have.
   */
  static async open<Behaviour>(kind: PeerKind<Behaviour>, behaviour: unknown, options: InstanceOptions): Promise<Instance> {
    const ring = new ArrivalRing(options.limits);
    const server = kind.create({ name: options.name, record: (arrival) => ring.add(withTls(arrival)) }, kind.behaviour.parse(behaviour));
    const program = (next: unknown): void => server.program(kind.behaviour.parse(next));
    const gate = await Gate.open({ address: options.address, ports: options.ports, accept: (connection) => server.accept(connection) });
    return new Instance(options.name, ring, server, program, gate);
  }

  get port(): number {
    return this.#gate.port;
  }

  get fault(): Fault {
    return this.#gate.fault;
  }

  /** How many connections were accepted so far. */
  get connections(): number {
    return this.#gate.connections;
  }

  /** What came of TLS handshakes; absent if it serves no TLS. */
  get handshakes(): Handshakes | undefined {
    return this.#gate.handshakes;
  }

  /** How many arrivals were forgotten for want of room. */
  get dropped(): number {
    return this.#ring.dropped;
  }

  /** What arrived, oldest first: all, or the arrivals of one request id. */
  arrivals(id?: string): readonly Arrival[] {
    return this.#ring.list(id);
  }

  /** Begins a new record. */
  forgetArrivals(): void {
    this.#ring.clear();
  }

  /**
   * Behaves like this from the next request on; what is left out is back at its default.
   *
   * @throws ZodError for a behaviour that the kind does not have.
   */
  program(behaviour: unknown): void {
    this.#program(behaviour);
  }

  /** Puts a fault in place of the present one, cutting established connections. */
  setFault(fault: Fault): Promise<void> {
    return this.#gate.setFault(fault);
  }

  /** Serves TLS like this from now on, or not at all, cutting established connections. */
  setTls(settings: TlsSettings | undefined): void {
    this.#gate.setTls(settings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gate.close();
    this.#server.close();
  }
}

/** A server knows nothing of the TLS in front of it. */
function withTls(arrival: Arrival): Arrival {
  const tls = currentTls();
  return tls === undefined ? arrival : { ...arrival, tls };
}
