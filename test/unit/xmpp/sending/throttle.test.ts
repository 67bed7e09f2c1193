import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Throttle, type Throttled, type ThrottleOptions } from '../../../../src/xmpp/sending/throttle';
import { FakeClock } from '../../transport/fake-clock';

interface Item extends Throttled {
  text: string;
}

const MINUTE = 60_000;

function setUp(more: Partial<ThrottleOptions<Item>> = {}) {
  const clock = new FakeClock();
  const sent: { at: number; to: string; texts: string[] }[] = [];
  const refused: string[] = [];
  const pacer = new Throttle<Item>({
    clock,
    rate: 20,
    send: (to, items) => sent.push({ at: clock.now(), to, texts: items.map(({ text }) => text) }),
    ...more,
  });
  const item = (text: string, over: Partial<Item> = {}): Item => ({
    text,
    bytes: text.length,
    joins: 'text',
    refused: (error) => refused.push(`${text}: ${error.message}`),
    ...over,
  });
  const texts = () => sent.flatMap((one) => one.texts);
  return { clock, sent, refused, pacer, item, texts };
}

/** The most that was sent to one recipient within any minute. */
function most(times: readonly number[]): number {
  return Math.max(
    0,
    ...times.map((at) => times.filter((other) => other > at - MINUTE && other <= at).length),
  );
}

