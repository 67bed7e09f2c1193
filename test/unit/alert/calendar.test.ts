import assert from 'node:assert/strict';
import { CalendarError, readCalendarDays } from '../../../src/alert/calendar';
import { dayOfText, showDay } from '../../../src/alert/quiet-grammar';

const TODAY = dayOfText('2026-11-30');

const calendar = (...events: readonly string[][]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');
const days = (...events: readonly string[][]): string[] =>
  readCalendarDays(calendar(...events), TODAY).days.map(showDay);
const refused = (ics: string): string => {
  try {
    readCalendarDays(ics, TODAY);
  } catch (error) {
    assert.ok(error instanceof CalendarError);
    return error.code;
  }
  return 'not refused';
};

describe('alert: holidays of a calendar', () => {
  it('whole days, several in a row, durations, midnights, folded lines and parameters', () => {
    assert.deepEqual(
      days(
        ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Christmas'],
        ['DTSTART;VALUE=DATE:20270101'],
        ['DTSTART;TZID="Europe/Berlin:x":20270106T000000', 'DTEND;TZID=Europe/Berlin:20270107T000000'],
        ['DTSTART;VALUE=D', ' ATE:2027', '\t0201', 'DURATION:P2D'],
      ),
      ['2026-12-25', '2026-12-26', '2027-01-01', '2027-01-06', '2027-02-01', '2027-02-02'],
    );
  });

  it('appointments by the hour, cancelled ones and rules that are not understood are skipped and counted', () => {
    const ics = calendar(
      ['DTSTART:20261201T100000Z', 'DTEND:20261201T110000Z'],
      ['DTSTART;VALUE=DATE:20261202', 'STATUS:CANCELLED'],
      ['DTSTART;VALUE=DATE:20261203', 'RRULE:FREQ=YEARLY;BYWEEKNO=3'],
      ['DTSTART;VALUE=DATE:20261204', 'RRULE:FREQ=SECONDLY'],
      ['SUMMARY:without a start'],
      ['DTSTART;VALUE=DATE:20261205', 'BEGIN:VALARM', 'DTSTART:x', 'END:VALARM'],
    );
    const found = readCalendarDays(ics, TODAY);
    assert.deepEqual([found.days.map(showDay), found.skipped, found.left], [['2026-12-05'], 5, 0]);
  });

  it('rules: each year, the fourth Thursday, each second week, counted, until, and with exceptions', () => {
    assert.deepEqual(days(['DTSTART;VALUE=DATE:19701225', 'RRULE:FREQ=YEARLY;UNTIL=20281226']), [
      '2026-12-25',
      '2027-12-25',
      '2028-12-25',
    ]);
    assert.deepEqual(
      days(['DTSTART;VALUE=DATE:20001123', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20280101']),
      ['2026-11-26', '2027-11-25'],
    );
    assert.deepEqual(days(['DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3']), [
      '2026-12-01',
      '2026-12-15',
      '2026-12-29',
    ]);
    assert.deepEqual(
      days([
        'DTSTART;VALUE=DATE:20261201',
        'RRULE:FREQ=DAILY;COUNT=4',
        'EXDATE;VALUE=DATE:20261202,20261203',
        'RDATE;VALUE=DATE:20261224',
      ]),
      ['2026-12-01', '2026-12-04', '2026-12-24'],
    );
    assert.deepEqual(days(['DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3']), [
      '2026-12-31',
      '2027-01-31',
      '2027-02-28',
    ]);
    assert.deepEqual(days(['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY;UNTIL=20300101']), [
      '2028-02-29',
    ]);
    assert.deepEqual(days(['DTSTART;VALUE=DATE:20261130', 'RRULE:FREQ=WEEKLY;BYDAY=TU,SA;COUNT=3']), [
      '2026-12-01',
      '2026-12-05',
      '2026-12-08',
    ]);
  });

  it('an occurrence that was moved is not where it was', () => {
    assert.deepEqual(
      days(
        ['UID:a', 'DTSTART;VALUE=DATE:20261201', 'RRULE:FREQ=DAILY;COUNT=2'],
        ['UID:a', 'RECURRENCE-ID;VALUE=DATE:20261202', 'DTSTART;VALUE=DATE:20261210'],
      ),
      ['2026-12-01', '2026-12-10'],
    );
  });

  it('a rule without an end, and an event of a thousand years: six years ahead, and at most 2,000 days', () => {
    const found = readCalendarDays(calendar(['DTSTART;VALUE=DATE:00010101', 'RRULE:FREQ=DAILY']), TODAY);
    assert.deepEqual([found.days.length, found.left], [2_000, 204]);
    const long = readCalendarDays(
      calendar(['DTSTART;VALUE=DATE:20200101', 'DTEND;VALUE=DATE:30000101']),
      TODAY,
    );
    assert.deepEqual([long.days.length, long.left], [2_000, 204]);
    assert.equal(long.days[0], TODAY - 7);
  });

  for (const [what, ics, code] of [
    ['nothing', '', 'none'],
    ['a web page', '<html>\nBEGIN:VEVENT\n</html>', 'none'],
    ['events without a calendar', 'BEGIN:VEVENT\nDTSTART:20261201\nEND:VEVENT', 'none'],
    ['half a calendar', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261201', 'none'],
    ['ends that do not fit', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT', 'none'],
    ['components without end', 'BEGIN:VCALENDAR\n'.repeat(1_000), 'none'],
    ['more than a megabyte', `BEGIN:VCALENDAR\n${'X'.repeat(1_048_576)}\nEND:VCALENDAR`, 'tooLong'],
    [
      'thousands of rules without an end',
      calendar(...Array(10_000).fill(['DTSTART:00010101', 'RRULE:FREQ=DAILY'])),
      'tooMany',
    ],
  ] as const) {
    it(`${what} is refused at once: ${code}`, () => {
      const before = performance.now();
      assert.equal(refused(ics), code);
      assert.ok(performance.now() - before < 5_000);
    });
  }

  it('a hundred thousand entries are too long, and as many as fit are read', () => {
    const entry = (day: string): string => `BEGIN:VEVENT\nDTSTART:${day}\nEND:VEVENT\n`;
    const all = (count: number): string =>
      `BEGIN:VCALENDAR\n${Array.from({ length: count }, (_, n) => entry(showDay(TODAY + (n % 1_900)).replaceAll('-', ''))).join('')}END:VCALENDAR`;
    assert.equal(refused(all(100_000)), 'tooLong');
    assert.equal(readCalendarDays(all(20_000), TODAY).days.length, 1_900);
  });

  it('a megabyte of anything is answered at once', () => {
    const before = performance.now();
    for (const line of ['X;a=":', 'EXDATE:20261201,', 'BEGIN:VEVENT', 'RRULE:;;;=', '"', ';;;;', ' '])
      assert.match(refused(line.repeat(1_000_000 / line.length)), /none/);
    const list = `EXDATE:${'20261201,'.repeat(100_000)}`;
    assert.deepEqual(days(['DTSTART:20261201', 'RRULE:FREQ=DAILY;COUNT=2', list]), ['2026-12-02']);
    assert.ok(performance.now() - before < 4_000);
  });
  it('many occurrences and many events with one UID cost no more than others', () => {
    const moved = Array.from({ length: 7_000 }, (_, n) => [
      'UID:a',
      'DTSTART:20261224',
      `RECURRENCE-ID:${1_000 + n}0101`,
    ]);
    const whole = Array.from({ length: 8_000 }, () => ['UID:a', 'DTSTART:20261225']);
    const before = performance.now();
    assert.deepEqual(days(...moved, ...whole), ['2026-12-24', '2026-12-25']);
    assert.ok(performance.now() - before < 5_000);
  });
});
