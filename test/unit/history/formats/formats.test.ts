import assert from 'node:assert/strict';
import { answerOf, mostKeys } from '../../../../src/history/formats/answer';
import type { ChartPoint } from '../../../../src/history/formats/chart-points';
import { pictureName } from '../../../../src/history/formats/pictures';
import { History } from '../../../../src/history/history';
import {
  HISTORY_FORMATS,
  type HistoryFormat,
  type RawQuestion,
  readQuestion,
} from '../../../../src/history/question';
import { type Recorded, type RecordedKey, recordedOf } from '../../../../src/history/recorded';
import { HOUR, MIDNIGHT, MINUTE } from '../day';

const NOW = MIDNIGHT + 2 * HOUR;
/** Everything that a grammar might take for its own. */
const HOSTILE = 'a,b c="d"\\e\n{f}<g>&h\u202e#i|\\';

function filled(): History {
  const history = new History({ points: 1 });
  for (let minute = 0; minute < 120; minute += 10) {
    if (minute === 60) continue;
    history.record('home/a', MIDNIGHT + minute * MINUTE, minute / 8);
    history.record(HOSTILE, MIDNIGHT + minute * MINUTE, -minute);
    history.record('z2m/x\0power', MIDNIGHT + minute * MINUTE, 1e21);
  }
  history.recordText('home/door', MIDNIGHT, HOSTILE);
  history.recordText('home/door', MIDNIGHT + 30 * MINUTE, 'closed');
  history.recordText('home/door', MIDNIGHT + 90 * MINUTE, HOSTILE);
  return history;
}

const about = (key: string, unit?: string): RecordedKey => {
  const [topic = '', field] = key.split('\0');
  return { key, topic, field, looks: { unit, timeZone: 'UTC' } };
};

function recorded(keys: readonly RecordedKey[], format: HistoryFormat, raw: RawQuestion = {}): Recorded[] {
  const history = filled();
  const question = readQuestion({ from: '2h', points: 12, format, ...raw }, history.span, NOW);
  return keys.map((key) => recordedOf(history, key, question, NOW));
}

const ask = (keys: readonly RecordedKey[], format: HistoryFormat, isNamed = keys.length > 1) =>
  answerOf(recorded(keys, format), format, isNamed).payload;
const ALL = [about('home/a', '°C'), about(HOSTILE), about('z2m/x\0power', 'W'), about('home/door')];

