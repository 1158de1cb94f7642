// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import type { StreamRequest } from '../../harness/lifecycle/streams.ts';
import type { PolicyIntent } from '../../fixtures/policies/intents.ts';
import type { PeerFixture } from '../../mocks/peers.ts';
import type { Level } from './levels.ts';
import type { Stage } from './stage.ts';

/** A policy whose life is watched. */
export interface PolicyRow {
  /** First part of the id of its cells. */
  readonly id: string;
  readonly title: string;
  /** A row of `suites/features.ts`; a target without it does not have the cells. */
  readonly feature: string;
  /** Why it cannot be attached somewhere, by level. */
  readonly cannot: Partial<Readonly<Record<Level, string>>>;
  /** Which kind of server it asks. */
  readonly peer?: 'asks' | 'fetches-keys';
  /** Kinds of the objects that it refers to. */
  readonly references: readonly ('Secret' | 'GatewayExtension')[];
  /** What the cell needs of it, with new credentials. */
  prepare(stage: Stage): Promise<PreparedPolicy>;
}

/** A policy with credentials, for one cell. */
export interface PreparedPolicy {
  readonly intent: PolicyIntent;
  /** The same with a difference that forbids and allows the same requests: what an edit makes of it. */
  readonly edited: PolicyIntent;
  /** Requests that carry nothing, or something that is wrong: forbidden whenever the policy is in force. */
  readonly anonymous: StreamRequest;
  readonly wrong: StreamRequest;
  readonly allowed: StreamRequest;
  /** So many forbidden requests may pass; 0 by default. */
  readonly allowance?: number;
  /** The server that it asks, and how to bring it back to what it was. */
  readonly server?: { readonly peer: PeerFixture<never>; readonly restore: () => Promise<void> };
}

/** A resource with every value in it replaced by something unreadable. */
export type Corruption = (resource: Resource) => Resource;
