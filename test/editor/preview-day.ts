/** A day of values, and the runtime's own answer to a dialog that asks for it; only the clock and the values are made. */
import english from '../../src/nodes/dinox-alert/locales/en-US.json';
import { preview } from '../../src/nodes/dinox-alert/preview';
import { Recorder } from '../../src/recorder/recorder';
import type { UpstreamNode } from '../../src/recorder/upstream-topics';

const words = english['dinox-alert'];

/** Words of the node, as the runtime has them. */
function translate(key: string, values: Readonly<Record<string, unknown>> = {}): string {
  const found = key
    .split('.')
    .reduce<unknown>((at, level) => (at as Record<string, unknown>)?.[level], words);
  return String(found ?? key).replace(/__(\w+)__/g, (_, name) => String(values[name]));
}

const DAY = 86_400_000;
const MINUTE = 60_000;

export const KITCHEN = 'home/kitchen/temperature';
const ATTIC = 'home/attic/temperature';
export const DOOR = 'home/door/<img src=x onerror=alert(1)>';

/** The kitchen between 20 and 26 °C, above 24 three times; the attic six more, without a unit; a door; JSON. */
export class PreviewDay {
  readonly asked: { rule: Record<string, string>; key?: string; points: number }[] = [];
  private time = Date.now() - DAY;
  private readonly recorder: Recorder;

  constructor() {
    const recorder = new Recorder({
      now: () => this.time,
      steady: () => this.time,
      after: () => () => undefined,
    });
    const take = (topic: string, text: string): void =>
      recorder.take({ topic, payload: Buffer.from(text), qos: 0, retain: false } as never, false);
    for (let minute = 0; minute < 1_440; minute++) {
      const value = 23 - 3 * Math.cos((minute / 480) * 2 * Math.PI);
      take(ATTIC, (value + 6).toFixed(2));
      if (minute % 240 === 0) take(DOOR, minute % 480 === 0 ? 'locked' : 'ajar');
      if (minute % 60 === 0) take('home/climate', '{"humidity":50,"co2":600}');
      if (minute % 60 === 0) take('zigbee/hall', '{"contact":true,"occupancy":false,"battery":81}');
      take(KITCHEN, `{"value":${value.toFixed(2)},"unit":"°C"}`);
      recorder.sweep();
      this.time += MINUTE;
    }
    this.recorder = recorder;
  }

  /** What `POST dinox/alerts/:id/preview` of a deployed node would answer. */
  async answer(body: {
    rule: Record<string, string>;
    key?: string;
    sources: UpstreamNode[];
    points: number;
    message?: string;
    name?: string;
  }): Promise<Record<string, unknown>> {
    this.asked.push(body);
    const answer = await preview(
      { message: '', name: '', ...body, key: body.key },
      {
        ...{ engine: undefined, recorder: () => this.recorder, now: () => this.time, pause: async () => {} },
        ...{ names: () => undefined, translate },
      },
    );
    return { ...answer, running: true };
  }
}
