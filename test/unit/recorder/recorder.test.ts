import assert from 'node:assert/strict';
import type { History } from '../../../src/history/history';
import { MAX_KEPT } from '../../../src/recorder/recorded-payload';
import { MAX_TOPICS, Recorder } from '../../../src/recorder/recorder';
import type { TopicRow } from '../../../src/topics/topic-row';
import type { ReceivedPublication } from '../../../src/transport/messages';
import { FakeClock } from '../transport/fake-clock';

function delivery(topic: string, payload: string | Buffer, retain = false): ReceivedPublication {
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
  return { topic, payload: bytes, qos: 0, retain, dup: false, properties: undefined, pubsub: undefined };
}

describe('recorder', () => {
  let clock: FakeClock;
  let history: History;
  let recorder: Recorder;
  const take = (topic: string, payload: string | Buffer, retain = false, replay = false): void =>
    recorder.take(delivery(topic, payload, retain), replay);
  const row = (topic: string): TopicRow => {
    const found = recorder.changes(0, MAX_TOPICS).rows.find((one) => one.topic === topic);
    assert.ok(found, `a row for ${topic}`);
    return found;
  };
  const points = (key: string): number[] =>
    history.series(key, clock.now() - 60_000, clock.now() + 1, 600).last.filter((value) => value !== null);

  beforeEach(() => {
    clock = new FakeClock();
    recorder = new Recorder(clock, () => 0.5);
    ({ history } = recorder);
  });

  it('shows none of our own probes, not those of an earlier process either', () => {
    take('dinox-nr/probe/test', '1');
    take('dinox-probe', '1');
    take('dinox/bots/status/x', '1');
    const at = { at: 1, qos: 0, retained: false, payload: 'MQ==' };
    recorder.restore([
      { topic: 'dinox-nr/probe/marker', ...at },
      { topic: 'home/x', ...at },
    ]);
    const topics = recorder.changes(0, 10).rows.map(({ topic }) => topic);
    assert.deepEqual(topics, ['dinox/bots/status/x', 'home/x']);
  });

  it('a kept message without a time, as each reconnect brings it, does not lengthen the usual interval', () => {
    for (let n = 0; n < 5; n++) {
      take('a', String(n));
      clock.advance(60_000);
    }
    take('a', 'kept', true, true);
    assert.equal(row('a').at, 0);
    clock.advance(60_000);
    take('a', '9');
    clock.advance(60_000);
    take('a', '10');
    assert.ok(row('a').every <= 80_000, `${row('a').every} ms`);
    // The same where the second message follows a kept one.
    take('b', '1');
    clock.advance(60_000);
    take('b', 'kept', true, true);
    take('b', '2');
    assert.ok(row('b').every <= 60_000, `${row('b').every} ms`);
    for (let n = 0; n < 3; n++) {
      clock.advance(60_000);
      take('b', String(n));
    }
    assert.ok(Math.abs(row('b').every - 60_000) < 1_000, `${row('b').every} ms`);
  });

  it('what nobody receives any more has no usual pause, until it is learnt anew', () => {
    for (let n = 0; n < 6; n++) {
      for (const topic of ['a', 'b']) take(topic, String(n));
      clock.advance(5_000);
    }
    const { seq } = recorder.changes(0, 10);
    recorder.losePace((topic) => topic === 'a');
    assert.deepEqual([row('a').every, row('b').every], [5_000, 0]);
    const told = recorder.changes(seq, 10);
    assert.deepEqual(
      told.rows.map(({ topic }) => topic),
      ['b'],
      'those that look are told',
    );
    recorder.losePace(() => false);
    recorder.losePace(() => false);
    assert.deepEqual(
      recorder.changes(told.seq, 10).rows.map(({ topic }) => topic),
      ['a'],
      'once',
    );
    // An hour in which nobody listened is no pause.
    clock.advance(3_600_000);
    for (let n = 0; n < 3; n++) {
      take('b', String(n));
      clock.advance(7_000);
    }
    assert.equal(row('b').every, 7_000);
  });

  it('gives only what changed since one asked', () => {
    take('a', '1');
    take('b', '2');
    const first = recorder.changes(0, 10);
    assert.deepEqual(
      first.rows.map(({ topic }) => topic),
      ['a', 'b'],
    );
    take('a', '3');
    const second = recorder.changes(first.seq, 10);
    assert.deepEqual(
      second.rows.map(({ topic, text }) => [topic, text]),
      [['a', '3']],
    );
    assert.deepEqual(recorder.changes(second.seq, 10).rows, []);
  });

  it('gives a long list in parts, oldest change first, and nothing twice', () => {
    for (let i = 0; i < 25; i++) take(`t/${i}`, String(i));
    const seen: string[] = [];
    let since = 0;
    for (let more = true; more; ) {
      const part = recorder.changes(since, 10);
      seen.push(...part.rows.map(({ topic }) => topic));
      ({ seq: since, more } = part);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, i) => `t/${i}`),
    );
  });

  it('wakes who waits when something comes, and in time when nothing does', async () => {
    const order: string[] = [];
    const first = recorder.changed(0, 20_000).done.then(() => order.push('message'));
    take('a', '1');
    await first;
    const second = recorder.changed(1, 20_000).done.then(() => order.push('time'));
    clock.advance(20_000);
    await second;
    assert.deepEqual(order, ['message', 'time']);
  });

  it('reads at most two values of a topic a second into the history: the first and the last', () => {
    for (let i = 0; i < 1_000; i++) take('fast', String(i));
    clock.advance(1_000);
    assert.deepEqual(
      points('fast').sort((a, b) => a - b),
      [999],
    );
    assert.equal(history.series('fast', clock.now() - 60_000, clock.now() + 1, 1).min[0], 0);
  });

  it('records numbers, booleans as 0 and 1, texts as states, and the numbers in JSON by their path', () => {
    take('number', '21.5');
    take('switch', 'ON');
    take('mode', 'cooling');
    take('device', '{"battery":80,"power":{"phase1":230},"name":"x"}');
    take('own', '{"value":-3.5e1,"unit":"°C"}');
    clock.advance(1_000);
    assert.deepEqual(points('number'), [21.5]);
    assert.deepEqual(points('switch'), [1]);
    assert.deepEqual(
      history.states('mode', 0, Number.MAX_VALUE).map(({ state }) => state),
      ['cooling'],
    );
    assert.deepEqual(points('own'), [-35]);
    assert.deepEqual(points('device\0battery'), [80]);
    assert.deepEqual(points('device\0power.phase1'), [230]);
    assert.deepEqual(row('device').fields, { battery: 80, 'power.phase1': 230 });
  });

  it('takes a replay for no message, and for news only where the value is another', () => {
    take('a', '1', true, true);
    assert.deepEqual([row('a').count, row('a').retained], [0, true]);
    const { seq } = recorder.changes(0, 10);
    take('a', '1', true, true);
    assert.deepEqual(recorder.changes(seq, 10).rows, []);
    take('a', '2', true, true);
    assert.equal(recorder.changes(seq, 10).rows[0]?.text, '2');
  });

  /** Kind: the time of arrival is taken for the time of measurement. */
  it('what the server had kept is no point, and as old as it says', () => {
    clock.set(Date.UTC(2026, 2, 10));
    take('a', '20', true, true);
    assert.deepEqual([row('a').text, row('a').at, points('a')], ['20', 0, []]);
    clock.advance(1_000);
    take('a', '21');
    const { at } = row('a');
    assert.deepEqual([at, points('a')], [clock.now(), [21]]);
    take('a', '22', true, true);
    recorder.sweep();
    assert.deepEqual([row('a').text, row('a').at, points('a')], ['22', 0, [21]]);
    const then = clock.now() - 30_000;
    take('own', JSON.stringify({ value: 5, last_seen: then }), true, true);
    recorder.sweep();
    assert.deepEqual([row('own').at, points('own')], [then, [5]]);
    const properties = { userProperties: { timestamp: String(then) } };
    recorder.take({ ...delivery('stamped', '7', true), properties }, true);
    assert.deepEqual([row('stamped').at, points('stamped')], [then, [7]]);
  });

  it('takes an empty payload for the end of the retained message', () => {
    take('a', '1', true, true);
    take('a', '');
    assert.deepEqual([row('a').kind, row('a').retained], ['empty', false]);
  });

  it('tells how often a topic comes', () => {
    for (let i = 0; i < 10; i++) {
      take('a', String(i));
      clock.advance(6_000);
    }
    assert.equal(row('a').every, 6_000);
    assert.ok(row('a').rate >= 6 && row('a').rate <= 10, String(row('a').rate));
    clock.advance(200_000);
    assert.equal(row('a').rate, 0);
  });

  it('tells a sensor that reports regularly from a door, which is silent for days', () => {
    const gaps = [5_000, 600_000, 20_000, 7_200_000, 60_000, 4_000, 900_000, 30_000];
    for (let i = 0; i < 24; i++) {
      take('sensor', String(i));
      clock.advance(60_000);
    }
    for (const gap of [...gaps, ...gaps, ...gaps]) {
      take('door', 'open');
      clock.advance(gap);
    }
    assert.equal(row('sensor').steady, true);
    assert.equal(row('door').steady, false);
    for (let i = 0; i < 30; i++) {
      take('meter', String(i));
      clock.advance(200);
    }
    assert.equal(row('meter').steady, true, 'several a second');
  });

  it('keeps the beginning of a long payload, a picture whole, and says so', () => {
    take('long', Buffer.alloc(100_000, 0x61));
    const picture = Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
      Buffer.alloc(50_000),
    ]);
    take('picture', picture);
    assert.deepEqual([row('long').kind, row('long').bytes], ['text', 100_000]);
    assert.equal(recorder.last('long')?.payload.length, MAX_KEPT);
    assert.equal(recorder.last('long')?.complete, false);
    assert.equal(row('picture').mime, 'image/png');
    assert.deepEqual(recorder.last('picture')?.payload, picture);
  });

  it('does not hold the memory that a payload came in: only for a second, and only for a few megabytes', () => {
    const shared = Buffer.from('{"a":1}');
    take('a', shared);
    clock.advance(1_000);
    const other = Buffer.from('{"a":2}');
    take('b', other);
    for (let i = 0; i < 5; i++) take('c', Buffer.alloc(1_048_576, 0x7b));
    for (const came of [shared, other]) came.fill(0);
    assert.equal(recorder.last('a')?.payload.toString(), '{"a":1}');
    assert.equal(recorder.last('b')?.payload.toString(), '{"a":2}');
  });

  it('reads thousands of topics bit by bit, and all of them when it ends', () => {
    for (let i = 0; i < 2_000; i++) take(`t/${i}`, `{"n":${i}}`);
    const known = (): number => [...history.keys()].length;
    clock.advance(1_000);
    const first = known();
    assert.ok(first > 0 && first < 1_000, String(first));
    clock.advance(1_000);
    assert.equal(known(), 2_000);
    for (let i = 0; i < 2_000; i++) take(`u/${i}`, `{"n":${i}}`);
    recorder.close();
    assert.equal(known(), 4_000);
  });

  it('reads one topic at once where somebody asks for it', () => {
    take('a', '{"n":1}');
    recorder.settle('a');
    assert.deepEqual(points('a\0n'), [1]);
    clock.advance(1_000);
    assert.deepEqual(points('a\0n'), [1]);
  });

  it('leaves the history to those who have one, until they are silent for an hour', () => {
    for (let i = 0; i < 5_000; i++) take(`t/${i}`, '1');
    clock.advance(2_000);
    for (let i = 0; i < 5_000; i++) take(`u/${i}`, '1');
    clock.advance(2_000);
    assert.deepEqual([history.has('t/0'), history.has('u/0'), history.size], [true, false, 5_000]);
    clock.advance(3_600_000);
    take('u/0', '1');
    clock.advance(2_000);
    assert.deepEqual([history.has('u/0'), history.size], [true, 5_000]);
  });

  it('is bounded: the topics that are silent for longest go, with their history, and are named', () => {
    take('oldest', '1');
    const { seq } = recorder.changes(0, 10);
    clock.advance(1_000);
    for (let i = 0; i < MAX_TOPICS; i++) take(`t/${i}`, '1');
    assert.ok(recorder.size <= MAX_TOPICS);
    assert.equal(recorder.last('oldest'), undefined);
    assert.deepEqual(points('oldest'), []);
    const { gone, reset } = recorder.changes(seq, 10);
    assert.ok(reset || gone.includes('oldest'));
  });

  it('does not keep a topic of 65,000 bytes', () => {
    take('x'.repeat(65_000), '1');
    assert.equal(recorder.size, 0);
  });

  it('does not grow with the number of messages', () => {
    for (let i = 0; i < 2_000; i++) take('same', `value ${i}`);
    assert.equal(recorder.size, 1);
    assert.equal(recorder.received, 2_000);
  });

  it('gives its last values to a later process, as old as they are', () => {
    take('a', '21.5', true);
    const later = new Recorder(clock);
    const at = clock.now();
    clock.advance(60_000);
    later.restore(JSON.parse(JSON.stringify([...recorder.remember()])));
    const [first] = later.changes(0, 10).rows;
    assert.deepEqual([first?.text, first?.retained, first?.at, first?.count], ['21.5', true, at, 0]);
  });

  it('asks to begin anew who comes with an answer of another life', () => {
    take('a', '1');
    const answer = recorder.changes(1_000, 10);
    assert.equal(answer.reset, true);
    assert.equal(answer.rows.length, 1);
  });
});
