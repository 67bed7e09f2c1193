import assert from 'node:assert/strict';
import { Canvas } from '../../../../src/history/charts/canvas';
import { sparkPng } from '../../../../src/history/charts/spark-png';
import { timeTicks, valueTicks } from '../../../../src/history/charts/ticks';
import { History } from '../../../../src/history/history';
import { FREEZER_LIMIT, FREEZER_MARKS, freezerDay, HOUR, MIDNIGHT, MINUTE } from '../day';
import { assertPicture, decode } from './picture';

describe('PNG chart', () => {
  it('draws a day, with its gap, its peak, the limit and the alert', () => {
    const png = sparkPng(freezerDay(580), {
      title: 'home/sensors/temperature/freezer – Gefrierschrank Küche',
      limit: FREEZER_LIMIT,
      marks: FREEZER_MARKS,
      unit: '°C',
      timeZone: 'Europe/Berlin',
    });
    assert.ok(png.length < 57_344, `${png.length} bytes`);
    assertPicture('freezer.png', png);
  });

  it('draws what is sparse, short, or not there', () => {
    const history = new History({ points: 1 });
    for (let minute = 0; minute < 50; minute += 7)
      history.record('k', MIDNIGHT + minute * MINUTE, minute % 3);
    const timeZone = 'UTC';
    const hour = history.series('k', MIDNIGHT, MIDNIGHT + HOUR, 60);
    assertPicture(
      'hour.png',
      sparkPng(hour, { title: 'hour', timeZone, limit: 5, limit2: -1, width: 400, height: 160 }),
    );
    const nothing = new History().series('k', MIDNIGHT, MIDNIGHT + 7 * 24 * HOUR, 100);
    assertPicture('nothing.png', sparkPng(nothing, { title: '漢字 \u0000\u202e🦖', timeZone, limit: 5 }));
  });

  it('makes a picture of whatever it is given', () => {
    const history = new History();
    for (const [minute, value] of [-1e308, 1e308, 1e-308, 0].entries())
      history.record('k', MIDNIGHT + minute * MINUTE, value);
    const series = history.series('k', MIDNIGHT, MIDNIGHT + HOUR, 100);
    for (const limit of [Number.NaN, Number.POSITIVE_INFINITY, 1.7e308, 0])
      for (const size of [Number.NaN, 0, -5])
        decode(
          sparkPng(series, {
            title: 'x'.repeat(100_000),
            limit,
            width: size,
            height: size,
            timeZone: 'No/Where',
          }),
        );
    assert.deepEqual(decode(sparkPng(series, { title: '', width: 1e9, height: 0 })).width, 2_000);
    decode(sparkPng(history.series('k', 1, 1, 3), { title: 'none' }));
    for (const value of [5, -0.001, 1e300]) {
      const flat = new History();
      flat.record('k', MIDNIGHT, value);
      decode(sparkPng(flat.series('k', MIDNIGHT - HOUR, MIDNIGHT + HOUR, 5), { title: 'flat' }));
    }
  });
});

describe('canvas', () => {
  it('shortens text to the room there is', () => {
    const canvas = new Canvas(100, 20, [255, 255, 255]);
    assert.equal(canvas.fitting('short', 100), 'short');
    const text = canvas.fitting('much longer than it may be', 100);
    assert.match(text, /^much .*…$/);
    assert.ok(canvas.widthOf(text) <= 100);
  });

  it('draws within its edges only', () => {
    const canvas = new Canvas(10, 10, [255, 255, 255]);
    canvas.lines(
      [
        [
          [-50, -50],
          [50, 50],
        ],
        [
          [5, -1e3],
          [5, 1e3],
        ],
      ],
      2,
      [0, 0, 0],
    );
    canvas.column(3, -100, 100, [0, 0, 0], 1);
    canvas.rectangle(-5, -5, 100, 7, [0, 0, 0]);
    canvas.text('outside', -20, -10, [0, 0, 0]);
    assert.equal(canvas.pixels.length, 300);
    assert.equal(canvas.pixels[(9 * 10 + 9) * 3], 0);
  });
});

describe('ticks', () => {
  it('are round values', () => {
    assert.deepEqual(valueTicks({ low: -19.6, high: -2.7 }, 4), [-15, -10, -5]);
    assert.deepEqual(valueTicks({ low: 0, high: 1 }, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
    assert.deepEqual(valueTicks({ low: 5, high: 5 }, 5), []);
    assert.deepEqual(valueTicks({ low: -1e308, high: 1e308 }, 5), []);
  });

  it('are round times of the zone, and dates where it takes days', () => {
    const times = timeTicks(MIDNIGHT, MIDNIGHT + 24 * HOUR, 8, 'Europe/Berlin').map(({ label }) => label);
    assert.deepEqual(times, ['03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00', '00:00']);
    const days = timeTicks(MIDNIGHT, MIDNIGHT + 7 * 24 * HOUR, 8, 'UTC').map(({ label }) => label);
    assert.deepEqual(days, ['02.03.', '03.03.', '04.03.', '05.03.', '06.03.', '07.03.', '08.03.', '09.03.']);
    const [first] = timeTicks(MIDNIGHT, MIDNIGHT + HOUR, 4, 'Asia/Kathmandu');
    assert.equal(first?.label, '05:45');
    for (const to of [MIDNIGHT, Number.NaN, 1e300]) assert.deepEqual(timeTicks(MIDNIGHT, to, 4), []);
  });
});
