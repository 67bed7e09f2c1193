import assert from 'node:assert/strict';
import { Pacer } from '../../../src/chatbridge/pacer';
import { FakeClock } from '../transport/fake-clock';

describe('pacer of a bridge', () => {
  const setUp = (rate = 20) => {
    const clock = new FakeClock();
    const sent: string[] = [];
    const pacer = new Pacer(
      clock,
      rate,
      (text) => sent.push(text),
      (count) => `(${count} before)`,
    );
    return { clock, sent, pacer };
  };

  it('sends a few at once', () => {
    const { sent, pacer } = setUp();
    for (const text of ['a', 'b', 'c']) pacer.push(text);
    assert.deepEqual(sent, ['a', 'b', 'c']);
  });

  it('joins what is above the rate: the newest ten, and the number of the others', () => {
    const { clock, sent, pacer } = setUp();
    for (let n = 0; n < 10_000; n++) pacer.push(`v${n}`);
    assert.equal(sent.length, 3);
    clock.advance(3_000);
    assert.equal(sent.length, 4);
    const lines = sent[3]?.split('\n') ?? [];
    assert.deepEqual([lines.length, lines[0], lines[1], lines[10]], [11, '(9987 before)', 'v9990', 'v9999']);
  });

  it('lets files through at the same rate, since they cannot be joined, and counts the others', () => {
    const { clock, sent, pacer } = setUp();
    let passed = 0;
    for (let n = 0; n < 1_000; n++) if (pacer.pass()) passed += 1;
    assert.equal(passed, 3);
    clock.advance(3_000);
    assert.deepEqual(sent, ['(997 before)']);
  });

  it('kind: silence where something was lost. While nothing can be said the newest ten wait, and the others are counted', () => {
    const { clock, sent, pacer } = setUp();
    for (const text of ['a', 'b', 'c', 'on its way']) pacer.push(text);
    pacer.hold();
    for (let n = 0; n < 10_000; n++) pacer.push(`v${n}`);
    assert.equal(pacer.pass(), false, 'a file');
    clock.advance(3_600_000);
    assert.deepEqual(sent, ['a', 'b', 'c']);
    pacer.release('meanwhile:');
    const [head, before, ...lines] = sent[3]?.split('\n') ?? [];
    assert.deepEqual([head, before], ['meanwhile:', '(9992 before)']);
    assert.deepEqual([lines.length, lines[0], lines[9]], [10, 'v9990', 'v9999']);
    pacer.push('after');
    assert.equal(sent.at(-1), 'after');
    pacer.hold();
    pacer.release('meanwhile:');
    pacer.release('meanwhile:');
    assert.equal(sent.length, 5, 'nothing waited');
    pacer.hold();
    pacer.push('x');
    pacer.release('meanwhile:');
    assert.equal(sent.at(-1), 'meanwhile:\nx');
    pacer.hold();
    pacer.push('y');
    assert.equal(pacer.pass(), false);
    assert.equal(pacer.close(), 2);
    assert.equal(sent.at(-1), 'meanwhile:\nx', 'there is nowhere to say it');
    assert.equal(pacer.close(), 0);
  });

  it('keeps the rate while a flood goes on, loses the count of none, and is quick again after a rest', () => {
    const { clock, sent, pacer } = setUp(20);
    let pushed = 0;
    for (let second = 0; second < 60; second++) {
      for (let n = 0; n < 100; n++) pacer.push(`v${pushed++}`);
      clock.advance(1_000);
    }
    clock.advance(3_000);
    assert.ok(sent.length <= 24, `${sent.length} messages`);
    const told = sent.reduce((sum, text) => {
      const [first = '', ...rest] = text.split('\n');
      const before = /^\((\d+) before\)$/.exec(first)?.[1];
      return sum + (before === undefined ? 1 : Number(before)) + rest.length;
    }, 0);
    assert.equal(told, pushed);
    clock.advance(60_000);
    const count = sent.length;
    for (const text of ['a', 'b', 'c']) pacer.push(text);
    assert.equal(sent.length, count + 3);
  });

  it('cuts long lines of a crowd, sends a single one whole, and what waits at the end', () => {
    const { clock, sent, pacer } = setUp();
    const long = 'x'.repeat(5_000);
    for (const text of ['a', 'b', 'c', long]) pacer.push(text);
    clock.advance(3_000);
    assert.equal(sent[3], long);
    pacer.push(long);
    pacer.push(long);
    pacer.close();
    assert.ok((sent[4]?.length ?? 0) < 700);
    assert.equal(clock.waiting, 0);
    pacer.close();
    assert.equal(sent.length, 5);
  });
});
