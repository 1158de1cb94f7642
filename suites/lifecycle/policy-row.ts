// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import type { StreamRequest } from '../../harness/lifecycle/streams.ts';
import type { Duration } from '../../harness/units.ts';
import type { PolicyIntent } from '../../fixtures/policies/intents.ts';
import type { PeerFixture } from '../../mocks/peers.ts';
import type { CellContext } from './define-cell.ts';
import type { Level } from './levels.ts';
import type { Stage, StageListener } from './stage.ts';

/** Names of a cell's policy: from the beginning, and of the one that takes its place. */
export const policyNames = { original: 'policy', next: 'policy-next' } as const;

/** A policy whose life is watched. */
export interface PolicyRow {
  /** First part of the id of its cells. */
  readonly id: string;
  readonly title: string;
  /** Among those that a pull request is asked about. `false` by default. */
  readonly telling?: true;
  /** A row of `suites/features.ts`; a target without it does not have the cells. */
  readonly feature: string;
  /** Why it cannot be attached somewhere, by level. */
  readonly cannot: Partial<Readonly<Record<Level, string>>>;
  /** Whether it asks a server for each request, for its keys, or only while someone logs in. */
  readonly peer?: 'asks' | 'fetches-keys' | 'logs-in';
  /** Kinds of the objects that it refers to. */
  readonly references: readonly ('Secret' | 'GatewayExtension' | 'ConfigMap')[];
  /** It is a {@link PartOfStage}, of which there is one, so that no second one can stand beside it. */
  readonly isPart?: true;
  /** Where its cells play; `http` by default. */
  readonly listener?: StageListener;
  /** What the cell needs of it, with new credentials. */
  prepare(stage: Stage, cell: CellSurroundings): Promise<PreparedPolicy>;
}

/** What of a cell its policy may need before anything of the cell is written. */
export interface CellSurroundings extends Pick<CellContext, 'apply' | 'kube' | 'probe' | 'policies' | 'budgets' | 'signal'> {
  /** The host of the cell's routes. */
  readonly host: string;
}

/** A policy that the standard has itself, as a part of an object of the stage: it comes, changes and goes, and the object stays. */
export interface PartOfStage {
  readonly part: { readonly with: Resource; readonly without: Resource };
  /** What the part refers to by name. */
  readonly supporting: readonly Resource[];
}

/** A policy as a cell writes it: an intent that the gateway's dialect renders for the level, or resources that are the same for every gateway. */
export type PolicyForm = PolicyIntent | PartOfStage;

/** A policy with credentials, for one cell. */
export interface PreparedPolicy {
  readonly intent: PolicyForm;
  /** The same with a difference that forbids and allows the same requests: what an edit makes of it. */
  readonly edited: PolicyForm;
  /** Requests that carry nothing, or something that is wrong: forbidden whenever the policy is in force. */
  readonly anonymous: StreamRequest;
  readonly wrong: StreamRequest;
  readonly allowed: StreamRequest;
  /** Further routes of the cell, which the policy does not cover. */
  readonly beside?: readonly Resource[];
  /** So many forbidden requests may pass; 0 by default. */
  readonly allowance?: number;
  /** The same from before a rotation: what `wrong` carries is let through, and what `allowed` carries is not. */
  readonly outdated?: PolicyForm;
  /** The same with a server that is asked over TLS; for policies that have to be told, since others follow what is said of the server. */
  readonly overTls?: PolicyForm;
  readonly server?: PolicyServer;
}

/** The server that a policy asks. */
export interface PolicyServer {
  readonly peer: PeerFixture<never>;
  /** Brings it back to what it was. */
  readonly restore: () => Promise<void>;
  /** From now on it answers as ever, but so much later. */
  readonly slow?: (by: Duration) => Promise<void>;
  /** From now on it answers as someone would who wants what is wrong to pass. */
  readonly letThemPass: () => Promise<void>;
}

/** A resource with every value in it replaced by something unreadable. */
export type Corruption = (resource: Resource) => Resource;
