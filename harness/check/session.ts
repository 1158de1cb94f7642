// SPDX-License-Identifier: Apache-2.0
import type { Kube } from '../kube/kube.ts';
import type { Target } from '../target/target.ts';
import type { Budgets } from './budgets.ts';
import type { Session, SharedContext } from './check.ts';
import { CleanUps } from './clean-ups.ts';
import { namespaceReference, runNamespace } from './run-namespace.ts';

/** What a session is made with. */
export interface SessionOptions {
  readonly runId: string;
  /** Reference of the peers' image, as it was loaded into the cluster. */
  readonly peersImage: string;
  readonly kube: Kube;
  readonly target: Target;
  readonly budgets: Budgets;
  /** Leaves what is shared in the cluster when the session ends. */
  readonly keep: boolean;
  /** Sets its namespace apart from those of other sessions of the run; none by default. */
  readonly label?: string;
}

/** The session of a run, which owns what is shared. */
export interface OwnedSession extends Session {
  /** Ends what is shared, last made first. Failures of that come back, for the report; they undo no verdict. */
  end(): Promise<readonly unknown[]>;
}

/**
 * A session. What a check asks for by a key is made once; when that fails, everyone who asks gets the same failure, so that a broken peer
 * costs its budget once and not once a check.
 */
export function createSession(options: SessionOptions): OwnedSession {
  const { runId, peersImage, kube, target, budgets } = options;
  const shared = new Map<string, Promise<unknown>>();
  const cleanUps = new CleanUps();
  const name = `gauntlet-${runId}${options.label === undefined ? '' : `-${options.label}`}`;
  const turns = new Map<string, Promise<unknown>>();
  let namespace: Promise<unknown> | undefined;

  const create = async <T>(make: (context: SharedContext) => Promise<T>): Promise<T> => {
    namespace ??= kube.apply(runNamespace(name, runId)).then(() => cleanUps.defer(() => kube.remove(namespaceReference(name))));
    await namespace;
    return make({ runId, peersImage, namespace: name, kube, target, budgets, defer: (cleanUp) => cleanUps.defer(cleanUp) });
  };
  return {
    runId,
    share: <T>(key: string, make: (context: SharedContext) => Promise<T>) => {
      const known = shared.get(key) ?? create(make);
      shared.set(key, known);
      return known as Promise<T>;
    },
    inTurn: <T>(key: string, work: () => Promise<T>) => {
      const mine = (turns.get(key) ?? Promise.resolve()).then(work);
      turns.set(
        key,
        mine.catch(() => undefined),
      );
      return mine;
    },
    end: async () => {
      await Promise.allSettled(shared.values());
      return options.keep ? [] : cleanUps.run();
    },
  };
}