describe('pacer', () => {
  it('lets the first ones go at once, joins the others in order, loses none', () => {
    const { clock, sent, pacer, item, texts } = setUp();
    const all = Array.from({ length: 1_000 }, (_, i) => `alert ${i}`);
    for (const text of all) pacer.push('anna', item(text));
    assert.equal(sent.length, 16);
    clock.advance(12_000);
    assert.equal(sent.length, 17);
    assert.equal(sent.at(-1)?.texts.length, 984);
    assert.deepEqual(texts(), all);
    clock.advance(10 * MINUTE);
    assert.equal(sent.length, 17);
    assert.equal(clock.waiting, 0);
  });

  it('10,000 at once make a few messages, each of readable size', () => {
    const { clock, sent, pacer, item, texts } = setUp();
    const all = Array.from({ length: 10_000 }, (_, i) => `Temperature of sensor ${i} is too high`);
    for (const text of all) pacer.push('anna', item(text));
    clock.advance(5 * MINUTE);
    assert.deepEqual(texts(), all);
    assert.ok(sent.length <= 26, String(sent.length));
    for (const { texts: joined } of sent) assert.ok(joined.join('').length <= 48_000);
  });

  it('never more than the rate in any minute, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 40 })), {
          maxLength: 40,
        }),
        (rate, plan) => {
          const { clock, sent, pacer, item, texts } = setUp({ rate });
          const all: string[] = [];
          for (const [wait, count] of plan) {
            clock.advance(wait);
            for (let i = 0; i < count; i++) {
              all.push(`m${all.length}`);
              pacer.push('anna', item(`m${all.length - 1}`));
            }
          }
          clock.advance(3 * MINUTE);
          assert.deepEqual(texts(), all);
          assert.ok(most(sent.map(({ at }) => at)) <= rate);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('recipients do not wait for each other', () => {
    const { sent, pacer, item } = setUp({ rate: 1 });
    for (const to of ['anna', 'anna', 'ben']) pacer.push(to, item('x'));
    assert.deepEqual(
      sent.map(({ to }) => to),
      ['anna', 'ben'],
    );
  });

  it('what is not to be joined goes alone, in its place', () => {
    const { clock, sent, pacer, item } = setUp({ rate: 1 });
    pacer.push('anna', item('first'));
    for (const text of ['a', 'b']) pacer.push('anna', item(text));
    pacer.push('anna', item('file', { joins: undefined }));
    pacer.push('anna', item('c'));
    clock.advance(4 * MINUTE);
    assert.deepEqual(
      sent.map(({ texts }) => texts),
      [['first'], ['a', 'b'], ['file'], ['c']],
    );
  });

  it('corrections go beside the queue, and a newer one takes the place of an older', () => {
    const { clock, sent, pacer, item } = setUp({ rate: 1 });
    const merge = (waits: Item, newer: Item): Item => ({ ...waits, text: newer.text });
    const fix = (text: string) => item(text, { joins: undefined, corrects: 'A', about: 'A' });
    pacer.push('anna', item('first'));
    pacer.push('anna', item('waits'));
    pacer.push('anna', fix('fix 1'), merge);
    pacer.push('anna', fix('fix 2'), merge);
    pacer.push('anna', fix('fix 3'), merge);
    assert.deepEqual(
      sent.map(({ texts }) => texts),
      [['first'], ['fix 1']],
    );
    clock.advance(2 * MINUTE);
    assert.deepEqual(
      sent.map(({ texts }) => texts),
      [['first'], ['fix 1'], ['waits'], ['fix 3']],
    );
  });

  it('a correction takes the place of the message itself while that waits', () => {
    const { clock, pacer, item, texts } = setUp({ rate: 1 });
    pacer.push('anna', item('first'));
    pacer.push('anna', item('warm', { about: 'A' }));
    pacer.push('anna', item('other'));
    pacer.push('anna', item('warm, acknowledged', { corrects: 'A', about: 'A' }), (waits, newer) => ({
      ...waits,
      text: newer.text,
    }));
    clock.advance(2 * MINUTE);
    assert.deepEqual(texts(), ['first', 'warm, acknowledged', 'other']);
  });

  it('rests longer each time the server says wait', () => {
    const { clock, sent, pacer, item } = setUp();
    pacer.slowDown('anna');
    pacer.slowDown('anna');
    pacer.push('anna', item('a'));
    clock.advance(4_999);
    assert.equal(sent.length, 0);
    clock.advance(1);
    assert.equal(sent.length, 1);
    pacer.slowDown('anna');
    pacer.push('anna', item('b'));
    clock.advance(9_999);
    assert.equal(sent.length, 1);
    clock.advance(1);
    assert.equal(sent.length, 2);
    for (let i = 0; i < 20; i++) {
      pacer.slowDown('anna');
      clock.advance(10 * MINUTE);
    }
    pacer.push('anna', item('c'));
    assert.equal(sent.length, 3);
  });

  // A wall clock where a steady one belongs: a year back was a timer of 1 ms for a year.
  for (const [name, jump] of [
    ['an hour back', -3_600_000],
    ['a year back', -366 * 86_400_000],
    ['a year forward', 366 * 86_400_000],
  ] as const) {
    it(`measures with the steady clock: set ${name}, neither pace nor rest changes`, () => {
      const { clock, sent, pacer, item, texts } = setUp();
      const all = Array.from({ length: 30 }, (_, i) => `alert ${i}`);
      for (const text of all) pacer.push('anna', item(text));
      pacer.slowDown('ben');
      clock.set(jump);
      pacer.push('ben', item('ben'));
      pacer.push('anna', item('last'));
      assert.equal(pacer.restOf('ben'), 5_000);
      assert.equal(sent.length, 16);
      clock.advance(12_000, 5);
      assert.equal(sent.length, 18);
      assert.deepEqual(texts().sort(), [...all, 'last', 'ben'].sort());
    });
  }

  it('refuses what is over its bytes, and everything that waits when it is closed', () => {
    const { clock, sent, refused, pacer, item } = setUp({ rate: 1, waitBytes: 10 });
    pacer.push('anna', item('first'));
    pacer.push('anna', item('12345'));
    pacer.push('anna', item('123456'));
    assert.deepEqual(refused, [
      '123456: More than 10 bytes of messages are waiting, so this one is dropped. Raise the rate, or send fewer messages.',
    ]);
    pacer.close(new Error('closed'));
    assert.deepEqual(refused.slice(1), ['12345: closed']);
    assert.equal(clock.waiting, 0);
    clock.advance(MINUTE);
    assert.equal(sent.length, 1);
  });

  it('flushed, it sends at once what waits, joined', () => {
    const { clock, sent, pacer, item } = setUp({ rate: 1 });
    for (const text of ['first', 'a', 'b']) pacer.push('anna', item(text));
    pacer.flush();
    assert.deepEqual(
      sent.map(({ texts }) => texts),
      [['first'], ['a', 'b']],
    );
    assert.equal(clock.waiting, 0);
    assert.equal(pacer.waiting, 0);
  });

  it('recipients from messages do not pile up', () => {
    const { clock, pacer, item } = setUp();
    for (let i = 0; i < 3_000; i++) {
      pacer.push(`someone${i}`, item('x'));
      clock.advance(MINUTE);
    }
    assert.equal(clock.waiting, 0);
  });
});
