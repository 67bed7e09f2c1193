import assert from 'node:assert/strict';
import { escapeXml, sparkSvg } from '../../../../src/history/charts/spark-svg';
import { sparkline } from '../../../../src/history/charts/sparkline';
import { History } from '../../../../src/history/history';
import { FREEZER_LIMIT, FREEZER_MARKS, freezerDay, HOUR, MIDNIGHT, MINUTE } from '../day';
import { assertGolden } from './golden';

/** A thermometer that speaks every 17 minutes: less often than a picture has points. */
function sparse(): History {
  const history = new History({ points: 1 });
  for (let minute = 0; minute < 1_440; minute += 17)
    history.record('k', MIDNIGHT + minute * MINUTE, Math.round(20 + 5 * Math.sin(minute / 200)));
  return history;
}

const day = (history: History, points: number) =>
  history.series('k', MIDNIGHT, MIDNIGHT + 24 * HOUR - 1, points);

describe('sparkline', () => {
  it('draws a day, with its gap, its peak and its figures', () => {
    assert.equal(
      sparkline(freezerDay(240), { limit: FREEZER_LIMIT, unit: '°C', width: 48 }),
      '▁▁▁▁▁▁▁▁▁▁   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▃▆▇█▆▃▁▁▁▁▁▁▁▁▁▁▁▁  min -19.6 °C · max -2.7 °C · limit -12 °C',
    );
    assert.equal(sparkline(day(sparse(), 240)), '▅▆▇█████▇▆▅▃▂▂▁▁▁▁▂▃▄▅▆▇  min 15 · max 25');
  });

  it('shows least and largest, and null as a gap', () => {
    assert.equal(sparkline([1, 2, 3, null, 5, 8, 3, 2], { figures: false }), '▁▂▃ ▅█▃▂');
    const long = Array.from({ length: 1_000 }, (_, at) => (at === 500 ? 100 : at === 700 ? -100 : 0));
    assert.equal(sparkline(long, { width: 10, figures: false }), '▅▅▅▅▅█▅▁▅▅');
  });

  it('has no trouble with values that are all the same, none, too few, or huge', () => {
    assert.equal(sparkline([5, 5, 5], { figures: false }), '▄▄▄');
    assert.equal(sparkline([7]), '▄  min 7 · max 7');
    for (const values of [[], [null, null], [Number.NaN, Number.POSITIVE_INFINITY]])
      assert.equal(sparkline(values), '');
    assert.equal(sparkline([-1e308, 0, 1e308], { figures: false }), '▁▅█');
    assert.equal(sparkline([1, 2], { width: Number.NaN, figures: false }), '▁█');
    assert.equal(sparkline([1, 2], { width: -5, figures: false }).length, 1);
  });

  it('says the figures in the words that are given', () => {
    const words = { min: 'tiefst', max: 'höchst', limit: 'Grenze' };
    assert.equal(sparkline([1, 2], { words, limit: 3 }), '▁█  tiefst 1 · höchst 2 · Grenze 3');
    assert.equal(sparkline([1, 2], { limit: Number.NaN }), '▁█  min 1 · max 2');
    assert.equal(sparkline([0.1 + 0.2, 1e12]), '▁█  min 0.3 · max 1e+12');
  });
});

describe('SVG sparkline', () => {
  const text = { title: 'freezer', description: '2 March' };

  it('draws a day, with its gap, its peak, the limit and the alert', () => {
    const svg = sparkSvg(freezerDay(240), { ...text, limit: FREEZER_LIMIT, marks: FREEZER_MARKS });
    assert.ok(svg.length < 4_096, `${svg.length} characters`);
    assertGolden('freezer.svg', svg);
  });

  it('draws what is sparse, alone, or not there', () => {
    assertGolden('sparse.svg', sparkSvg(day(sparse(), 240), { ...text, limit: 27, limit2: 12 }));
    const history = new History();
    history.record('k', MIDNIGHT + 5 * HOUR, 3);
    assertGolden('alone.svg', sparkSvg(day(history, 240), text));
    assertGolden('empty.svg', sparkSvg(day(new History(), 240), { ...text, limit: 3 }));
  });

  it('is well-formed whatever the texts are', () => {
    const hostile = '</title><script>alert("1")</script>&\u0000\u001b\ud800\'';
    const svg = sparkSvg(freezerDay(24), { title: hostile, description: hostile });
    assert.equal(
      escapeXml(hostile),
      '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;\ufffd\ufffd\ufffd&#39;',
    );
    assert.equal(svg.split(escapeXml(hostile)).length, 3);
    assert.ok(!svg.includes('<script'));
  });

  it('holds nothing but numbers, whatever values and sizes are', () => {
    const history = new History();
    for (const [minute, value] of [-1e308, 1e308, 1e-308, 0, -0].entries())
      history.record('k', MIDNIGHT + minute * MINUTE, value);
    const marks = [
      { at: Number.NaN },
      { at: 0, end: 1 },
      { at: MIDNIGHT - HOUR, end: Number.POSITIVE_INFINITY },
      { at: MIDNIGHT + HOUR, end: MIDNIGHT },
    ];
    for (const limit of [Number.NaN, 1e308, -1e308]) {
      for (const width of [Number.NaN, 0, 1e9]) {
        const svg = sparkSvg(day(history, 100), { ...text, limit, width, height: width, marks });
        assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/);
      }
    }
  });
});
