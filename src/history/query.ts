import { answerOf, type HistoryAnswer } from './formats/answer';
import type { History } from './history';
import { HistoryError, type RawQuestion, readQuestion, showGiven } from './question';
import { type HistoryLooks, recordedOf } from './recorded';

/** `msg.alert` of the command `history`, unchecked. */
export interface HistoryQuery extends RawQuestion {
  key?: unknown;
}

/**
 * Answers the command `history`. Of a key that has states and no numbers lists give the changes; pictures are
 * timelines.
 * @param now milliseconds since the epoch
 * @param topic what the key stands for. @default the key
 * @throws HistoryError
 */
export function queryHistory(
  history: History,
  query: HistoryQuery,
  now: number,
  looks: HistoryLooks = {},
  topic?: string,
): HistoryAnswer {
  const { key } = query;
  if (typeof key !== 'string' || key === '') throw new HistoryError('key', { given: showGiven(key) });
  if (!history.has(key)) throw new HistoryError('unknown-key', { given: showGiven(key) });
  const question = readQuestion(query, history.span, now);
  const recorded = recordedOf(history, { key, topic: topic ?? key, looks }, question, now);
  return answerOf([recorded], question.format, false).payload;
}
