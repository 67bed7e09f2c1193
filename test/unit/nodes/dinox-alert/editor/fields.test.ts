import assert from 'node:assert/strict';
import {
  duration,
  hysteresis,
  type Look,
  limitReason,
  quietHours,
  span,
} from '../../../../../src/nodes/dinox-alert/editor/fields';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('fields of dinox-alert', () => {
  it('takes a number with a comma in every field, and the hours that the node takes', () => {
    const limits = looking({ condition: 'above', limit: '25,5', critical: ',5' });
    assert.equal(limitReason('25,5', 'limit', limits), undefined);
    for (const text of ['0,5', ',5', '2,5 %', '.5']) assert.equal(hysteresis(text), undefined, text);
    assert.equal(span(() => true)('1,5h', looking({})), undefined);
    assert.equal(duration('1,5h'), undefined);
    for (const text of ['00:00-24:00', '20:07-20:06']) assert.equal(quietHours(text), undefined, text);
    for (const text of ['22:00-22:00', '22:00-24:30']) assert.ok(quietHours(text), text);
    assert.ok(hysteresis('1,2,3'));
  });
});
