import assert from 'node:assert/strict';
import { readDecimal } from '../../../src/base/decimal';

describe('numbers as people type them', () => {
  const good: [typed: string, number: number][] = [
    [' 21,5 ', 21.5],
    ['\u22123', -3],
    ['-3', -3],
    ['+2', 2],
    [',5', 0.5],
    ['.5', 0.5],
    ['7.', 7],
    ['1e3', 1_000],
    ['0', 0],
  ];
  for (const [typed, number] of good) it(typed, () => assert.equal(readDecimal(typed), number));

  for (const typed of [
    '',
    ' ',
    'warm',
    '1,2,3',
    '1.2,3',
    'Infinity',
    'NaN',
    '0x10',
    '--1',
    '5 %',
    ',',
    '1e',
  ]) {
    it(`not ${JSON.stringify(typed)}`, () => assert.equal(readDecimal(typed), undefined));
  }
});
