import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/base/english';
import { declined, describeSrv, orderSrv, targets } from '../../../src/net/srv';

const record = (name: string, priority = 0, weight = 0, port = 1) => ({ name, port, priority, weight });
const names = (records: { name: string }[]) => records.map(({ name }) => name).join(' ');

describe('SRV (RFC 2782)', () => {
  it('sorts by priority, lowest first', () => {
    const list = [record('c', 30), record('a', 10), record('b', 20)];
    assert.equal(names(orderSrv(list, () => 0.5)), 'a b c');
    assert.equal(names(list), 'c a b', 'the argument stays as it was');
  });
  it('draws among equals by weight', () => {
    const list = [record('heavy', 1, 90), record('light', 1, 10)];
    assert.equal(names(orderSrv(list, () => 0)), 'light heavy');
    assert.equal(names(orderSrv(list, () => 0.05)), 'light heavy');
    assert.equal(names(orderSrv(list, () => 0.2)), 'heavy light');
    assert.equal(names(orderSrv(list, () => 0.999)), 'heavy light');
  });
  it('gives each its share over many draws', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const firsts: Record<string, number> = {};
    for (let round = 0; round < 6000; round++) {
      const first =
        orderSrv([record('a', 1, 10), record('b', 1, 20), record('c', 1, 30)], random)[0]?.name ?? '';
      firsts[first] = (firsts[first] ?? 0) + 1;
    }
    for (const [name, share] of [
      ['a', 1 / 6],
      ['b', 2 / 6],
      ['c', 3 / 6],
    ] as const) {
      assert.ok(Math.abs((firsts[name] ?? 0) / 6000 - share) < 0.03, `${name}: ${firsts[name]}`);
    }
  });
  it('keeps all of them, also with weight 0 only', () => {
    const list = [record('a'), record('b'), record('c')];
    assert.equal(names(orderSrv(list, () => 0.7)).length, 'a b c'.length);
    assert.deepEqual(orderSrv([], Math.random), []);
  });
  it('never draws weight 0 before weight 100 but by the smallest chance', () => {
    assert.equal(names(orderSrv([record('zero'), record('full', 0, 100)], () => 0.5)), 'full zero');
    assert.equal(names(orderSrv([record('zero'), record('full', 0, 100)], () => 0)), 'zero full');
  });
  it('knows the target that says no', () => {
    assert.equal(declined({ kind: 'records', records: [record('')] }), true);
    assert.equal(declined({ kind: 'records', records: [record('.')] }), true);
    assert.equal(declined({ kind: 'records', records: [record('a'), record('.')] }), false);
    assert.equal(declined({ kind: 'none' }), false);
    assert.deepEqual(targets({ kind: 'records', records: [record('.'), record('A.Example.')] }, 'x'), [
      { ...record('a.example'), tag: 'x' },
    ]);
  });
  it('describes itself', () => {
    assert.equal(
      inEnglish(
        describeSrv({ kind: 'records', records: [record('b', 9, 1, 5222), record('a', 5, 0, 5223)] }),
      ),
      'a:5223 (priority 5, weight 0); b:5222 (priority 9, weight 1)',
    );
    assert.equal(inEnglish(describeSrv({ kind: 'none' })), 'no such record');
    assert.match(
      inEnglish(describeSrv({ kind: 'records', records: [record('.')] })),
      /explicitly not offered/,
    );
  });
});
