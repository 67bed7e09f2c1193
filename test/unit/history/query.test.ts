import assert from 'node:assert/strict';
import type { ChartPoint } from '../../../src/history/formats/chart-points';
import type { HistoryPoint } from '../../../src/history/formats/rows';
import { History } from '../../../src/history/history';
import { type HistoryQuery, queryHistory } from '../../../src/history/query';
import { HISTORY_FORMATS, HistoryError } from '../../../src/history/question';
import { HOUR, MIDNIGHT, MINUTE } from './day';

const NOW = MIDNIGHT + 2 * HOUR;

function filled(): History {
  const history = new History({ points: 1 });
  for (let minute = 0; minute < 120; minute++) {
    if (minute >= 30 && minute < 60) continue;
    history.record('t', MIDNIGHT + minute * MINUTE, minute);
    history.record('t', MIDNIGHT + minute * MINUTE + 1, minute === 90 ? 500 : minute);
  }
  history.recordText('door', MIDNIGHT, '=open, "wide"');
  history.recordText('door', MIDNIGHT + MINUTE, 'closed');
  return history;
}

const ask = (query: HistoryQuery) => queryHistory(filled(), { key: 't', ...query }, NOW);

describe('history query', () => {
  it('gives points, with gaps as null', () => {
    const points = ask({ from: '2h', points: 4 }) as HistoryPoint[];
    assert.deepEqual(points, [
      { t: MIDNIGHT, min: 0, max: 29, mean: 14.5, last: 29, count: 60 },
      { t: MIDNIGHT + 30 * MINUTE, min: null, max: null, mean: null, last: null, count: 0 },
      { t: MIDNIGHT + 60 * MINUTE, min: 60, max: 89, mean: 74.5, last: 89, count: 60 },
      { t: MIDNIGHT + 90 * MINUTE, min: 90, max: 500, mean: points[3]?.mean, last: 119, count: 60 },
    ]);
  });

  it('gives CSV', () => {
    const text = ask({ from: '2h', points: 4, format: 'csv' }) as string;
    assert.deepEqual(text.split('\r\n').slice(0, 3), [
      'time,min,max,mean,last,count',
      '2026-03-02T00:00:00.000Z,0,29,14.5,29,60',
      '2026-03-02T00:30:00.000Z,,,,,0',
    ]);
  });

  it('gives what ui-chart takes, with every peak and a null for a gap', () => {
    const points = ask({ from: '2h', points: 120, format: 'chart' }) as ChartPoint[];
    assert.deepEqual(Object.keys(points[0] as ChartPoint), ['x', 'y', 'series']);
    assert.equal(points.filter(({ y }) => y === null).length, 1);
    assert.equal(Math.max(...points.map(({ y }) => Number(y))), 500);
    assert.ok(points.every(({ x }, at) => at === 0 || x > (points[at - 1] as ChartPoint).x));
  });

  it('gives a line, a sparkline and PNG', () => {
    assert.match(ask({ from: '2h', format: 'line' }) as string, /^▁+ {6}[▁-█]{12} {2}min 0 · max 500$/);
    assert.match(
      ask({ format: 'sparkline' }) as string,
      /^<svg .*<title>t<\/title><desc>2026-03-01T02:00:00.000Z – .*min 0/,
    );
    assert.equal((ask({ format: 'png' }) as Buffer).toString('latin1', 1, 4), 'PNG');
  });

  it('draws in when there was an alert, which is no state of the value', () => {
    const history = filled();
    for (const [hours, state] of [
      [2, 'alert'],
      [3, 'normal'],
      [23, 'alert'],
    ] as const)
      history.recordText('t', NOW - 24 * HOUR + hours * HOUR, state);
    const asked = (format: string, more = {}) =>
      queryHistory(history, { key: 't', format, ...more }, NOW, { alertState: 'alert' });
    assert.match(
      asked('sparkline') as string,
      /<path d="M80 0h40v192h-40zM920 0h40v192h-40z" fill="currentColor" fill-opacity=".18"/,
    );
    assert.notDeepEqual(asked('png'), ask({ format: 'png' }));
    const nothing = { from: NOW - 90 * 60_000, to: NOW - 80 * 60_000, points: 1 };
    assert.equal(
      typeof (asked('array', nothing) as HistoryPoint[])[0]?.count,
      'number',
      'points, and no states',
    );
  });

  it('takes times in any form', () => {
    const of = (from: unknown, to?: unknown): number =>
      (ask({ from, to, points: 1 }) as HistoryPoint[])[0]?.t ?? -1;
    for (const from of [MIDNIGHT, String(MIDNIGHT), '2h', new Date(MIDNIGHT), '2026-03-02T00:00:00Z'])
      assert.equal(of(from), MIDNIGHT);
    assert.equal(of(undefined), NOW - 24 * HOUR);
    assert.equal(of('', '1h'), NOW - 25 * HOUR);
  });

  it('gives the states of what has no numbers, safe for a spreadsheet', () => {
    const states = ask({ key: 'door' });
    assert.deepEqual(states, [
      { at: MIDNIGHT, state: '=open, "wide"' },
      { at: MIDNIGHT + MINUTE, state: 'closed' },
    ]);
    assert.equal(
      ask({ key: 'door', format: 'csv' }),
      `time,state\r\n2026-03-02T00:00:00.000Z,"'=open, ""wide"""\r\n2026-03-02T00:01:00.000Z,closed\r\n`,
    );
    assert.deepEqual((ask({ key: 'door', format: 'chart' }) as ChartPoint[])[1], {
      x: MIDNIGHT + MINUTE,
      y: 'closed',
      series: 'door',
    });
    const known = { from: MIDNIGHT, to: MIDNIGHT + 24 * HOUR };
    assert.match(
      ask({ key: 'door', format: 'line', ...known }) as string,
      /^█░ {22} {2}░ closed 1 h 59 min · █ =open/,
    );
    assert.match(
      ask({ key: 'door', format: 'sparkline', ...known }) as string,
      /^<svg .*<desc>2026-03-02T00:00:00.000Z – .*: closed 1 h 59 min · =open, &quot;wide&quot; 1 min<\/desc><path/,
    );
    assert.equal((ask({ key: 'door', format: 'png' }) as Buffer).toString('latin1', 1, 4), 'PNG');
  });

  it('says what is wrong', () => {
    const wrong: [HistoryQuery, HistoryError['code']][] = [
      [{ key: undefined }, 'key'],
      [{ key: {} }, 'key'],
      [{ key: '' }, 'key'],
      [{ key: 'nobody' }, 'unknown-key'],
      [{ key: '__proto__' }, 'unknown-key'],
      [{ format: 'jpeg' }, 'format'],
      [{ format: 'constructor' }, 'format'],
      [{ format: 7 }, 'format'],
      [{ points: 0 }, 'points'],
      [{ points: 1.5 }, 'points'],
      [{ points: 'many' }, 'points'],
      [{ points: 1e9 }, 'points'],
      [{ from: 'yesterday' }, 'time'],
      [{ from: {} }, 'time'],
      [{ from: -1 }, 'time'],
      [{ from: 1e300 }, 'time'],
      [{ to: new Date(Number.NaN) }, 'time'],
      [{ from: NOW, to: NOW }, 'order'],
      [{ from: '1h', to: '2h' }, 'order'],
    ];
    for (const [query, code] of wrong) {
      assert.throws(
        () => ask(query),
        (error: Error) => error instanceof HistoryError && error.code === code,
        JSON.stringify(query),
      );
    }
    assert.throws(() => ask({ key: `${'x'.repeat(999)}\n` }), {
      message: `There is no history for ${'x'.repeat(80)}….`,
    });
  });

  it('answers in every format where nothing was recorded in that time', () => {
    for (const format of HISTORY_FORMATS) ask({ from: MIDNIGHT - 5 * HOUR, to: MIDNIGHT - 4 * HOUR, format });
  });
});
