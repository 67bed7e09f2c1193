/** Filters and functions about moments and lengths of time. Local time is that of this process. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { otherwise, toFloat } from '../numbers';
import { isoText, written } from '../show';
import { strftime, strptime } from '../time-format';
import {
  type Args,
  DateTime,
  Float,
  fn,
  isNumber,
  numberOf,
  TimeDelta,
  table,
  type Value,
  wrongType,
} from '../values';
import { flagAt, textAt } from './args';

const ISO =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?$/i;

/** `2026-11-29T20:05:40+01:00`; undefined where it is no moment. */
function parsed(written: string): DateTime | undefined {
  const found = ISO.exec(written.trim().slice(0, 60));
  if (!found) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour = 0,
    minute = 0,
    second = 0,
    fraction = '',
    zulu,
    sign,
    hours = 0,
    minutes = 0,
  ] = found;
  const millis = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const date = new Date(millis);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const micros = millis * 1_000 + Number(fraction.padEnd(6, '0') || 0);
  if (!zulu && sign === undefined) return new DateTime(micros, undefined);
  const offset = zulu ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return new DateTime(micros - offset * 60_000_000, offset);
}

/** Minutes east of UTC here, at that moment. */
function localOffset(micros: number): number {
  return 0 - new Date(Math.floor(micros / 1_000)).getTimezoneOffset();
}

/** A time without a zone is one of here. */
function toLocal(value: DateTime): DateTime {
  const micros =
    value.offset === undefined ? value.micros - localOffset(value.micros) * 60_000_000 : value.micros;
  return new DateTime(micros, localOffset(micros));
}

function fromTimestamp(seconds: number, local: boolean): DateTime | undefined {
  const micros = Math.round(seconds * 1_000_000);
  if (!Number.isSafeInteger(micros) || Number.isNaN(new Date(micros / 1_000).getTime())) return undefined;
  return new DateTime(micros, local ? localOffset(micros) : 0);
}

/** Timestamps are numbers here, not texts. */
function timestampText(
  args: Args,
  filter: string,
  fallback: number,
  show: (seconds: number) => string | undefined,
): Value {
  const value = args.at(0);
  const shown = isNumber(value) ? show(numberOf(value)) : undefined;
  if (shown === undefined && !isNumber(value)) written(value, args.run.work);
  return shown ?? otherwise(filter, value, args.maybe(fallback));
}

function isoOf(local: boolean): (seconds: number) => string | undefined {
  return (seconds) => {
    const moment = fromTimestamp(seconds, local);
    return moment && isoText(moment, 'T');
  };
}

const asTimestamp = fn('value,default=', (args) => {
  const value = args.at(0);
  const moment = value instanceof DateTime ? value : typeof value === 'string' ? parsed(value) : undefined;
  if (moment) return new Float(toLocal(moment).micros / 1_000_000);
  return otherwise('as_timestamp', value, args.maybe(1));
});

const asDatetime = fn('value,default=', (args) => {
  const value = args.at(0);
  if (value instanceof DateTime) return value;
  const seconds = toFloat(value);
  if (seconds !== undefined)
    return fromTimestamp(seconds, false) ?? otherwise('as_datetime', value, args.maybe(1));
  const moment = typeof value === 'string' ? parsed(value) : undefined;
  if (moment) return moment;
  const fallback = args.maybe(1);
  return fallback === undefined && typeof value === 'string'
    ? null
    : otherwise('as_datetime', value, fallback);
});

const asLocal = fn('value', (args) => {
  const value = args.at(0);
  if (!(value instanceof DateTime)) throw wrongType('as_local', value);
  return toLocal(value);
});

const MICROS = {
  days: 86_400_000_000,
  seconds: 1_000_000,
  microseconds: 1,
  milliseconds: 1_000,
  minutes: 60_000_000,
  hours: 3_600_000_000,
  weeks: 604_800_000_000,
} as const;

const timeDelta = fn(
  Object.keys(MICROS)
    .map((name) => `${name}=`)
    .join(','),
  (args) => {
    const micros = Object.values(MICROS).reduce((sum: number, unit, index) => {
      const value = args.maybe(index);
      if (value !== undefined && !isNumber(value)) throw wrongType('timedelta', value);
      return sum + (value === undefined ? 0 : numberOf(value) * unit);
    }, 0);
    if (!Number.isFinite(micros)) throw new TemplateError('value', text('template.noTime'));
    return new TimeDelta(Math.round(micros));
  },
);

const DURATION =
  /^([+-])?P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const asTimeDelta = fn('value', (args) => {
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] =
    DURATION.exec(textAt(args, 0).slice(0, 60)) ?? [];
  if (days === 0 && hours === 0 && minutes === 0 && seconds === 0) return null;
  const micros =
    Number(days) * MICROS.days +
    Number(hours) * MICROS.hours +
    Number(minutes) * MICROS.minutes +
    Number(seconds) * MICROS.seconds;
  return new TimeDelta(Math.round(sign === '-' ? -micros : micros));
});

const shared = {
  as_timestamp: asTimestamp,
  as_datetime: asDatetime,
  as_local: asLocal,
  as_timedelta: asTimeDelta,
};

export const TIME_FILTERS = table({
  ...shared,
  timestamp_local: fn('value,default=', (args) => timestampText(args, 'timestamp_local', 1, isoOf(true))),
  timestamp_utc: fn('value,default=', (args) => timestampText(args, 'timestamp_utc', 1, isoOf(false))),
  timestamp_custom: fn('value,date_format=,local=,default=', (args) =>
    timestampText(args, 'timestamp_custom', 3, (seconds) => {
      const moment = fromTimestamp(seconds, flagAt(args, 2, true));
      return moment && strftime(moment, textAt(args, 1, '%Y-%m-%d %H:%M:%S'), args.run.work);
    }),
  ),
});

export const TIME_FUNCTIONS = table({
  ...shared,
  timedelta: timeDelta,
  strptime: fn('string,fmt,default=', (args) => {
    const [written, format] = [args.at(0), args.at(1)];
    const moment =
      typeof written === 'string' && typeof format === 'string' ? strptime(written, format) : undefined;
    return moment ?? otherwise('strptime', written, args.maybe(2));
  }),
});