describe('history formats', () => {
  it('names a picture by its topic, and never by a path', () => {
    for (const [topic, name] of [
      ['home/sensors/temperature/living_room', 'temperature-living-room.png'],
      ['Gefrierschrank Küche', 'Gefrierschrank-Küche.png'],
      ['../../etc/passwd', 'etc-passwd.png'],
      ['a/\u202e..\\b\0', 'a-b.png'],
      ['', 'chart.png'],
      ['//#', 'chart.png'],
    ] as const)
      assert.equal(pictureName(topic), name);
    assert.ok(pictureName('x'.repeat(1e6)).length < 70);
  });

  it('table: a row for each part with something in it, and for each change of state', () => {
    const rows = ask([about('home/a')], 'table') as object[];
    assert.equal(rows.length, 11);
    assert.deepEqual(rows[1], {
      ...{ time: '2026-03-02T00:10:00.000Z', min: 1.25, mean: 1.25, max: 1.25, last: 1.25, count: 1 },
    });
    const [door] = ask([about('home/door')], 'table') as object[];
    assert.deepEqual(door, { time: '2026-03-02T00:00:00.000Z', state: HOSTILE });
  });

  it('of several topics, each row says its own', () => {
    const rows = ask(ALL, 'array') as { topic: string; field?: string; t?: number; at?: number }[];
    assert.equal(rows.length, 12 * 3 + 3);
    assert.deepEqual([...new Set(rows.map(({ topic }) => topic))], ['home/a', HOSTILE, 'z2m/x', 'home/door']);
    assert.equal(rows.find(({ topic }) => topic === 'z2m/x')?.field, 'power');
    const [head, first] = String(ask(ALL, 'csv')).split('\r\n');
    assert.equal(head, 'topic,field,time,min,max,mean,last,count,state');
    assert.equal(first, 'home/a,,2026-03-02T00:00:00.000Z,0,0,0,0,1,');
    assert.match(String(ask(ALL, 'csv')), /\r\nz2m\/x,power,2026-/);
  });

  it('CSV: a spreadsheet takes no text for a formula', () => {
    const history = new History();
    for (const state of ['=1+1', '-2', '@x', '+3']) history.recordText('f', MIDNIGHT, state);
    const question = readQuestion({ from: '2h', format: 'csv' }, history.span, NOW);
    const text = String(answerOf([recordedOf(history, about('f'), question, NOW)], 'csv', false).payload);
    assert.doesNotMatch(text, /[,\n"][=+@-]/);
  });

  it('chart: one axis holds numbers or states, and what is left out is counted', () => {
    const { payload, leftOut } = answerOf(recorded(ALL, 'chart'), 'chart', true);
    assert.equal(leftOut, 1);
    const points = payload as ChartPoint[];
    assert.deepEqual([...new Set(points.map(({ series }) => series))], ['home/a', HOSTILE, 'z2m/x power']);
    assert.equal(answerOf(recorded([about('home/door')], 'chart'), 'chart', false).leftOut, 0);
  });

  it('chart: the line of a slow sensor holds together, and breaks where it was silent', () => {
    const history = new History();
    for (let minute = 0; minute < 120; minute += 12)
      if (minute < 48 || minute > 90) history.record('slow', MIDNIGHT + minute * MINUTE, minute);
    const question = readQuestion({ from: '2h', points: 120, format: 'chart' }, history.span, NOW);
    const { payload } = answerOf([recordedOf(history, about('slow'), question, NOW)], 'chart', false);
    const shown = (payload as ChartPoint[]).map(({ y }) => y);
    assert.deepEqual(shown, [0, 12, 24, 36, null, 96, 108]);
    const times = (payload as ChartPoint[]).map(({ x }) => x);
    assert.equal(times[1], MIDNIGHT + 12.5 * MINUTE, 'a bucket in its middle, as the sidebar draws it');
    const data = recordedOf(history, about('slow'), { ...question, format: 'csv' }, NOW).series;
    assert.equal(data.t[12], MIDNIGHT + 12 * MINUTE, 'data names the time at which a bucket begins');
    assert.deepEqual(times, [...times].sort());
  });

  it('chart: a series has the levels that tell it from the others', () => {
    const history = new History();
    const named = (...topics: string[]): string[] => {
      for (const topic of topics) history.record(topic, NOW - MINUTE, 1);
      const question = readQuestion({ from: '2h', format: 'chart' }, history.span, NOW);
      const all = topics.map((topic) => recordedOf(history, about(topic), question, NOW));
      return (answerOf(all, 'chart', true).payload as ChartPoint[]).map(({ series }) => series);
    };
    assert.deepEqual(named('home/a/temperature', 'home/b/temperature'), ['a', 'b']);
    assert.deepEqual(named('home/x/a/t', 'home/b/t', 'home/t'), ['x/a/t', 'b/t', 't']);
    assert.deepEqual(named('a', 'a/a', 'a/a/a'), ['a', 'a/a', 'a/a/a']);
    assert.deepEqual(named('z/a\0x', 'z/b\0y', 'z/b\0x'), ['a x', 'b y', 'b x']);
    assert.deepEqual(named('z/a\0x', 'z/a\0y'), ['z/a x', 'z/a y']);
    assert.deepEqual(named('z/a'), ['z/a']);
  });

  it('InfluxDB: escapes what separates, and has a line for each part', () => {
    const lines = String(ask([about('home/a', '°C')], 'influx'))
      .trimEnd()
      .split('\n');
    assert.equal(lines.length, 11);
    assert.equal(
      lines[1],
      'dinox_history,topic=home/a,unit=°C min=1.25,max=1.25,mean=1.25,last=1.25,count=1i 1772410200000000000',
    );
    for (const line of String(ask(ALL, 'influx')).trimEnd().split('\n')) assertInfluxLine(line);
    assert.match(
      String(ask([ALL[2] as RecordedKey], 'influx')),
      /^dinox_history,field=power,topic=z2m\/x,unit=W min=1e\+21/,
    );
  });

  it('OpenMetrics: families stand together, labels are escaped, and it ends', () => {
    const text = String(ask(ALL, 'openmetrics'));
    assertOpenMetrics(text);
    assert.match(text, /^dinox_history_mean\{topic="home\/a",unit="°C"\} 1\.25 1772410200$/m);
    assert.match(text, /^dinox_history_state\{topic="home\/door",state="closed"\} 0 1772415000$/m);
    assert.equal(ask([], 'openmetrics'), '# EOF\n');
  });

  it('pictures: several stand one below the other', () => {
    const svg = String(ask(ALL, 'svg'));
    assertXml(svg);
    assert.match(svg, /viewBox="0 0 640 640"/);
    const png = ask(ALL, 'png') as Buffer;
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2 * 640, 2 * 4 * 180]);
    assert.equal(String(ask(ALL, 'sparkline')).split('<svg ').length, 5);
    assert.equal(String(ask(ALL.slice(0, 1), 'line', true)).split('\n')[0], 'home/a');
    assert.equal(mostKeys('svg', 50), 8);
    assert.equal(mostKeys('csv', 50), 50);
  });

  it('SVG chart: title, axes, limit, the time of an alert, in the colour of the page', () => {
    const [one] = recorded([about('home/a', '°C')], 'svg');
    const looks = { ...one?.looks, limit: 20, marks: [{ at: MIDNIGHT + HOUR, end: MIDNIGHT + 90 * MINUTE }] };
    const svg = String(answerOf([{ ...(one as Recorded), looks }], 'svg', false).payload);
    assertXml(svg);
    for (const label of ['home/a', 'min 0 °C · max 13.75 °C', '15', '00:30', '01:30'])
      assert.ok(svg.includes(`>${label}</text>`), label);
    assert.match(svg, /stroke-dasharray/);
    assert.match(svg, /fill-opacity=".18"/);
  });

  it('every format answers where there is nothing', () => {
    const empty = { from: MIDNIGHT - 5 * HOUR, to: MIDNIGHT - 4 * HOUR };
    for (const format of HISTORY_FORMATS) {
      answerOf(recorded(ALL, format, empty), format, true);
      answerOf([], format, true);
    }
  });
});

