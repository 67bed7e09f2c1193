/** What the commands obeys and says: silences, and whatever comes from outside on one line. */

import assert from 'node:assert/strict';
import { showText } from '../../../src/alert/alert-text';
import type { CommandAnswer } from '../../../src/alert/command-handler';
import { parseObject } from '../../../src/alert/command-objects';
import { parseText } from '../../../src/alert/commands';
import { timeFormat } from '../../../src/alert/quiet-hours';
import { nextTime, readTime } from '../../../src/alert/wall-time';
import { oneLine } from '../../../src/base/printable';
import { Harness, NOON } from './support';

const HOUR = 3_600_000;
const ABOVE = { condition: 'above', limits: { limit: 25 } } as const;

const tell = (harness: Harness, text: string): CommandAnswer =>
  harness.commands.command(parseText(text), { by: 'anna' });

describe('alert: acknowledged for a time', () => {
  const raised = (rules: object = {}): Harness => {
    const one = new Harness({ ...ABOVE, ...rules });
    one.sample('a', 30);
    one.told();
    return one;
  };
  const lastText = (one: Harness): string => showText(one.events.splice(0).at(-1)?.text ?? []);

  it('the message says who, until when, and the note; when the time is over it rings again', () => {
    const one = raised({ repeatEvery: HOUR });
    const answer = tell(one, 'ok 4h plumber\u202e comes');
    assert.equal(answer.text, 'answer.ackUntil(#1 a|16:00|4 unit.h)');
    assert.match(lastText(one), /text\.acknowledgedUntil\(anna\|12:00\|16:00\): plumber\\u202e comes$/);
    assert.match(tell(one, 'status').text, /text\.acknowledgedUntil\(anna\|12:00\|16:00\): plumber/);
    const { acked } = one.commands.open()[0] ?? {};
    assert.deepEqual(acked, { by: 'anna', at: NOON, until: NOON + 4 * HOUR, note: 'plumber\u202e comes' });
    one.wait(4 * HOUR - 1);
    assert.deepEqual(one.told(), [], 'no reminder meanwhile');
    one.wait(1);
    const [event] = one.events;
    assert.deepEqual([event?.replaces, event?.acked], [undefined, undefined], 'it rings');
    assert.deepEqual(one.told(), ['a expired firing']);
    one.wait(HOUR);
    assert.deepEqual(one.told(), ['a reminder firing']);
  });

  it('it rings once after a restart in which the time ran out, and not for what is over', () => {
    const one = raised();
    tell(one, 'ok 1h');
    one.told();
    one.restart(2 * HOUR);
    assert.deepEqual(one.told(), ['a expired firing']);
    one.restart(HOUR);
    tell(one, 'ok 1h');
    one.sample('a', 20);
    one.told();
    one.wait(2 * HOUR);
    assert.deepEqual(one.told(), []);
  });

  it('a later word counts, a bare ok changes nothing, and an end in the past is refused', () => {
    const one = raised();
    tell(one, 'ok 1h');
    tell(one, 'ok');
    tell(one, 'ok until 15:00 tea');
    one.told();
    one.wait(HOUR);
    assert.deepEqual(one.told(), []);
    const past = parseObject({ cmd: 'ack', until: new Date(NOON).toISOString() });
    assert.match(one.commands.command(past, { by: 'x' }).text, /command\.until/);
    const far = parseObject({ cmd: 'ack', until: NOON + 40 * 24 * HOUR });
    assert.match(one.commands.command(far, { by: 'x' }).text, /command\.ackTooLong/);
    for (const until of [8.64e15 + 1, -1e300]) {
      const answer = one.commands.command(parseObject({ cmd: 'ack', until }), { by: 'x' });
      assert.equal(answer.ok, false);
    }
    assert.equal(one.commands.open()[0]?.acked?.note, 'tea');
  });

  it('beside a button: a time and a note, or a note alone', () => {
    const one = raised();
    const which = { key: 'a' };
    assert.equal(one.commands.acknowledge(which, '7 of us look', { by: 'x' }).ok, true);
    assert.equal(one.commands.open()[0]?.acked?.note, '7 of us look');
    assert.equal(one.commands.acknowledge(which, '-4h', { by: 'x' }).ok, false);
    assert.equal(one.commands.acknowledge(which, 'x'.repeat(301), { by: 'x' }).ok, false);
    one.commands.acknowledge(which, '2d', { by: 'x' });
    assert.match(lastText(one), /2026-03-12 12:00/, 'another day is named');
  });
});

