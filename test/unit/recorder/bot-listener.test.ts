import assert from 'node:assert/strict';
import { BotListener } from '../../../src/recorder/bot-listener';
import { Recorder } from '../../../src/recorder/recorder';
import { FakeClock } from '../transport/fake-clock';

describe('bot listener', () => {
  const setUp = () => {
    const clock = new FakeClock();
    const recorder = new Recorder(clock);
    const watched = new Set<string>();
    const watcher = {
      watch: (filter: string) => {
        watched.add(filter);
        return () => void watched.delete(filter);
      },
    };
    return { clock, recorder, watched, listener: new BotListener(watcher, recorder, clock) };
  };

  it('listens while somebody looks, and not longer', () => {
    const { clock, watched, listener } = setUp();
    assert.equal(watched.size, 0);
    for (let n = 0; n < 60; n++) {
      listener.look(undefined);
      clock.advance(2_000);
    }
    assert.deepEqual([...watched], ['dinox/bots/status/+', 'dinox/+/availability']);
    clock.advance(60_000);
    assert.equal(watched.size, 0);
    listener.look(undefined);
    listener.close();
    assert.equal(watched.size, 0);
    assert.equal(clock.waiting, 0);
  });

  it('lists what was recorded, 200 bots at most', () => {
    const { recorder, listener } = setUp();
    const take = (topic: string, payload: string) =>
      recorder.take(
        {
          topic,
          payload: Buffer.from(payload),
          qos: 0,
          retain: false,
          dup: false,
          properties: undefined,
          pubsub: undefined,
        },
        false,
      );
    take('home/x', '1');
    for (let n = 0; n < 300; n++) take(`dinox/desk${n}/availability`, 'online');
    assert.equal(listener.look(undefined).length, 200);
    recorder.close();
  });
});
