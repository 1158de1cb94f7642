// SPDX-License-Identifier: Apache-2.0

/** One question to a proxy that starts. Times are milliseconds of one clock. */
export interface StartAnswer {
  readonly route: number;
  readonly sentAt: number;
  readonly endedAt: number;
  /** The route's own answer, and no other one. */
  readonly isRight: boolean;
}

/** How a proxy started, in milliseconds from the order to replace its predecessor; null where it did not come to that. */
export interface ColdStart {
  /** To the cluster's word that it is ready, as seen by a watch. */
  readonly readyMs: number | null;
  /** To the first right answer. */
  readonly firstMs: number | null;
  /** Until every route had answered rightly, and none wrongly from then on. */
  readonly allMs: number | null;
  /** Questions after it was ready that were not answered rightly. */
  readonly wrongWhileReady: number;
  /** Routes of these questions. */
  readonly routesWrong: number;
  /** From ready to the end of the last of them. */
  readonly dishonestMs: number;
}

/** What a start is read with. */
export interface StartTimes {
  readonly startedAt: number;
  /** Absent if it was never seen ready. */
  readonly readyAt?: number | undefined;
  readonly routes: number;
}

/** Reads how a proxy started from what it was asked. A question that was sent before it was ready may be answered in any way. */
export function coldStartOf(answers: readonly StartAnswer[], { startedAt, readyAt, routes }: StartTimes): ColdStart {
  const right = answers.filter(({ isRight }) => isRight).toSorted((a, b) => a.endedAt - b.endedAt);
  const wrong = answers.filter(({ isRight }) => !isRight);
  const whileReady = wrong.filter(({ sentAt }) => readyAt !== undefined && sentAt > readyAt);
  return {
    readyMs: readyAt === undefined ? null : readyAt - startedAt,
    firstMs: right[0] === undefined ? null : right[0].endedAt - startedAt,
    allMs: allMs(right, Math.max(startedAt, ...wrong.map(({ sentAt }) => sentAt)), routes, startedAt),
    wrongWhileReady: whileReady.length,
    routesWrong: new Set(whileReady.map(({ route }) => route)).size,
    dishonestMs: Math.max(0, ...whileReady.map(({ endedAt }) => endedAt - (readyAt ?? endedAt))),
  };
}

/** To the moment at which the last route gave its first right answer, and after the last wrong one of any. */
function allMs(right: readonly StartAnswer[], lastWrongAt: number, routes: number, startedAt: number): number | null {
  const firsts = new Map<number, number>();
  for (const { route, endedAt } of right) if (!firsts.has(route)) firsts.set(route, endedAt);
  const afterWrong = new Set(right.filter(({ sentAt }) => sentAt >= lastWrongAt).map(({ route }) => route));
  if (afterWrong.size < routes) return null;
  return Math.max(lastWrongAt, ...firsts.values()) - startedAt;
}