/** The grammar of line protocol: what is not escaped separates. */
function assertInfluxLine(line: string): void {
  const key = String.raw`(?:[^,= \\]|\\.)+`;
  const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d+)?i?`;
  const value = String.raw`(?:${number}|"(?:[^"\\]|\\["\\])*")`;
  const field = `${key}=${value}`;
  assert.match(line, new RegExp(`^dinox_history(?:,${key}=${key})* ${field}(?:,${field})* \\d+$`, 'u'));
}

/** The grammar of OpenMetrics 1.0, and that the samples of a family and of a metric stand together, in order. */
function assertOpenMetrics(text: string): void {
  assert.ok(text.endsWith('# EOF\n'));
  let family = '';
  let metric = '';
  let at = 0;
  const families = new Set<string>();
  const metrics = new Set<string>();
  for (const line of text.split('\n').slice(0, -2)) {
    const head = /^# TYPE (\w+) gauge$/.exec(line);
    if (head) {
      family = String(head[1]);
      assert.ok(!families.has(family), line);
      families.add(family);
    } else if (line.startsWith('# ')) assert.match(line, new RegExp(`^# HELP ${family} [^\\n]+$`));
    else {
      const sample = /^(\w+\{(?:\w+="(?:[^"\\\n]|\\[\\n"])*",?)+\}) (-?[\d.e+]+) (\d+(?:\.\d+)?)$/u;
      const [, of = '', , time] = sample.exec(line) ?? [];
      assert.ok(of.startsWith(`${family}{`), line);
      assert.ok(of === metric ? Number(time) > at : !metrics.has(of), line);
      metrics.add(of);
      metric = of;
      at = Number(time);
    }
  }
}

/** Elements end as they begin, and no text holds what XML reserves (XML 1.0 §2.1, §2.4). */
function assertXml(text: string): void {
  const open: string[] = [];
  const left = text.replace(
    /<(\/?)(\w+)((?: [\w:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/g,
    (_, end: string, name: string, _attributes, alone: string) => {
      if (end) assert.equal(open.pop(), name);
      else if (!alone) open.push(name);
      return '';
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(left.replace(/&(?:amp|lt|gt|quot|#39);/g, ''), /[<&]/);
}