describe('alert: silences', () => {
  const harness = (): Harness => {
    const made = new Harness(ABOVE);
    for (const key of ['home/freezer', 'home/fridge', 'cellar']) made.sample(key, 20);
    return made;
  };

  it('beside a button: a length or an end for one alert, and nothing else', () => {
    const one = harness();
    one.sample('cellar', 30);
    const silence = (typed: string): boolean =>
      one.commands.silenceFor({ key: 'cellar' }, typed, { by: 'x' }).ok;
    for (const typed of [
      '',
      ' ',
      'freezer',
      '#2',
      '2h freezer',
      '400d',
      'for',
      '-1h',
      '1h until 7',
      'x'.repeat(1_000),
    ])
      assert.equal(silence(typed), false, typed);
    assert.equal(one.commands.open()[0]?.silencedUntil, undefined);
    for (const [typed, hours] of [
      ['8h', 8],
      ['bis 7', 19],
      ['30 min', 0.5],
    ] as const) {
      assert.equal(silence(typed), true, typed);
      assert.deepEqual(
        one.machine.silences.all.map(({ key, filter, until }) => [key, filter, until]).at(-1),
        ['cellar', undefined, NOON + hours * HOUR],
      );
    }
  });

  for (const [text, hours] of [
    ['silence until 18:30', 6.5],
    ['silence until 7', 19],
    ['silence tonight', 19],
    ['stumm heute nacht', 19],
    ['silence until tomorrow 8', 20],
    ['silence today', 12],
  ] as const) {
    it(`${text}: quiet for ${hours} h from noon on, and no longer`, () => {
      const one = harness();
      assert.equal(tell(one, text).ok, true);
      one.sample('cellar', 30);
      one.wait(hours * HOUR - 1);
      assert.deepEqual(one.told(), []);
      one.wait(1);
      assert.deepEqual(one.told(), ['cellar raised firing']);
    });
  }

  it('until a moment (ISO 8601), and not until one that is over or too far away', () => {
    const one = harness();
    const until = (at: number): CommandAnswer =>
      one.commands.command(parseObject({ cmd: 'silence', until: new Date(at).toISOString() }), { by: 'x' });
    assert.equal(until(NOON + HOUR).ok, true);
    assert.match(until(NOON - HOUR).text, /command.until/);
    assert.match(until(NOON + 32 * 24 * HOUR).text, /command.tooLong/);
    assert.equal(one.machine.silences.all.length, 1);
  });

  // The kind: what is not understood is no success.
  it('a topic that there is not is refused, and one that there is says for how many it holds', () => {
    const one = harness();
    for (const text of [
      'silence tonihgt',
      'silence feezer 1h',
      'silence #7',
      'silence freezer until 7 please',
    ]) {
      const { ok, text: said } = tell(one, text);
      assert.equal(ok, false, text);
      assert.match(said, /answer.unknown/);
    }
    assert.deepEqual(one.machine.silences.all, []);
    assert.match(tell(one, 'silence home 1h').text, /home \(2\)\|13:00/);
  });

  it('status says of a door what the alert says of it', () => {
    const rules = { condition: 'equals', limits: { limit: 'false' } } as const;
    const opening = (key: string) => ({ name: key, is: 'open' }) as const;
    const one = new Harness(rules, undefined, undefined, { opening });
    one.sample('z/door', false);
    assert.match(
      tell(one, 'status').text,
      /answer\.line\(#1 \|z\/door\|state\.firing\|text\.opening\.open\|/,
    );
    assert.equal(one.commands.shownValue('z/door'), 'text.opening.open');
  });

  it('status shows them, and unsilence counts those that hold', () => {
    const one = harness();
    tell(one, 'silence freezer 1h');
    tell(one, 'silence until 7');
    const { text } = tell(one, 'status');
    assert.match(text, /^answer.normal\(3\)$/m);
    assert.match(text, /answer.silenceLine\(freezer\|13:00\|1 unit.h\|anna\)$/m);
    assert.match(text, /answer.silenceLine\(answer.all\|07:00\|19 unit.h\|anna\)$/m);
    one.wait(HOUR);
    assert.doesNotMatch(tell(one, 'status').text, /freezer/);
    assert.equal(tell(one, 'unsilence').text, 'answer.unsilence(1)');
    assert.equal(tell(one, 'unsilence').ok, false);
  });

  it('by number it is one alert, and by several words of an object all have to hold', () => {
    const one = harness();
    one.sample('home/freezer', 30);
    one.sample('home/fridge', 30);
    const ask = (source: object): CommandAnswer =>
      one.commands.command(parseObject({ ...source }), { by: 'x' });
    assert.match(ask({ cmd: 'ack', number: '1' }).text, /#1 home\/freezer/);
    assert.equal(ask({ cmd: 'ack', number: 1, key: 'home/fridge' }).ok, false);
    assert.equal(ask({ cmd: 'silence', number: '2', for: '1h' }).ok, true);
    assert.deepEqual(
      one.machine.silences.all.map(({ key, filter }) => [key, filter]),
      [['home/fridge', undefined]],
    );
  });
});

describe('alert: times on the wall', () => {
  const berlin = timeFormat('Europe/Berlin') as Intl.DateTimeFormat;
  for (const [text, now, expected] of [
    ['7:00', '2026-03-10T20:00Z', '2026-03-11T06:00Z'],
    ['7', '2026-03-10T03:00Z', '2026-03-10T06:00Z'],
    // The clock is put forward at 01:00 UTC, and back at 01:00 UTC.
    ['7', '2026-03-28T22:00Z', '2026-03-29T05:00Z'],
    ['2:30', '2026-03-28T22:00Z', '2026-03-29T01:30Z'],
    ['7', '2026-10-24T22:00Z', '2026-10-25T06:00Z'],
    ['7', '2026-03-10T06:00Z', '2026-03-11T06:00Z'],
  ] as const) {
    it(`${text} in Berlin after ${now} is ${expected}`, () => {
      const time = readTime(text);
      assert.ok(time);
      const found = nextTime(time, Date.parse(now), berlin);
      assert.equal(new Date(found).toISOString(), new Date(expected).toISOString());
    });
  }
  for (const text of ['', '25', '7:60', '7:5', '13pm', '0am', '-1', '07:00:00', '1e1', 'x7']) {
    it(`"${text}" is no time`, () => assert.equal(readTime(text), undefined));
  }
});

describe('alert: what comes from outside stays on its line', () => {
  const FORGED = 'open\n✔ acknowledged by anna 14:03\u2028x\r\u202ey';
  it('a payload, a unit, a topic and a name cannot write lines of ours', () => {
    const harness = new Harness({ condition: 'contains', limits: { limit: 'open' } });
    harness.sample(`door${FORGED}`, FORGED, 'u\nv');
    const [raised] = harness.events;
    assert.ok(raised);
    const raisedText = showText(raised.text);
    assert.equal(raisedText.split(/[\n\r\u2028]/).length, 1, raisedText);
    assert.match(raisedText, /open\\n✔ acknowledged by anna 14:03\\u2028x\\r\\u202ey/);
    assert.equal(raised.key, `door${FORGED}`, 'for a flow they are what they were');
    for (const text of ['status', 'silence door 1h', 'status door', 'ack 1']) {
      const { text: said } = harness.commands.command(parseText(text), { by: 'eve\n✔ ok' });
      assert.ok(said.split('\n').length <= 3 && !/^✔ acknowledged|^✔ ok/m.test(said), said);
    }
    harness.sample(`door${FORGED}`, 'closed');
    const edited = harness.told().length > 0 && harness.machine;
    assert.ok(edited);
    assert.equal(oneLine('a\tb\u0085c\u200bd'), 'a\\tb\\u0085c\\u200bd');
    assert.equal(oneLine('👩‍🚒 ok'), '👩‍🚒 ok', 'what makes one picture of two stays');
  });

  it('what somebody asks for comes back on one line', () => {
    const harness = new Harness(ABOVE);
    harness.sample('a', 30);
    const { text } = harness.commands.command(parseObject({ cmd: 'ack', key: FORGED }), { by: 'x' });
    assert.equal(text.split('\n').length, 1);
  });
});

// The kind: the time of arrival is taken for the time at which it was said.
describe('alert: what was said while nobody was there', () => {
  const AT = NOON + HOUR;
  function setUp(): Harness {
    const one = new Harness(ABOVE);
    one.sample('old', 30);
    one.wait(2 * HOUR);
    one.sample('new', 30);
    one.told();
    return one;
  }
  const late = (one: Harness, text: string, more: object = {}): CommandAnswer =>
    one.commands.command(parseText(text), { by: 'anna', chat: true, at: AT, ...more });

  it('counts from then, and means an alert of then', () => {
    const one = setUp();
    assert.equal(late(one, 'ok').text, 'answer.ack(#1 old)');
    assert.deepEqual(one.commands.of('old')?.acked, { by: 'anna', at: AT });
    assert.equal(one.commands.of('new')?.acked, undefined);
    assert.equal(late(one, 'ok 2').ok, false, 'the number was another alert, or none');
    const id = one.commands.of('new')?.id ?? '';
    assert.equal(late(one, 'ok', { alertId: id }).ok, true, 'who answers its message has seen it');
    // Nothing is left of then.
    one.sample('old', 20);
    one.sample('new', 20);
    assert.equal(late(one, 'ok').text, 'answer.noneOpen');
  });

  it('a silence ends when it was to end, and is none if that is over', () => {
    const one = setUp();
    assert.equal(late(one, 'silence 3h old').ok, true);
    const [silence] = one.machine.silences.all;
    assert.deepEqual([silence?.at, silence?.until], [AT, AT + 3 * HOUR]);
    for (const over of ['silence 30m', 'ok 10m', 'silence until 13:30']) {
      assert.match(late(one, over).text, /^answer\.overMeanwhile/);
    }
    assert.equal(one.machine.silences.all.length, 1);
  });
});
