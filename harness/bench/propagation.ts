// SPDX-License-Identifier: Apache-2.0
import { assertAsked, type Answer } from './answer-watch.ts';

/** How a change came through. */
export interface Propagation {
  /** From before the write to the first right answer, in milliseconds; null if none came. One thread of one proxy has it then. */
  readonly firstMs: number | null;
  /** To the first of fifty right answers in a row, at least ten of them over connections of their own; null if there were none. All have it then. */
  readonly settledMs: number | null;
  /** Requests that were not answered with 200. */
  readonly failed: number;
  /** Wrong versions after it had settled. */
  readonly wentBack: number;
  /** 95th percentile of the time between two questions, in milliseconds. */
  readonly resolutionMs: number;
}

/** Of what a change is read. */
export interface ChangeWritten {
  readonly version: string;
  /** When it was begun to be written. */
  readonly writtenAt: number;
}

/**
 * Writes a change. Its time begins before the write does: a clock that is started once the API server has answered leaves out what the change may have been served in.
 *
 * @param now - milliseconds, of the clock by which answers are timed
 */
export async function writeChange(
  version: string,
  write: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): Promise<{ readonly written: ChangeWritten; readonly acknowledgedMs: number }> {
  const writtenAt = now();
  await write();
  return { written: { version, writtenAt }, acknowledgedMs: now() - writtenAt };
}

/** When a change counts as settled: one right answer is what a proxy's first thread says. */
const settledAfter = { answers: 50, fresh: 10 };

/** The first answers that are right in a row, long enough to settle. */
function settling(answers: readonly Answer[], version: string): { readonly first: number; readonly last: number } | undefined {
  let [first, fresh] = [0, 0];
  for (const [index, answer] of answers.entries()) {
    if (isRight(answer, version)) fresh += Number(answer.fresh);
    else [first, fresh] = [index + 1, 0];
    if (index + 1 - first >= settledAfter.answers && fresh >= settledAfter.fresh) return { first, last: index };
  }
  return undefined;
}

/** When the last answer came that made a change settled; undefined while it has not. */
export function settledAt(answers: readonly Answer[], change: ChangeWritten): number | undefined {
  const since = sinceWritten(answers, change);
  return since[settling(since, change.version)?.last ?? -1]?.endedAt;
}

/**
 * Reads answers for what became of a change. Answers to questions from before it was written do not count.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if a question never left this machine.
 */
export function propagationOf(answers: readonly Answer[], change: ChangeWritten): Propagation {
  const { version, writtenAt } = change;
  const since = sinceWritten(answers, change);
  assertAsked(since);
  const settled = settling(since, version);
  const msTo = (answer: Answer | undefined): number | null => (answer === undefined ? null : answer.endedAt - writtenAt);
  const gaps = since.slice(1).map(({ sentAt }, index) => sentAt - (since[index]?.sentAt ?? sentAt));
  return {
    firstMs: msTo(since.find((answer) => isRight(answer, version))),
    settledMs: settled === undefined ? null : msTo(since[settled.first]),
    failed: since.filter(({ status }) => status !== 200).length,
    wentBack: settled === undefined ? 0 : since.slice(settled.last).filter((one) => one.status === 200 && one.version !== version).length,
    resolutionMs: gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length * 0.95)] ?? 0,
  };
}

const sinceWritten = (answers: readonly Answer[], { writtenAt }: ChangeWritten): readonly Answer[] =>
  answers.filter(({ sentAt }) => sentAt >= writtenAt).toSorted((a, b) => a.sentAt - b.sentAt);

const isRight = ({ status, version: seen }: Answer, version: string): boolean => status === 200 && seen === version;
