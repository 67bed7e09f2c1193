import assert from 'node:assert/strict';
import { undoAll } from '../../../../../../src/plugins/dinox-sidebar/editor/topics/undo-all';

const refused = (code: string) => Object.assign(new Error(code), { code });

describe('sidebar: undoing a clearing of many steps', () => {
  it('what is too late for one step does not stop the others', async () => {
    const asked: string[] = [];
    const all = await undoAll(
      ['a', 'b', 'c'],
      async (token) => {
        asked.push(token);
        if (token === 'a') throw refused('noUndo');
        return { restored: 500, failed: 0 };
      },
      () => {},
    );
    assert.deepEqual(asked, ['a', 'b', 'c']);
    assert.equal(all.restored, 1000);
    assert.deepEqual(all.left, []);
    assert.match(String(all.error), /noUndo/);
  });

  it('what fails, and what was not reached, can be tried again', async () => {
    const shown: number[] = [];
    const why = { key: 'mqtt.notConfirmedYet' } as const;
    const all = await undoAll(
      ['a', 'b', 'c'],
      async (token) => {
        if (token === 'a') return { restored: 498, failed: 2, newer: 1, why, undo: 'a2' };
        throw refused('often');
      },
      (restored) => shown.push(restored),
    );
    assert.deepEqual(all.left, ['a2', 'b', 'c']);
    assert.deepEqual([all.restored, all.failed, all.newer, all.why], [498, 2, 1, why]);
    assert.deepEqual(shown, [498]);
  });
});
