import assert from 'node:assert/strict';
import { DeadlineHeap, type Timed } from '../../../src/alert/deadline-heap';
import { seeded } from '../../support/seeded';

describe('alert: deadlines', () => {
  it('come out in their order, whatever was put in and taken out before', () => {
    const random = seeded(7);
    const heap = new DeadlineHeap<Timed & { due: number }>();
    const items = Array.from({ length: 500 }, () => ({
      heapIndex: -1,
      heapDue: 0,
      due: Math.floor(random() * 1_000),
    }));
    for (const item of items) heap.want(item, item.due);
    for (const item of items.slice(0, 100)) heap.remove(item);
    for (const item of items.slice(100, 200)) {
      item.due = Math.floor(item.due / 2);
      heap.want(item, item.due);
    }
    heap.shift(5);
    const out: number[] = [];
    for (let item = heap.take(2_000); item; item = heap.take(2_000)) out.push(item.due);
    assert.deepEqual(
      out,
      items
        .slice(100)
        .map(({ due }) => due)
        .sort((a, b) => a - b),
    );
    assert.equal(heap.next, Number.POSITIVE_INFINITY);
  });
});
