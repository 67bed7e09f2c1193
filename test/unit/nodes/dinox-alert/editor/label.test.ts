import assert from 'node:assert/strict';
import type { Look } from '../../../../../src/nodes/dinox-alert/editor/fields';
import { conditionLabel } from '../../../../../src/nodes/dinox-alert/editor/label';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('label of dinox-alert', () => {
  it('says on the node what it does', () => {
    const of = (fields: Record<string, string>) =>
      conditionLabel(looking(fields), (key) => key).replaceAll('\u00a0', ' ');
    assert.equal(of({ condition: 'above', limit: '25', unit: '°C' }), '> 25 °C');
    assert.equal(of({ condition: 'below', limit: 'x', limitType: 'flow' }), '< flow.x');
    assert.equal(of({ condition: 'outside', limit: '18', limit2: '24' }), '< 18 … > 24');
    assert.equal(of({ condition: 'inside', limit: '18', limit2: '24' }), '18 … 24');
    assert.equal(of({ condition: 'rate', limit: '-2', unit: 'W' }), '↓ -2 W/min');
    assert.equal(of({ condition: 'equals', limit: '007', limitType: 'str' }), '= 007');
    assert.equal(of({ condition: 'nodata', noDataAfter: '5m' }), 'label.noDataAfter 5m');
    assert.equal(of({ condition: 'above' }), '');
  });
});
