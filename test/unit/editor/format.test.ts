import assert from 'node:assert/strict';
import {
  age,
  bytes,
  csvField,
  fileName,
  number,
  until,
  visible,
  visibleLines,
  withUnit,
} from '../../../src/editor/format';

describe('how things are written', () => {
  it('an end by its time today, else with its weekday or date, and never in seconds', () => {
    const at = (day: number, hour: number): number => new Date(2026, 11, day, hour, 30, 20).getTime();
    const now = at(1, 22);
    assert.equal(until(at(1, 23), now), '23:30');
    const weekday = new Date(now + 8.64e7).toLocaleDateString([], { weekday: 'short' });
    assert.equal(until(at(2, 7), now), `${weekday} 07:30`, 'tomorrow, though within a day');
    assert.match(until(at(7, 7), now), /^\D+ 07:30$/);
    assert.match(until(at(8, 7), now), /^(?=.*8)(?=.*\p{L}).* 07:30$/u, 'the same weekday has its date');
  });

  it('writes a value with its unit as people do', () => {
    assert.equal(withUnit(5, '%'), '5\u00a0%');
    assert.equal(withUnit(5.25, '°C'), '5.25\u00a0°C');
    assert.equal(withUnit(5, ''), '5');
  });
});

describe('sidebar: words', () => {
  const say = (key: string, values: Record<string, unknown> = {}) => `${values.n ?? ''}${key}`;

  it('shows every character of a text from outside, and not all of a long one', () => {
    assert.equal(visible('a\u202eb\u0000c\u200bd'), 'a\ufffdb\ufffdc\ufffdd');
    assert.equal(visible('x'.repeat(1_000_000)).length, 301);
    assert.equal(visibleLines('a\r\nb\u0007'), 'a\nb\ufffd');
  });

  it('writes numbers, ages and sizes short', () => {
    assert.deepEqual(
      [number(21.123456789), number(0), number(1e12), number(-0.5)],
      ['21.1235', '0', '1.000e+12', '-0.5'],
    );
    assert.deepEqual(
      [age(500, say), age(65_000, say), age(90_000_000, say)],
      ['age.now', '1age.min', '1age.d'],
    );
    assert.deepEqual([bytes(999), bytes(1_500), bytes(2_500_000)], ['999 B', '1.5 kB', '2.5 MB']);
  });

  it('writes CSV that no spreadsheet takes for a formula', () => {
    assert.deepEqual(
      [csvField('=cmd()'), csvField('a,"b"'), csvField(null), csvField(1)],
      ["'=cmd()", '"a,""b"""', '', '1'],
    );
  });

  it('makes a file name of any topic', () => {
    assert.deepEqual([fileName('home/../x', 'csv'), fileName('///', 'png')], ['home-..-x.csv', 'topic.png']);
  });
});
