import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DuplicateFilter } from '../../../../src/transport/subscriptions/duplicate-filter';
import { FakeClock } from '../fake-clock';

describe('copies of one message', () => {
  const text = (payload: string) => Buffer.from(payload);

  it('let the first pass and hold back as many as follow', () => {
    const copies = new DuplicateFilter(new FakeClock());
    assert.deepEqual(
      ['x', 'x', 'x', 'x', 'x', 'x'].map((payload) => copies.isFirst('t', text(payload), 3)),
      [true, false, false, true, false, false],
    );
  });

  it('tell messages apart that come mixed', () => {
    const copies = new DuplicateFilter(new FakeClock());
    const seen = (topic: string, payload: string) => copies.isFirst(topic, text(payload), 2);
    assert.deepEqual(
      [seen('t', 'x'), seen('t', 'y'), seen('u', 'x'), seen('t', 'y'), seen('t', 'x'), seen('u', 'x')],
      [true, true, true, false, false, false],
    );
  });

  it('wait for five seconds only', () => {
    const clock = new FakeClock();
    const copies = new DuplicateFilter(clock);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
    clock.advance(4_999);
    assert.equal(copies.isFirst('t', text('x'), 2), false);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
    clock.advance(5_000);
    assert.equal(copies.isFirst('t', text('x'), 2), true);
  });

  it('bring any mix of messages once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('t', 'u'), fc.constantFrom('x', 'y')), { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (messages, number) => {
          const copies = new DuplicateFilter(new FakeClock());
          let passed = 0;
          for (const [topic, payload] of messages)
            for (let i = 0; i < number; i++) passed += copies.isFirst(topic, text(payload), number) ? 1 : 0;
          assert.equal(passed, messages.length);
        },
      ),
    );
  });

  it('keep no payload whose copies have all come', () => {
    const copies = new DuplicateFilter(new FakeClock());
    for (let i = 0; i < 1_000; i++)
      for (let copy = 0; copy < 2; copy++) copies.isFirst(`t/${i}`, text('large'), 2);
    const { awaited, size } = copies as unknown as { awaited: Map<string, unknown>; size: number };
    assert.deepEqual([awaited.size, size], [0, 0]);
  });

  it('keep a bounded number', () => {
    const copies = new DuplicateFilter(new FakeClock());
    for (let i = 0; i < 25_000; i++) copies.isFirst(`t/${i}`, text('x'), 2);
    const { awaited } = copies as unknown as { awaited: Map<string, unknown> };
    assert.ok(awaited.size <= 10_000, `${awaited.size}`);
  });
});
