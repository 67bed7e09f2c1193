/** Timelines of states: a line for a chat, SVG and PNG. The pictures were looked at by eye. */
import assert from 'node:assert/strict';
import { stateLine } from '../../../../src/history/charts/state-line';
import { statePng } from '../../../../src/history/charts/state-png';
import { lanesOf, type Timeline } from '../../../../src/history/charts/state-spans';
import { stateSvg } from '../../../../src/history/charts/state-svg';
import { History } from '../../../../src/history/history';
import { HOUR, MIDNIGHT, MINUTE } from '../day';
import { assertGolden } from './golden';
import { assertPicture } from './picture';

const DAY = 24 * HOUR;

function timeline(changes: readonly (readonly [minute: number, state: string])[], known?: number): Timeline {
  const history = new History();
  for (const [minute, state] of changes) history.recordText('k', MIDNIGHT + minute * MINUTE, state);
  const [from, to] = [MIDNIGHT, MIDNIGHT + DAY];
  return { from, to, states: history.states('k', from, to), ...(known !== undefined && { known }) };
}

/** Open in the morning, for a minute at noon, and from the evening on. */
const DOOR = timeline([
  [-300, 'closed'],
  [425, 'open'],
  [432, 'closed'],
  [720, 'open'],
  [721, 'closed'],
  [1_080, 'open'],
  [1_260, 'closed'],
]);

/** A washing machine, heard of from seven o'clock on, and still running at ten in the evening. */
const WASHER = timeline(
  [
    [420, 'idle'],
    [600, 'washing'],
    [660, 'rinsing'],
    [690, 'spinning'],
    [700, 'done – please empty me, I am full of wet clothes'],
    [840, 'idle'],
    [1_200, 'washing'],
    [1_270, 'error: no water'],
    [1_280, 'washing'],
  ],
  MIDNIGHT + 22 * HOUR,
);
/** More states than there are rows. */
const MANY = timeline(
  Array.from({ length: 96 }, (_, part) => [part * 15, `mode ${(part * 7) % 12}`] as const),
);

const MARKS = [{ at: MIDNIGHT + 1_090 * MINUTE, end: MIDNIGHT + 1_260 * MINUTE }];

describe('timeline of states: line', () => {
  it('shows a minute of a day, what each shade is, how often and how long', () => {
    assert.equal(
      stateLine(DOOR),
      '░░░░░░░█░░░░█░░░░░███░░░  ░ closed 4×, 20 h 52 min · █ open 3×, 3 h 8 min',
    );
  });

  it('is empty before the first state and after what is known, and counts the rest as others', () => {
    assert.equal(stateLine(WASHER, { figures: false }), '       ░░░█▚▒▒░░░░░░█▚  ');
    assert.match(stateLine(MANY), /^[░█▒▓▚]{24} {2}░ mode 0 8×, 2 h · .* · ▚ … 64×, 16 h$/);
  });

  it('shows a state that has only just begun', () => {
    const { from, to, states } = DOOR;
    const line = stateLine({ from, to, states: [...states, { at: to, state: 'open' }] });
    assert.equal(line.slice(0, 24), '░░░░░░░█░░░░█░░░░░███░░█');
  });

  it('has one shade for one state, and nothing where there is nothing', () => {
    assert.equal(stateLine(timeline([[0, 'on']]), { width: 4 }), '████  █ on 24 h');
    for (const empty of [timeline([]), { ...DOOR, to: DOOR.from }, { ...DOOR, states: [] }])
      assert.equal(stateLine(empty), '');
    assert.equal(stateLine(DOOR, { width: Number.NaN, figures: false }).length, 24);
    assert.equal(stateLine(DOOR, { width: -1, figures: false }).length, 1);
  });

  it('keeps what a server calls a state on one line, and short', () => {
    const line = stateLine(timeline([[0, `a\nb\u202e\u0000${'c'.repeat(100)}`]]), { width: 1 });
    assert.equal(line, `█  █ a b ${'c'.repeat(19)}… 24 h`);
    assert.match(stateLine(timeline([[0, '']]), { width: 1 }), /█ "" 24 h/);
  });

  it('says it in the words that are given', () => {
    const words = { other: 'andere', duration: (ms: number) => `${ms / MINUTE} Min` };
    const door = { ...words, state: (state: string) => (state === 'open' ? 'auf' : state) };
    assert.match(stateLine(DOOR, { words: door }), /░ closed 4×, 1252 Min · █ auf 3×, 188 Min$/);
    assert.match(stateLine(DOOR, { words }), /░ closed 4×, 1252 Min · █ open 3×, 188 Min$/);
    assert.match(stateLine(MANY, { words }), /▚ andere 64×/);
  });
});

describe('timeline of states: SVG', () => {
  const text = { title: 'door', description: '2 March' };

  it('draws a row for each state, and the alert', () => {
    assertGolden('door.svg', stateSvg(DOOR, { ...text, marks: MARKS }));
    assertGolden('washer.svg', stateSvg(WASHER, { ...text, height: 96 }));
    assertGolden('states.svg', stateSvg(MANY, { ...text, height: 96 }));
    assert.ok(stateSvg(MANY, text).length < 5_000);
  });

  it('is small and made of numbers, whatever comes', () => {
    const busy = timeline(Array.from({ length: 500 }, (_, at) => [at * 2.9, at % 2 ? 'a' : 'b'] as const));
    assert.ok(stateSvg(busy, text).length < 10_000, String(stateSvg(busy, text).length));
    const hostile = '</title><script>alert("1")</script>';
    for (const width of [Number.NaN, 0, 1e9]) {
      const svg = stateSvg(timeline([[0, hostile]]), { ...text, title: hostile, width, height: width });
      assert.doesNotMatch(svg, /NaN|Infinity|undefined|<script/);
    }
    assert.doesNotMatch(stateSvg({ ...DOOR, to: DOOR.from }, text), /<path/);
  });
});

describe('timeline of states: PNG', () => {
  it('draws a row for each state, its name, and the alert', () => {
    const looks = { title: 'home/sensors/contact/door – Haustür', timeZone: 'UTC' };
    const png = statePng(DOOR, { ...looks, marks: MARKS });
    assert.ok(png.length < 20_000, `${png.length} bytes`);
    assertPicture('door.png', png);
    assertPicture('washer.png', statePng(WASHER, { ...looks, title: 'home/washer' }));
    assertPicture('states.png', statePng(MANY, { ...looks, title: 'home/modes' }));
  });

  it('makes a picture of whatever it is given', () => {
    for (const given of [timeline([]), { ...DOOR, to: DOOR.from }, timeline([[0, '']])]) {
      for (const size of [undefined, 0, Number.NaN])
        assert.equal(
          statePng(given, { title: '', width: size, height: size }).toString('latin1', 1, 4),
          'PNG',
        );
    }
  });
});

describe('timeline of states: rows', () => {
  it('hold all of the time between the first state and the end', () => {
    for (const [one, ms] of [
      [DOOR, DAY],
      [WASHER, 15 * HOUR],
      [MANY, DAY],
    ] as const)
      for (const most of [2, 5, 99])
        assert.equal(
          lanesOf(one, most).reduce((sum, lane) => sum + lane.ms, 0),
          ms,
        );
  });
});
