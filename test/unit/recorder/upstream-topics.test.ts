import assert from 'node:assert/strict';
import { Recorder } from '../../../src/recorder/recorder';
import { lastUpstream } from '../../../src/recorder/upstream-topics';
import { FakeClock } from '../transport/fake-clock';

const PUBLISHED = { qos: 0, retain: false, dup: false, properties: undefined, pubsub: undefined } as const;

describe('the last message of the topics that lead to a node', () => {
  it('is the newest one that was kept whole: a picture of a camera hides no other', () => {
    const clock = new FakeClock();
    const recorder = new Recorder(clock);
    const came = (topic: string, payload: string | Buffer): void => {
      clock.advance(1_000);
      recorder.take({ ...PUBLISHED, topic, payload: Buffer.from(payload) }, false);
    };
    came('home/door', 'open');
    came('home/camera', Buffer.alloc(1_000_000));
    came('home/gone', '');
    const last = lastUpstream([{ broker: 'house', filter: 'home/#' }], () => recorder);
    assert.equal(last?.topic, 'home/door');
  });
});
