import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type Reading, type ReadOptions, readValue } from '../../../src/alert/sample-value';
import type { Value } from '../../../src/alert/states';

describe('alert: reading a value', () => {
  const cases: [
    raw: unknown,
    expected: Value | NonNullable<Reading['why']>,
    options?: Partial<ReadOptions>,
  ][] = [
    [21.5, 21.5],
    [-0, -0],
    ['21.5', 21.5],
    [' -3 ', -3],
    ['1e3', 1_000],
    ['−4', -4],
    ['21,5', 'notNumber'],
    ['21,5', 21.5, { decimalComma: true }],
    ['1.234,5', 'notNumber', { decimalComma: true }],
    ['21.5 °C', 'notNumber'],
    ['21.5 °C', 21.5, { unit: '°C' }],
    ['21,5°C', 21.5, { unit: '°C', decimalComma: true }],
    ['0x10', 'notNumber'],
    ['Infinity', 'notNumber'],
    ['12 apples', 'notNumber'],
    ['', 'nothing'],
    ['   ', 'nothing'],
    ['unavailable', 'unavailable'],
    ['Unknown', 'unavailable'],
    ['NaN', 'unavailable'],
    [Number.NaN, 'notNumber'],
    [Number.POSITIVE_INFINITY, 'notNumber'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [true, 'notNumber'],
    [12n, 'notNumber'],
    [Symbol('s'), 'notNumber'],
    [[1], 'object'],
    [new Date(), 'object'],
    [Buffer.from('21'), 'object'],
    [{}, 'object'],
    [{ value: 22.1, unit: '°C' }, 22.1],
    [{ value: '22.1' }, 22.1],
    [{ state: '7' }, 7],
    [{ value: null, state: 7 }, 'nothing'],
    [{ value: { value: 1 } }, 'object'],
    ['{"value": 22.1, "unit": "°C"}', 22.1],
    ['{"value": 22.1', 'notNumber'],
    [Object.create({ value: 5 }), 'object'],
    ['9'.repeat(2_000), 'notNumber'],
    ['open', 'open', { numeric: false }],
    [{ state: 'open' }, 'open', { numeric: false }],
    [false, false, { numeric: false }],
    [5, 5, { numeric: false }],
    ['unavailable', 'unavailable', { numeric: false }],
    [{}, true, { numeric: false, any: true }],
    [null, 'nothing', { numeric: false, any: true }],
    // Kind: silence where something was lost. What is there is no missing data, however long or odd it is.
    ['x'.repeat(2_000), 'x'.repeat(2_000), { numeric: false }],
    ['x'.repeat(2_000), 'x'.repeat(2_000), { numeric: false, any: true }],
    [12n, '12', { numeric: false }],
    [12n, '12', { numeric: false, any: true }],
    [{ state: 12n }, '12', { numeric: false }],
    [`{"value":5,"more":"${'x'.repeat(2_000)}"}`, 5, {}],
    ['{"error":"E7"}', '{"error":"E7"}', { numeric: false }],
  ];
  for (const [raw, expected, options] of cases) {
    it(`${inspect(raw).slice(0, 40)} ${JSON.stringify(options ?? {})}`, () => {
      const { value, why } = readValue(raw, { numeric: true, ...options });
      assert.deepEqual(value ?? why, expected);
    });
  }

  it('a text that the condition asks for counts, whatever it says', () => {
    assert.equal(readValue('unavailable', { numeric: false, wanted: 'unavailable' }).value, 'unavailable');
  });

  it('keeps the unit', () => {
    assert.equal(readValue({ value: 1, unit: 'W' }, { numeric: true, unit: 'kW' }).unit, 'W');
    assert.equal(readValue(1, { numeric: true, unit: 'kW' }).unit, 'kW');
  });
});
