import type { readCalendarDays } from '../../alert/calendar';
import { showDay } from '../../alert/quiet-grammar';
import type { Translate } from '../../base/translate';

type CalendarDays = ReturnType<typeof readCalendarDays>;

/** No calendar at all. */
export const NO_HOLIDAYS: CalendarDays = { days: [], skipped: 0, left: 0 };

/** The answer to a calendar: its days, and what of it does not count. */
export function holidayText({ days, skipped, left }: CalendarDays, translate: Translate): string {
  const [first, last] = [days[0], days.at(-1)];
  const said = [
    first === undefined || last === undefined
      ? translate('answer.holidaysNone')
      : translate('answer.holidays', { count: days.length, from: showDay(first), to: showDay(last) }),
    ...(skipped > 0 ? [translate('answer.holidaysSkipped', { count: skipped })] : []),
    ...(left > 0 ? [translate('answer.holidaysLeft', { count: left })] : []),
  ];
  return said.join('\n');
}
