import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { parseObject } from '../../../src/alert/command-objects';
import { CommandError } from '../../../src/alert/command-words';
import { type Command, parseText, reactionCommand } from '../../../src/alert/commands';

const HOUR = 3_600_000;

describe('alert: commands as text', () => {
  const cases: [text: string, expected: Command][] = [
    ['ack', { cmd: 'ack' }],
    ['OK!', { cmd: 'ack' }],
    ['ok, thank you', { cmd: 'ack' }],
    ['ok 4h plumber comes', { cmd: 'ack', ms: 4 * HOUR, note: 'plumber comes' }],
    ['ok for 2 hours, Anna looks 🙂', { cmd: 'ack', ms: 2 * HOUR, note: 'Anna looks 🙂' }],
    ['ok - 30 min', { cmd: 'ack', ms: HOUR / 2 }],
    ['ok thank you, back in 2 hours', { cmd: 'ack' }],
    ['ack 7 until 18:00', { cmd: 'ack', which: { number: 7 }, until: { hour: 18, minute: 0 } }],
    ['ok #7 4h', { cmd: 'ack', which: { number: 7 }, ms: 4 * HOUR }],
    ['ok 5 min', { cmd: 'ack', ms: 5 * 60_000 }],
    [
      'quittieren home/freezer für 2 Tage: Ersatzteil bestellt',
      { cmd: 'ack', which: { key: 'home/freezer' }, ms: 48 * HOUR, note: 'Ersatzteil bestellt' },
    ],
    [
      'ok bis morgen 8 Klempner kommt',
      { cmd: 'ack', until: { hour: 8, minute: 0, tomorrow: true }, note: 'Klempner kommt' },
    ],
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
    ['Rückgängig', { cmd: 'unack', isUndo: true }],
    ['undo 7', { cmd: 'unack', which: { number: 7 } }],
    ['silence', { cmd: 'silence', ms: HOUR }],
    ['silence 2h', { cmd: 'silence', ms: 2 * HOUR }],
    ['Silence 1h30m freezer', { cmd: 'silence', ms: 1.5 * HOUR, filter: 'freezer' }],
    ['silence freezer for 30 minutes', { cmd: 'silence', ms: HOUR / 2, filter: 'freezer' }],
    ['stumm 2 Stunden gefrierschrank', { cmd: 'silence', ms: 2 * HOUR, filter: 'gefrierschrank' }],
    ['Ruhe für 1 Tag', { cmd: 'silence', ms: 24 * HOUR }],
    ['mute 0,5h', { cmd: 'silence', ms: HOUR / 2 }],
    ['silence #3 2h', { cmd: 'silence', ms: 2 * HOUR, which: { number: 3 } }],
    ['silence 7 2h', { cmd: 'silence', ms: 2 * HOUR, which: { number: 7 } }],
    ['silence until 7', { cmd: 'silence', until: { hour: 7, minute: 0 } }],
    ['silence until 07:00', { cmd: 'silence', until: { hour: 7, minute: 0 } }],
    ['Stumm bis 7 Uhr.', { cmd: 'silence', until: { hour: 7, minute: 0 } }],
    [
      'stumm bis um 18:30 gefrierschrank',
      { cmd: 'silence', until: { hour: 18, minute: 30 }, filter: 'gefrierschrank' },
    ],
    ['silence freezer till 7.15 pm', { cmd: 'silence', until: { hour: 19, minute: 15 }, filter: 'freezer' }],
    ['Stumm bis 7 Uhr 30 Freezer', { cmd: 'silence', until: { hour: 7, minute: 30 }, filter: 'Freezer' }],
    ['silence until 7 #30', { cmd: 'silence', until: { hour: 7, minute: 0 }, which: { number: 30 } }],
    ['silence until 7pm', { cmd: 'silence', until: { hour: 19, minute: 0 } }],
    ["silence until 7 o'clock", { cmd: 'silence', until: { hour: 7, minute: 0 } }],
    ['silence until tomorrow', { cmd: 'silence', until: { hour: 7, minute: 0, tomorrow: true } }],
    ['silence until tomorrow at 8', { cmd: 'silence', until: { hour: 8, minute: 0, tomorrow: true } }],
    ['Ruhe bis morgen früh', { cmd: 'silence', until: { hour: 7, minute: 0, tomorrow: true } }],
    ['Ruhe bis 9 Uhr morgen', { cmd: 'silence', until: { hour: 9, minute: 0, tomorrow: true } }],
    ['silence until noon', { cmd: 'silence', until: { hour: 12, minute: 0 } }],
    ['silence until midnight', { cmd: 'silence', until: { hour: 0, minute: 0 } }],
    ['silence today', { cmd: 'silence', until: { hour: 0, minute: 0 } }],
    ...[
      'silence tonight',
      'silence overnight',
      'silence night',
      'silence for the night',
      'Stumm heute Nacht!',
      'stumm über Nacht',
      'Ruhe für die Nacht',
      'ruhe nachts',
    ].map((text): [string, Command] => [text, { cmd: 'silence', until: { hour: 7, minute: 0 } }]),
    ['silence tonight freezer', { cmd: 'silence', until: { hour: 7, minute: 0 }, filter: 'freezer' }],
    ['silence nightlight', { cmd: 'silence', ms: HOUR, filter: 'nightlight' }],
    ['silence Heute/Abend', { cmd: 'silence', ms: HOUR, filter: 'Heute/Abend' }],
    ['unsilence #3', { cmd: 'unsilence', which: { number: 3 } }],
    ['chart 3', { cmd: 'chart', which: { number: 3 } }],
    ['reset #3', { cmd: 'reset', which: { number: 3 } }],
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

  const refused: [text: string, key: CommandError['code'], near?: string][] = [
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
    ['silence until', 'until'],
    ['silence until freezer', 'until'],
    ['silence until 25:00', 'until'],
    ['stumm bis Montag', 'until'],
    ['silence 1h until 7', 'until'],
    ['silence until 7 30', 'until'],
    ['silence until tomorrow 7 30', 'until'],
    ['stumm bis 7 Uhr 75', 'until'],
    ['silence 07:00', 'duration'],
    ['ok -4h', 'duration'],
    ['ack 7 -4h', 'duration'],
    ['ok 0h', 'duration'],
    ['ok 400d', 'ackTooLong'],
    ['ok until', 'until'],
    ['ok until 25:00', 'until'],
    ['ack freezer until whenever', 'until'],
    ['set', 'field'],
    ['set temperature 5', 'field'],
    ['set limit', 'number'],
  ];
  for (const [text, key, near] of refused) {
    it(`"${text}" is refused: ${key}${near ? `, near to ${near}` : ''}`, () => {
      assert.throws(
        () => parseText(text),
        (error) => error instanceof CommandError && error.code === key && error.near === near,
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
      { cmd: 'ack', number: 3, for: '4h', note: ' plumber ' },
      { cmd: 'ack', which: { number: 3 }, ms: 4 * HOUR, note: 'plumber' },
    ],
    [
      { cmd: 'ok 7 4h', note: 'x' },
      { cmd: 'ack', which: { number: 7 }, ms: 4 * HOUR, note: 'x' },
    ],
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
      { cmd: 'chart', which: { key: 'k' } },
    ],
    [{ cmd: 'set limit 25' }, { cmd: 'set', field: 'limit', value: '25' }],
  ] as const) {
    it(JSON.stringify(source), () => assert.deepEqual(parseObject(source), expected));
  }
  it('a limit beside "set"', () => {
    assert.deepEqual(parseObject({ cmd: 'set', limit: 25 }), { cmd: 'set', field: 'limit', value: 25 });
  });
  it('a silence for a year is refused', () => {
    assert.throws(() => parseObject({ cmd: 'silence', for: '365d' }), { code: 'tooLong' });
    assert.throws(() => parseObject({ cmd: 'silence', for: 'abc' }), { code: 'duration' });
    assert.throws(() => parseObject({ cmd: 'silence', for: -5 }), { code: 'duration' });
  });
  // The kind: a restriction that cannot be read is taken for none.
  for (const [source, expected] of [
    [
      { cmd: 'ack', number: '1' },
      { cmd: 'ack', which: { number: 1 } },
    ],
    [
      { cmd: 'ack', number: ' #1 ' },
      { cmd: 'ack', which: { number: 1 } },
    ],
    [
      { cmd: 'silence', number: '1', for: '1h' },
      { cmd: 'silence', ms: HOUR, which: { number: 1 } },
    ],
    [
      { cmd: 'silence', key: 7 },
      { cmd: 'silence', ms: HOUR, which: { key: '7' } },
    ],
    [
      { cmd: 'unsilence', key: true },
      { cmd: 'unsilence', which: { key: 'true' } },
    ],
    [
      { cmd: 'silence', filter: 7 },
      { cmd: 'silence', ms: HOUR, filter: '7' },
    ],
    [
      { cmd: 'reset', key: 'a' },
      { cmd: 'reset', which: { key: 'a' } },
    ],
    [
      { cmd: 'ack', id: 'x', number: 2, key: 'k', by: 'anna' },
      { cmd: 'ack', which: { id: 'x', number: 2, key: 'k' } },
    ],
    [
      { cmd: 'silence', until: '18:00' },
      { cmd: 'silence', until: { hour: 18, minute: 0 } },
    ],
    [
      { cmd: 'silence', until: '2026-03-10T18:00:00Z' },
      { cmd: 'silence', until: Date.UTC(2026, 2, 10, 18) },
    ],
    [
      { cmd: 'silence', until: Date.UTC(2026, 2, 10, 18) },
      { cmd: 'silence', until: Date.UTC(2026, 2, 10, 18) },
    ],
  ] as const) {
    it(`${JSON.stringify(source)} means just that`, () => assert.deepEqual(parseObject(source), expected));
  }
  for (const [source, key] of [
    ...[undefined, null, '', 'x', '1.5', -1, 1.5, Number.NaN, {}, [1], true].map((number) => [
      { cmd: 'ack', number },
      'unreadable',
    ]),
    ...[undefined, null, '', ' ', {}, [], 'x'.repeat(1_001)].map((value) => [
      { cmd: 'silence', key: value },
      'unreadable',
    ]),
    ...[undefined, null, '', {}, ['a']].map((filter) => [{ cmd: 'reset', filter }, 'unreadable']),
    [{ cmd: 'unack', id: 7 }, 'unreadable'],
    [{ cmd: 'ack', for: '400d' }, 'ackTooLong'],
    [{ cmd: 'ack', for: -5 }, 'duration'],
    [{ cmd: 'ack', until: 'whenever' }, 'until'],
    [{ cmd: 'ack', for: '1h', until: '7:00' }, 'both'],
    [{ cmd: 'ok 4h', for: '1h' }, 'both'],
    [{ cmd: 'ok 4h a', note: 'b' }, 'both'],
    ...[5, {}, 'x'.repeat(301)].map((note) => [{ cmd: 'ack', note }, 'unreadable']),
    [{ cmd: 'unack', note: 'x' }, 'unknownField'],
    [{ cmd: 'silence', for: undefined }, 'duration'],
    [{ cmd: 'silence', for: '' }, 'duration'],
    [{ cmd: 'silence', until: 'later' }, 'until'],
    [{ cmd: 'silence', until: null }, 'until'],
    [{ cmd: 'silence', minutes: 5 }, 'unknownField'],
    [{ cmd: 'silence', nubmer: 1 }, 'unknownField'],
    [{ cmd: 'ack', state: 'firing', number: 1 }, 'unknownField'],
    [{ cmd: 'disable', key: 'a' }, 'unknownField'],
    [{ cmd: 'set', limit: 25, key: 'a' }, 'unknownField'],
    [{ cmd: 'set', limit: 25, limit2: 30 }, 'both'],
    [{ cmd: 'set', limit: null }, 'unreadable'],
    [{ cmd: 'silence', for: '1h', until: '7:00' }, 'both'],
    [{ cmd: 'silence 2h', until: '7:00' }, 'both'],
    [{ cmd: 'silence freezer', number: 1 }, 'both'],
    [{ cmd: 'silence', filter: 'a', number: 1 }, 'both'],
    [{ cmd: 5 }, 'unreadable'],
    [{ cmd: undefined }, 'unreadable'],
  ] as [Record<string, unknown>, CommandError['code']][]) {
    it(`${inspect(source).slice(0, 60)} is refused: ${key}`, () => {
      assert.throws(
        () => parseObject(source),
        (error) => error instanceof CommandError && error.code === key,
      );
    });
  }
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
