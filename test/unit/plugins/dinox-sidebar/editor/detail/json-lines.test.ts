import assert from 'node:assert/strict';
import { jsonLines } from '../../../../../../src/plugins/dinox-sidebar/editor/detail/json-lines';
import { pauseText } from '../../../../../../src/plugins/dinox-sidebar/editor/detail/messages';

describe('sidebar: JSON as lines', () => {
  it('names each value by its path in a flow, and numbers by their name in the history', () => {
    const lines = jsonLines('{"power":{"phase 1":12,"on":true},"list":[1,null],"name":"x"}') ?? [];
    assert.deepEqual(
      lines.map(({ depth, key, text, path, field }) => [depth, key, text, path, field]),
      [
        [0, 'power', '', 'payload.power', undefined],
        [1, 'phase 1', '12', 'payload.power["phase 1"]', 'power.phase 1'],
        [1, 'on', 'true', 'payload.power.on', undefined],
        [0, 'list', '[2]', 'payload.list', undefined],
        [1, '0', '1', 'payload.list[0]', 'list.0'],
        [1, '1', 'null', 'payload.list[1]', undefined],
        [0, 'name', '"x"', 'payload.name', undefined],
      ],
    );
  });

  it('takes what is no JSON for none', () => {
    for (const text of ['', '21.5', 'open', '{', '{"a":1', 'null'])
      assert.equal(jsonLines(text), undefined, text);
  });

  it('is bounded: depth, number and length', () => {
    assert.ok((jsonLines(`${'['.repeat(10_000)}${']'.repeat(10_000)}`) ?? []).length < 20);
    const wide = jsonLines(JSON.stringify(Array.from({ length: 5_000 }, (_, i) => i))) ?? [];
    assert.equal(wide.length, 400);
    const many = jsonLines(JSON.stringify(Array.from({ length: 300 }, () => ({ a: 1, b: 2 })))) ?? [];
    assert.equal(many.at(-1)?.kind, 'more');
    assert.ok(
      (jsonLines(JSON.stringify({ a: 'x'.repeat(9_000) })) ?? []).every(({ text }) => text.length <= 400),
    );
  });

  it('takes hostile names as names', () => {
    const lines = jsonLines('{"__proto__":{"x":1},"constructor":2}') ?? [];
    assert.deepEqual(
      lines.map(({ path }) => path),
      ['payload.__proto__', 'payload.__proto__.x', 'payload.constructor'],
    );
    assert.equal(({} as { x?: number }).x, undefined);
  });
});

describe('sidebar: pauses between messages', () => {
  for (const [ms, text] of [
    [-5, '0.00 s'],
    [700, '0.70 s'],
    [12_400, '12 s'],
    [61_000, '1 min 1 s'],
    [7_260_000, '2 h 1 min'],
  ] as const)
    it(`${ms} ms: ${text}`, () => assert.equal(pauseText(ms), text));
});
