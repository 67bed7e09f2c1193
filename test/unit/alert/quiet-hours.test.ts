import assert from 'node:assert/strict';
import { QuietHours } from '../../../src/alert/quiet-hours';

describe('alert: quiet hours', () => {
  const at = (text: string): number => Date.parse(text);
  it('go over midnight, in a time zone', () => {
    const quiet = QuietHours.parse('22:00-07:00', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.isQuiet(at('2026-01-10T20:59:00Z')), false);
    assert.equal(quiet.isQuiet(at('2026-01-10T21:00:00Z')), true);
    assert.equal(quiet.isQuiet(at('2026-01-11T05:59:59Z')), true);
    assert.equal(quiet.isQuiet(at('2026-01-11T06:00:00Z')), false);
    assert.equal(quiet.nextChange(at('2026-01-10T21:00:00Z')), at('2026-01-11T06:00:00Z'));
    assert.equal(quiet.nextChange(at('2026-01-11T06:00:00Z')), at('2026-01-11T21:00:00Z'));
  });

  it('end by the clock on the wall when summer time begins and ends', () => {
    const quiet = QuietHours.parse('22:00-07:00', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.nextChange(at('2026-03-28T21:30:00Z')), at('2026-03-29T05:00:00Z'));
    assert.equal(quiet.nextChange(at('2026-10-24T20:30:00Z')), at('2026-10-25T06:00:00Z'));
  });

  it('an hour that does not exist, and one that comes twice', () => {
    const quiet = QuietHours.parse('02:15-02:45', 'Europe/Berlin');
    assert.ok(quiet);
    assert.equal(quiet.nextChange(at('2026-03-29T00:00:00Z')), at('2026-03-30T00:15:00Z'), 'left out');
    assert.equal(quiet.nextChange(at('2026-10-24T23:00:00Z')), at('2026-10-25T00:15:00Z'));
    assert.equal(quiet.isQuiet(at('2026-10-25T01:20:00Z')), true, 'the second time');
  });

  it('several, and a zone of half hours', () => {
    const quiet = QuietHours.parse('22:00-07:00, 13:00-15:00', 'Asia/Kolkata');
    assert.equal(quiet?.isQuiet(at('2026-01-10T08:00:00Z')), true);
  });

  // A gap between the hours is a change like any other, however short.
  for (const [text, from, to] of [
    ['20:07-20:06', '2026-01-10T20:07:00Z', '2026-01-11T20:06:00Z'],
    ['00:00-23:59', '2026-01-10T00:00:00Z', '2026-01-10T23:59:00Z'],
    ['22:00-06:55, 07:00-07:30', '2026-01-10T22:00:00Z', '2026-01-11T06:55:00Z'],
    ['00:05-24:00', '2026-01-10T00:05:00Z', '2026-01-11T00:00:00Z'],
  ] as const) {
    it(`${text} ends, and begins again`, () => {
      const quiet = QuietHours.parse(text, 'UTC');
      assert.ok(quiet);
      assert.equal(quiet.nextChange(at(from) - 60_000), at(from));
      assert.equal(quiet.isQuiet(at(from)), true);
      assert.equal(quiet.nextChange(at(from)), at(to));
      assert.equal(quiet.isQuiet(at(to)), false);
    });
  }

  it('00:00-24:00 is the whole day', () => {
    const quiet = QuietHours.parse('00:00-24:00', 'Europe/Berlin');
    for (let hour = 0; hour < 48; hour++)
      assert.equal(quiet?.isQuiet(at('2026-03-28T00:30:00Z') + hour * 3_600_000), true);
  });

  describe('with weekdays and dates', () => {
    const parse = (text: string, zone = 'Europe/Berlin'): QuietHours => {
      const quiet = QuietHours.parse(text, zone);
      assert.ok(quiet, text);
      return quiet;
    };
    /** The hours of days from `from` on at which it is quiet. */
    const hours = (
      quiet: QuietHours,
      from: string,
      days: number,
      holidays?: ReadonlySet<number>,
    ): string[] => {
      const found: string[] = [];
      let at_ = at(from);
      for (const end = at_ + days * 86_400_000; at_ < end; ) {
        const change = quiet.nextChange(at_, holidays);
        if (quiet.isQuiet(at_, holidays))
          found.push(
            `${new Date(at_).toISOString().slice(5, 16)} ${new Date(change).toISOString().slice(5, 16)}`,
          );
        at_ = change;
      }
      return found;
    };

    it('the example: a week in March, when summer time begins', () => {
      const quiet = parse('Mon-Fri 22:00-06:30, Sat-Sun 23:00-09:00, 2026-12-24..26');
      assert.deepEqual(hours(quiet, '2026-03-26T12:00:00Z', 6), [
        '03-26T21:00 03-27T05:30',
        '03-27T21:00 03-28T05:30',
        '03-28T22:00 03-29T07:00',
        '03-29T21:00 03-30T07:00',
        '03-30T20:00 03-31T04:30',
        '03-31T20:00 04-01T04:30',
      ]);
      // The dates, the night before them, and the first night after them hang together.
      assert.deepEqual(hours(quiet, '2026-12-23T12:00:00Z', 3), ['12-23T21:00 12-27T08:00']);
    });

    it('German names, ranges over the week end, single days, spans of dates', () => {
      assert.deepEqual(hours(parse('Fr-Mo 12:00-13:00', 'UTC'), '2026-03-09T00:00:00Z', 7), [
        '03-09T12:00 03-09T13:00',
        '03-13T12:00 03-13T13:00',
        '03-14T12:00 03-14T13:00',
        '03-15T12:00 03-15T13:00',
      ]);
      assert.deepEqual(hours(parse('Mittwoch 12:00–13:00', 'UTC'), '2026-03-09T00:00:00Z', 7), [
        '03-11T12:00 03-11T13:00',
      ]);
      assert.deepEqual(hours(parse('2026-03-10..11 22:00-01:00', 'UTC'), '2026-03-09T00:00:00Z', 7), [
        '03-10T22:00 03-11T01:00',
        '03-11T22:00 03-12T01:00',
      ]);
      for (const text of ['2026-12-31..2027-01-02', '2026-12-31 .. 2027-01-02'])
        assert.deepEqual(hours(parse(text, 'UTC'), '2026-12-01T00:00:00Z', 60), ['12-31T00:00 01-03T00:00']);
    });

    it('a holiday counts as Sunday, and the night before it does not', () => {
      const quiet = parse('Mon-Sat 22:00-06:00, Sun 20:00-10:00', 'UTC');
      const wednesday = Date.UTC(2026, 2, 11) / 86_400_000;
      assert.deepEqual(hours(quiet, '2026-03-10T12:00:00Z', 3, new Set([wednesday])), [
        '03-10T22:00 03-11T06:00',
        '03-11T20:00 03-12T10:00',
        '03-12T22:00 03-13T06:00',
      ]);
    });

    it('what never changes has no end, and a date far away is found', () => {
      assert.equal(parse('00:00-24:00').nextChange(at('2026-03-28T00:00:00Z')), Number.POSITIVE_INFINITY);
      assert.equal(parse('2020-01-01').nextChange(at('2026-03-28T00:00:00Z')), Number.POSITIVE_INFINITY);
      const before = performance.now();
      const far = parse('2027-02-01, Mon 00:00-00:01', 'UTC').nextChange(at('2026-03-31T12:00:00Z'));
      assert.equal(far, at('2026-04-06T00:00:00Z'));
      assert.equal(
        parse('2027-02-01', 'UTC').nextChange(at('2026-03-28T00:00:00Z')),
        at('2027-02-01T00:00:00Z'),
      );
      assert.ok(performance.now() - before < 1_000);
    });

    for (const text of [
      'Mon',
      'Mon-Fri',
      'Mon, Wed 22:00-07:00',
      'Xyz 22:00-07:00',
      'Mon-Fri-Sun 22:00-07:00',
      '2026-02-30',
      '2026-12-26..24',
      '2026-12-24..2025-12-26',
      '2026-12-24..32',
      '24.12.2026',
      '22:00-07:00,',
      Array(51).fill('22:00-07:00').join(','),
    ])
      it(`"${text.slice(0, 40)}" are none`, () => assert.equal(QuietHours.parse(text), undefined));
  });

  for (const text of ['', 'x', '22-7', '25:00-07:00', '22:00-22:00', '22:60-07:00', '22:00-24:30']) {
    it(`"${text}" are none`, () => assert.equal(QuietHours.parse(text), undefined));
  }
  it('there is no such zone', () => assert.equal(QuietHours.parse('22:00-07:00', 'Mars/Base'), undefined));
});
