import assert from 'node:assert/strict';
import { withUnit } from '../../../src/editor/format';

describe('how things are written', () => {
  it('writes a value with its unit as people do', () => {
    assert.equal(withUnit(5, '%'), '5%');
    assert.equal(withUnit(5.25, '°C'), '5.25\u00a0°C');
    assert.equal(withUnit(5, ''), '5');
  });
});
