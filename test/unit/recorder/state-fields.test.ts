import assert from 'node:assert/strict';
import { Recorder } from '../../../src/recorder/recorder';
import { stateFields } from '../../../src/recorder/state-fields';
import { FakeClock } from '../transport/fake-clock';

const PUBLISHED = { qos: 0, retain: false, dup: false, properties: undefined, pubsub: undefined } as const;

describe('the fields of a filter that are on or off', () => {
  it('kind: one item voids the others. Long lists of devices, which are newer, hide no door', () => {
    const clock = new FakeClock();
    const recorder = new Recorder(clock);
    const came = (topic: string, payload: unknown): void => {
      clock.advance(1_000);
      const bytes = Buffer.from(JSON.stringify(payload));
      recorder.take({ ...PUBLISHED, topic, payload: bytes }, false);
    };
    came('zigbee2mqtt/door', { contact: false, battery: 81 });
    for (const list of ['devices', 'definitions'])
      came(`zigbee2mqtt/bridge/${list}`, { list: 'x'.repeat(600_000) });
    assert.deepEqual(stateFields(recorder, 'zigbee2mqtt/#'), [['contact', 'false']]);
  });
});
