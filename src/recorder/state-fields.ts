import type { TopicRow } from '../topics/topic-row';
import { MAX_PARSED_LENGTH, statesIn } from './recorded-value';
import type { Recorder } from './recorder';
import { matcher } from './upstream-topics';

const MAX_TOPICS = 2_000;
const MAX_FIELDS = 60;
/** Bytes of payloads that are read anew at a time. A door is silent for days: it is among the last of a large house. */
const MAX_BYTES = 1_000_000;

/** What is on or off, open or closed in the JSON of these topics, by topic. */
export function* readStates(
  recorder: Pick<Recorder, 'last'>,
  rows: readonly TopicRow[],
): Generator<readonly [topic: string, states: Record<string, string>]> {
  let left = MAX_BYTES;
  for (const { topic, kind, bytes } of rows) {
    // What is not parsed costs nothing: a list of all devices in one message ends no search.
    if (kind !== 'json' || bytes > MAX_PARSED_LENGTH) continue;
    left -= bytes;
    if (left < 0) return;
    const last = recorder.last(topic);
    if (last?.complete) yield [topic, statesIn(last.payload)];
  }
}

/** The fields of a topic, or of those of a filter, that are on or off: path and last text of each. */
export function stateFields(recorder: Recorder, filter: string): [path: string, text: string][] {
  const found = new Map<string, string>();
  for (const [, states] of readStates(recorder, recorder.find(matcher(new Set([filter])), MAX_TOPICS)))
    for (const [path, text] of Object.entries(states))
      if (!found.has(path) && found.size < MAX_FIELDS) found.set(path, text);
  return [...found];
}
