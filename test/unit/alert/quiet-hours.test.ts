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

  for (const text of ['', 'x', '22-7', '25:00-07:00', '22:00-22:00', '22:60-07:00', '22:00-24:30']) {
    it(`"${text}" are none`, () => assert.equal(QuietHours.parse(text), undefined));
  }
  it('there is no such zone', () => assert.equal(QuietHours.parse('22:00-07:00', 'Mars/Base'), undefined));
});
