import type { HomeValues } from '../../answers/answerer';
import { type Scalar, valuesIn } from '../../answers/json-values';
import type { History } from '../../history/history';
import type { HomeNames } from '../../homeassistant/names';
import { historyKey } from '../../recorder/history-key';
import type { Recorder } from '../../recorder/recorder';
import type { TopicName } from '../../topics/topic-name';
import type { TopicRow } from '../../topics/topic-row';

const NOTHING = Buffer.alloc(0);

/** What a connection has recorded, for questions. */
export class RecordedValues implements HomeValues {
  constructor(
    private readonly recorder: Recorder,
    private readonly names: HomeNames,
  ) {}

  get history(): History {
    return this.recorder.history;
  }

  get namesVersion(): number {
    return this.names.seq;
  }

  get discoveryPrefix(): string {
    return this.names.prefix;
  }

  topics(): Iterable<string> {
    return this.recorder.topics();
  }

  fieldsOf(topic: string): readonly string[] {
    return [...this.valuesOf(topic).keys()];
  }

  nameOf(topic: string): TopicName | undefined {
    return this.names.of(topic);
  }

  row(topic: string): TopicRow | undefined {
    this.recorder.settle(topic);
    return this.recorder.rowsOf([topic], -1).rows[0];
  }

  valuesOf(topic: string): ReadonlyMap<string, Scalar> {
    return valuesIn(this.recorder.last(topic)?.payload ?? NOTHING);
  }

  keyOf(topic: string, field: string | undefined): string {
    return historyKey(topic, field);
  }
}
