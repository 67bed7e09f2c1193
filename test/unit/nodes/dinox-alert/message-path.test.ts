import assert from 'node:assert/strict';
import { parsePath, valueAt } from '../../../../src/nodes/dinox-alert/message-path';

describe('alert: paths', () => {
  const msg = { payload: { sensors: [{ value: 1 }, { value: 2 }], 'a.b': 3, '': 4 } };
  for (const [text, expected] of [
    ['payload.sensors[1].value', 2],
    ['payload["a.b"]', 3],
    ["payload['a.b']", 3],
    ['payload.sensors[9].value', undefined],
    ['payload.sensors.length', 2],
    ['payload.nothing.at.all', undefined],
    ['payload.toString', undefined],
  ] as const) {
    it(`${text} is ${expected}`, () => assert.equal(valueAt(msg, parsePath(text)), expected));
  }
  for (const text of [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a[',
    'a[x]',
    'a[-1]',
    'a b',
    'a]b',
    '[0]b',
    'a.__proto__.b',
    'constructor',
    'a["prototype"]',
    'a'.repeat(3) + '.b'.repeat(30),
  ]) {
    it(`${JSON.stringify(text.slice(0, 30))} is none`, () => assert.throws(() => parsePath(text), /path/));
  }
  it('leads through null', () => assert.equal(valueAt({ payload: null }, parsePath('payload.a')), undefined));
});
