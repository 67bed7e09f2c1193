/** A house whose topics can be asked for. */
import { Aliases } from '../../../src/answers/aliases';
import { type Answer, Answerer, type HomeValues } from '../../../src/answers/answerer';
import type { EffectTools } from '../../../src/answers/effect';
import { valuesIn } from '../../../src/answers/json-values';
import { inEnglish } from '../../../src/base/english';
import { render, type Text } from '../../../src/base/text';
import { HomeNames } from '../../../src/homeassistant/names';
import { Templates } from '../../../src/homeassistant/templates/template';
import { historyKey } from '../../../src/recorder/history-key';
import { Recorder } from '../../../src/recorder/recorder';
import { FakeClock } from '../transport/fake-clock';

export const read = (said: Text): string => render(said, (key) => inEnglish({ key }));
export const said = (answer: Answer | undefined): string | undefined => answer?.lines.map(read).join('\n');

/** A house without Home Assistant. */
export const noEntities: EffectTools['entities'] = {
  templates: new Templates(),
  find: () => undefined,
  assume: () => {},
};

export class House {
  readonly clock = new FakeClock();
  readonly recorder = new Recorder(this.clock);
  readonly names = new HomeNames(1);
  readonly aliases = new Aliases();
  readonly values: HomeValues;
  readonly answerer: Answerer;

  constructor(filters: readonly string[] = ['home/#', 'zigbee2mqtt/#']) {
    const { recorder, names } = this;
    this.values = {
      topics: () => recorder.topics(),
      fieldsOf: (topic) => [...this.valuesOf(topic).keys()],
      nameOf: (topic) => names.of(topic),
      get namesVersion() {
        return names.seq;
      },
      history: recorder.history,
      row: (topic) => recorder.rowsOf([topic], -1).rows[0],
      valuesOf: (topic) => this.valuesOf(topic),
      keyOf: historyKey,
    };
    this.answerer = new Answerer(filters, this.values, this.aliases);
  }

  put(topic: string, payload: unknown): void {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    this.recorder.take({ topic, payload: bytes, qos: 0, retain: false, dup: false } as never, false);
    this.recorder.sweep();
  }

  ask(text: string, person = 'anna@example.org', chat = person): Answer | undefined {
    const { clock } = this;
    return this.answerer.answer({ text, person, chat, now: clock.now(), steady: clock.steady() });
  }

  private valuesOf(topic: string): ReturnType<typeof valuesIn> {
    return valuesIn(this.recorder.last(topic)?.payload ?? Buffer.alloc(0));
  }
}
