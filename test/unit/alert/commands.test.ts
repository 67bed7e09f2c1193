import assert from 'node:assert/strict';
import {
  type Command,
  CommandError,
  parseObject,
  parseText,
  reactionCommand,
  setInObject,
} from '../../../src/alert/commands';

const HOUR = 3_600_000;

describe('alert: commands as text', () => {
  const cases: [text: string, expected: Command][] = [
    ['ack', { cmd: 'ack' }],
    ['OK!', { cmd: 'ack' }],
    ['ok, thank you', { cmd: 'ack' }],
    ['/ack 7', { cmd: 'ack', which: { number: 7 } }],
    ['ack #7.', { cmd: 'ack', which: { number: 7 } }],
    ['Bestätigt', { cmd: 'ack' }],
    ['quittieren 3', { cmd: 'ack', which: { number: 3 } }],
    ['ack home/freezer', { cmd: 'ack', which: { key: 'home/freezer' } }],
    ['👍', { cmd: 'ack' }],
    ['👍🏿', { cmd: 'ack' }],
    ['✅', { cmd: 'ack' }],
    ['🔕', { cmd: 'silence', ms: HOUR }],
    ['unack', { cmd: 'unack' }],
    ['Rückgängig', { cmd: 'unack' }],
    ['silence', { cmd: 'silence', ms: HOUR }],
    ['silence 2h', { cmd: 'silence', ms: 2 * HOUR }],
    ['Silence 1h30m freezer', { cmd: 'silence', ms: 1.5 * HOUR, filter: 'freezer' }],
    ['silence freezer for 30 minutes', { cmd: 'silence', ms: HOUR / 2, filter: 'freezer' }],
    ['stumm 2 Stunden gefrierschrank', { cmd: 'silence', ms: 2 * HOUR, filter: 'gefrierschrank' }],
    ['Ruhe für 1 Tag', { cmd: 'silence', ms: 24 * HOUR }],
    ['mute 0,5h', { cmd: 'silence', ms: HOUR / 2 }],
    ['silence #3 2h', { cmd: 'silence', ms: 2 * HOUR, which: { number: 3 } }],
    ['unmute', { cmd: 'unsilence' }],
    ['laut', { cmd: 'unsilence' }],
    ['unsilence freezer', { cmd: 'unsilence', filter: 'freezer' }],
    ['disable', { cmd: 'disable' }],
    ['An.', { cmd: 'enable' }],
    ['reset', { cmd: 'reset' }],
    ['zurücksetzen freezer', { cmd: 'reset', filter: 'freezer' }],
    ['set limit 25', { cmd: 'set', field: 'limit', value: '25' }],
    ['Set limit to 21,5', { cmd: 'set', field: 'limit', value: '21,5' }],
    ['limit = 25', { cmd: 'set', field: 'limit', value: '25' }],
    ['Grenze 25', { cmd: 'set', field: 'limit', value: '25' }],
    ['setze die Grenze auf 25', { cmd: 'set', field: 'limit', value: '25' }],
    ['set critical 30', { cmd: 'set', field: 'critical', value: '30' }],
    ['setze kritisch2 auf 30', { cmd: 'set', field: 'critical2', value: '30' }],
    ['status', { cmd: 'status' }],
    ['Stand?', { cmd: 'status' }],
    ['chart home/freezer', { cmd: 'chart', filter: 'home/freezer' }],
    ['Verlauf', { cmd: 'chart' }],
    ['?', { cmd: 'help' }],
    ['HILFE!!', { cmd: 'help' }],
  ];
  for (const [text, expected] of cases) {
    it(text, () => assert.deepEqual(parseText(text), expected));
  }

  const refused: [text: string, key: CommandError['key'], near?: string][] = [
    ['', 'unknown'],
    ['good morning', 'unknown'],
    ['an apple a day', 'unknown'],
    ['stauts', 'unknown', 'status'],
    ['silense 1h', 'unknown', 'silence'],
    ['bestätgt', 'unknown', 'ack'],
    ['silence 1y', 'duration'],
    ['silence -1h', 'duration'],
    ['silence 0s', 'duration'],
    ['silence 365d', 'tooLong'],
    ['set', 'field'],
    ['set temperature 5', 'field'],
    ['set limit', 'number'],
  ];
  for (const [text, key, near] of refused) {
    it(`"${text}" is refused: ${key}${near ? `, near to ${near}` : ''}`, () => {
      assert.throws(
        () => parseText(text),
        (error) => error instanceof CommandError && error.key === key && error.near === near,
      );
    });
  }

  it('a megabyte of anything is answered at once', () => {
    assert.throws(() => parseText('x'.repeat(1_000_000)), CommandError);
    assert.throws(() => parseText(`silence ${'9 '.repeat(500_000)}`), CommandError);
  });
});

describe('alert: commands as objects', () => {
  for (const [source, expected] of [
    [{ cmd: 'ack' }, { cmd: 'ack' }],
    [
      { cmd: 'ack', number: 3 },
      { cmd: 'ack', which: { number: 3 } },
    ],
    [
      { cmd: 'ack', id: 'x' },
      { cmd: 'ack', which: { id: 'x' } },
    ],
    [
      { cmd: 'silence', for: '2h', filter: 'a' },
      { cmd: 'silence', ms: 2 * HOUR, filter: 'a' },
    ],
    [
      { cmd: 'silence', for: 90, key: 'k' },
      { cmd: 'silence', ms: 90_000, which: { key: 'k' } },
    ],
    [{ cmd: 'silence 2h' }, { cmd: 'silence', ms: 2 * HOUR }],
    [
      { cmd: 'status', filter: 'a' },
      { cmd: 'status', filter: 'a' },
    ],
    [
      { cmd: 'chart', key: 'k' },
      { cmd: 'chart', filter: 'k' },
    ],
    [{ cmd: 'set limit 25' }, { cmd: 'set', field: 'limit', value: '25' }],
  ] as const) {
    it(JSON.stringify(source), () => assert.deepEqual(parseObject(source), expected));
  }
  it('a limit beside "set"', () => {
    assert.deepEqual(setInObject({ cmd: 'set', limit: 25 }), { cmd: 'set', field: 'limit', value: 25 });
    assert.equal(setInObject({ cmd: 'ack', limit: 25 }), undefined);
  });
  it('a silence for a year is refused', () => {
    assert.throws(() => parseObject({ cmd: 'silence', for: '365d' }), /tooLong/);
    assert.throws(() => parseObject({ cmd: 'silence', for: 'abc' }), /duration/);
    assert.throws(() => parseObject({ cmd: 'silence', for: -5 }), /duration/);
  });
});

describe('alert: reactions', () => {
  for (const [text, expected] of [
    ['👍', 'ack'],
    ['👍🏻', 'ack'],
    ['✔️', 'ack'],
    ['✅', 'ack'],
    ['👎🏽', 'silence'],
    ['🔕', 'silence'],
    ['❤️', undefined],
    ['😂', undefined],
  ] as const) {
    it(`${text} ${expected ?? 'is for people'}`, () => assert.equal(reactionCommand(text), expected));
  }
});
