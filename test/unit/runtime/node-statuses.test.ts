import assert from 'node:assert/strict';
import type { NodeStatus } from 'node-red';
import { NodeStatuses } from '../../../src/runtime/node-statuses';

function setUp() {
  const shown: string[] = [];
  let text = 'connecting';
  const statuses = new NodeStatuses(() => ({ text }));
  const user = (id: string) => ({
    id,
    status: (status: NodeStatus) => shown.push(`${id} ${(status as { text: string }).text}`),
  });
  const become = (next: string): void => {
    text = next;
  };
  return { shown, statuses, user, become };
}

describe('node statuses', () => {
  it('shows each status once, under every node', () => {
    const { shown, statuses, user, become } = setUp();
    const [a, b] = [user('a'), user('b')];
    statuses.add(a);
    statuses.add(b);
    statuses.showAll();
    become('connected');
    statuses.show(a);
    statuses.showAll();
    assert.deepEqual(shown, ['a connecting', 'b connecting', 'a connected', 'b connected']);
    assert.deepEqual(statuses.ids, ['a', 'b']);
    statuses.remove(a);
    become('lost');
    statuses.showAll();
    assert.deepEqual(shown.slice(4), ['b lost']);
    statuses.add(a);
    assert.equal(shown.at(-1), 'a lost', 'a node that comes back has no status yet');
  });

  it('shows counts when they matter: the first, ten, a hundred; of dropped ones the first figure', () => {
    const { shown, statuses, user, become } = setUp();
    statuses.add(user('a'));
    const showsAt = (queued: number, dropped?: number): boolean => {
      become(`${shown.length}, ${queued} and ${dropped}`);
      const before = shown.length;
      statuses.countsChanged(queued, dropped);
      return shown.length > before;
    };
    assert.deepEqual(
      [1, 2, 9, 10, 99, 100, 0].map((count) => showsAt(count)),
      [true, false, false, true, false, true, true],
    );
    assert.deepEqual(
      [1, 2, 12, 19, 20].map((count) => showsAt(0, count)),
      [true, true, true, false, true],
    );
    statuses.dropsLogged();
    assert.equal(showsAt(0, 20), true);
  });
});
