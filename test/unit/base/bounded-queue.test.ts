import assert from 'node:assert/strict';
import { BoundedQueue } from '../../../src/base/bounded-queue';

describe('a bounded queue', () => {
  const of = (...names: string[]) => names.map((name) => ({ name, bytes: name.length }));
  const make = (...names: string[]) => {
    const queue = new BoundedQueue<{ name: string; bytes: number }>();
    for (const entry of of(...names)) queue.push(entry);
    return queue;
  };
  const names = (queue: ReturnType<typeof make>) => queue.all.map(({ name }) => name);
  const limits = { messages: 2, bytes: 5 };

  it('keeps the order and the sum, over thousands and what comes back to the front', () => {
    const queue = make();
    for (let number = 0; number < 5_000; number++) queue.push({ name: String(number), bytes: 1 });
    for (let number = 0; number < 3_000; number++) assert.equal(queue.shift()?.name, String(number));
    queue.putBack(of('x', 'yy'));
    assert.deepEqual(
      [queue.first?.name, queue.last?.name, queue.size, queue.bytes],
      ['x', '4999', 2_002, 2_003],
    );
    assert.deepEqual(names(queue).slice(0, 3), ['x', 'yy', '3000']);
    assert.equal(queue.takeOut(({ name }) => name.startsWith('3')).length, 1_000);
    assert.deepEqual([queue.size, queue.bytes], [1_002, 1_003]);
    assert.equal(queue.takeOut().length, 1_002);
    assert.deepEqual([queue.size, queue.bytes, queue.shift(), queue.last], [0, 0, undefined, undefined]);
  });

  it('brings back to their places what has an order', () => {
    const queue = make('b', 'd');
    queue.putBack(of('c', 'a'), (a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(names(queue), ['a', 'b', 'c', 'd']);
  });

  it('names the oldest of too many or too much, and the newest where it alone is too large', () => {
    const queue = make('a', 'b', 'c');
    assert.deepEqual(queue.overflow(limits), { entry: { name: 'a', bytes: 1 }, isLarger: false });
    assert.equal(queue.overflow(limits), undefined);
    queue.push({ name: 'dddddd', bytes: 6 });
    assert.equal(queue.overflow(limits)?.isLarger, true);
    assert.deepEqual(names(queue), ['b', 'c']);
    queue.shift();
    queue.push({ name: 'eeeee', bytes: 5 });
    assert.equal(queue.overflow(limits)?.entry.name, 'c');
  });

  it('gives what waits again its room beside the limits, until it leaves or counts again', () => {
    const queue = make('a', 'b');
    const again = of('x', 'y');
    queue.putBack(again);
    queue.doNotCount(again);
    assert.equal(queue.overflow(limits), undefined);
    queue.shift();
    queue.push({ name: 'c', bytes: 1 });
    assert.equal(queue.overflow(limits)?.entry.name, 'y');
    queue.doNotCount(queue.all.slice(0, 1));
    queue.allCount();
    queue.push({ name: 'd', bytes: 1 });
    assert.notEqual(queue.overflow(limits), undefined);
  });

  it('finds one, and the least of a number', () => {
    const queue = make('aaa', 'bb', 'c');
    queue.shift();
    assert.equal(queue.find(({ bytes }) => bytes < 2)?.name, 'c');
    assert.equal(
      queue.find(({ bytes }) => bytes > 2),
      undefined,
    );
    assert.deepEqual(
      [queue.least(({ bytes }) => bytes), make().least(({ bytes }) => bytes)],
      [1, Number.POSITIVE_INFINITY],
    );
  });
});
