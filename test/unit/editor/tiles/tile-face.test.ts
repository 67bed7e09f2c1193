import assert from 'node:assert/strict';
import { drawingOf, faceOf, HEIGHT, shownNumber } from '../../../../src/editor/tiles/tile-face';
import type { Tile, TileAlert } from '../../../../src/topics/tile';

const TILE: Tile = { topic: 't', title: 't', kind: 'number', text: '1', at: 1_000_000, every: 10_000 };
const ALERT: TileAlert = { topic: 't', severity: 'critical', state: 'firing', acked: false, since: 0 };
const dayOf = (values: (number | null)[]) => ({
  from: 0,
  to: 86_400_000,
  min: values.map((value) => value && value - 1),
  max: values.map((value) => value && value + 1),
  last: values,
});

describe('the face of a tile', () => {
  it('has the colour of its alert', () => {
    const level = (alert?: TileAlert): string => faceOf(TILE, alert, 1_000_000).level;
    assert.equal(level(), 'calm');
    assert.equal(level(ALERT), 'critical');
    assert.equal(level({ ...ALERT, severity: 'warning' }), 'warning');
    assert.equal(level({ ...ALERT, state: 'nodata' }), 'nodata');
    assert.equal(faceOf(TILE, { ...ALERT, acked: true }, 0).acked, true);
  });

  it('is old after three usual times and a minute; a time ahead is now, one that nobody knows is not old', () => {
    const at = (ms: number, tile = TILE) => faceOf(tile, undefined, tile.at + ms);
    assert.deepEqual([at(59_000).isOld, at(61_000).isOld, at(-5_000).age], [false, true, 0]);
    assert.equal(at(61_000, { ...TILE, every: 60_000 }).isOld, false);
    assert.equal(at(1e9, { ...TILE, every: 0 }).isOld, false);
    assert.deepEqual(faceOf({ ...TILE, at: 0 }, undefined, 5), {
      ...{ level: 'calm', acked: false, age: undefined, isOld: false },
    });
  });

  it('draws a day, with gaps, and limits that are near', () => {
    const line = [...Array.from({ length: 20 }, () => 20), ...new Array<null>(10).fill(null), 22, 22, 23];
    const drawing = drawingOf({ ...TILE, day: dayOf(line), limit: 24, limit2: 1_000 });
    assert.equal(drawing?.line.match(/M/g)?.length, 2);
    assert.equal(drawing.limits.length, 1);
    const heights = [...drawing.line.matchAll(/ (-?[\d.]+)/g)].map(([, y]) => Number(y));
    assert.ok(heights.every((y) => y >= 0 && y <= HEIGHT));
    assert.ok((drawing.limits[0] ?? 99) < Math.min(...heights), 'above all values');
  });

  it('draws nothing where there is nothing', () => {
    assert.equal(drawingOf(TILE), undefined);
    assert.equal(drawingOf({ ...TILE, day: dayOf([null, null]) }), undefined);
    assert.ok(drawingOf({ ...TILE, day: dayOf([null, 5]) })?.dots);
  });

  it('writes numbers as people do', () => {
    assert.equal(shownNumber(21.299999999, 'en-US'), '21.3');
    assert.equal(shownNumber(21.25, 'de-DE'), '21,25');
    assert.equal(shownNumber(123456789, 'en-US'), '123456789');
    assert.equal(shownNumber(0.00001, 'en-US'), '1.000e-5');
  });
});
