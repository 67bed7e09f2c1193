import assert from 'node:assert/strict';
import { MessageLog } from '../../../src/recorder/message-log';
import { Recorder } from '../../../src/recorder/recorder';
import type { ReceivedPublication } from '../../../src/transport/messages';
import { FakeClock } from '../transport/fake-clock';

function delivery(topic: string, payload: string): ReceivedPublication {
  const bytes = Buffer.from(payload);
  return {
    topic,
    payload: bytes,
    qos: 1,
    retain: false,
    dup: false,
    properties: undefined,
    pubsub: undefined,
  };
}

describe('messages of a topic', () => {
  it('the first one says so if only its beginning was kept', () => {
    const recorder = new Recorder(new FakeClock(), () => 0.5);
    const payload = 'x'.repeat(100_000);
    recorder.take(delivery('a', payload), false);
    const [first] = recorder.messages('a', 0) ?? [];
    assert.ok(first);
    assert.equal(first.bytes, payload.length);
    assert.ok(first.payload.length < payload.length);
  });

  it('are the last 100, and never more than 256 kB', () => {
    const log = new MessageLog();
    for (let i = 0; i < 250; i++) log.add(i + 1, 0, Buffer.from(String(i)));
    assert.equal(log.after(0).length, 100);
    assert.equal(log.after(0)[0]?.payload.toString(), '150');
    assert.deepEqual(
      log.after(248).map(({ payload }) => payload.toString()),
      ['248', '249'],
    );
    for (let i = 0; i < 50; i++) log.add(1, 0, Buffer.alloc(100_000));
    const kept = log.after(0);
    assert.ok(kept.reduce((sum, { payload }) => sum + payload.length, 0) <= 262_144);
    assert.equal(kept.at(-1)?.bytes, 100_000, 'the whole length is told');
  });

  it('copy what they keep, because a payload is a part of what the socket read', () => {
    const log = new MessageLog();
    const read = Buffer.from('abcdef');
    log.add(1, 0, read.subarray(0, 3));
    read.fill('x');
    assert.equal(log.after(0)[0]?.payload.toString(), 'abc');
  });

  it('begin when somebody asks, with the last one known, and end half a minute after the last question', () => {
    const clock = new FakeClock();
    const recorder = new Recorder(clock, () => 0.5);
    const take = (topic: string, payload: string) => recorder.take(delivery(topic, payload), false);
    const texts = (topic: string, after = 0) =>
      recorder.messages(topic, after)?.map(({ payload }) => payload.toString());
    assert.equal(texts('a'), undefined, 'not known');
    take('a', 'before');
    take('a', 'last');
    assert.deepEqual(texts('a'), ['last']);
    take('a', 'new');
    take('b', 'of another');
    assert.deepEqual(texts('a'), ['last', 'new']);
    const after = recorder.messages('a', 0)?.at(-1)?.number ?? 0;
    clock.advance(20_000);
    take('a', 'later');
    assert.deepEqual(texts('a', after), ['later']);
    clock.advance(31_000);
    take('a', 'unseen');
    take('a', 'newest');
    // Numbers rise from one log to the next, so that who asks with an old one misses nothing.
    assert.deepEqual(texts('a', after), ['newest']);
    recorder.close();
  });

  it('are kept for at most 20 topics', () => {
    const clock = new FakeClock();
    const recorder = new Recorder(clock, () => 0.5);
    for (let i = 0; i < 30; i++) {
      recorder.take(delivery(`t/${i}`, 'one'), false);
      recorder.messages(`t/${i}`, 0);
    }
    for (let i = 0; i < 30; i++) recorder.take(delivery(`t/${i}`, 'two'), false);
    assert.equal(recorder.messages('t/29', 0)?.length, 2);
    assert.equal(recorder.messages('t/0', 0)?.length, 1, 'its log had ended, and begins with the last one');
    recorder.close();
  });
});
