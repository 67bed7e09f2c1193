import type { Openness } from '../base/opening';
import { oneLine } from '../base/printable';
import { DAY } from '../base/time-units';
import type { Translate } from '../base/translate';
import { type AlertText, markOf } from './alert-text';
import { LOW } from './check-judge';
import type { CheckSubject } from './device-check';
import type { KeyEntry } from './keys';
import type { Limits } from './limits';
import { dateFormat, timeFormat } from './quiet-hours';
import type { Rules } from './rules';
import { PAIR_CONDITIONS } from './rules';
import type { Acknowledgement, AlertEvent, Ended, Notification, ToldFacts, Value } from './states';
import { boundFacts } from './told-facts';
import { nextTime, type WallTime } from './wall-time';

interface Opening {
  name: string;
  is: Openness;
}

/** What was watched when it ended. */
type EndedKey = Pick<KeyEntry, 'key' | 'unit' | 'subject' | 'parent'>;

/** The texts that the machine needs. */
export interface Texts {
  /** What a message that rings says; the first line says all. */
  line(event: Omit<AlertEvent, 'text'>, limits: Limits | undefined): Said;
  acked(acked: Acknowledgement): string;
  ended(entry: EndedKey, notified: Notification, ended: Ended): string;
  dependents(count: number): string;
  group(lines: AlertText, missed: readonly Missed[], more: number): AlertText;
  connection(state: 'away' | 'back', since: number, at: number): string;
}

/** A text with the same as data; without it where the words are somebody's own, or where nothing is wrong. */
export interface Said {
  text: AlertText;
  facts?: ToldFacts | undefined;
}

/** An alert that came and went while messages were held back. */
export interface Missed {
  key: string;
  from: number;
  to: number;
}

/** What a text of one's own may say about an alert. */
export interface AlertFacts {
  event: Omit<AlertEvent, 'text'>;
  limits: Limits | undefined;
  /** The plain words. */
  text: string;
  title: string;
  /** With its unit. */
  value: string;
  limit: string;
  /** For how long the alert is open. */
  duration: string;
}

/** Texts as which these values are recorded. */
const READ_STATES: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** A value as people read it, on one line whatever it is. */
export function showValue(value: Value | undefined, unit = ''): string {
  if (value === undefined) return '–';
  const text = typeof value === 'number' ? showNumber(value) : oneLine(String(value).slice(0, 100));
  return unit === '' ? text : `${text} ${oneLine(unit)}`;
}

function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toPrecision(4);
  const digits = size >= 1_000 ? 1 : size >= 1 ? 2 : 4;
  return String(Number(value.toFixed(digits)));
}

/** `21 min`, `3 h 5 min`, `2 d 4 h`: the two largest parts. */
export function showDuration(ms: number, translate: Translate): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return `0 ${translate('unit.s')}`;
  return parts
    .slice(first, first === 2 ? 3 : first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${translate(`unit.${unit}`)}`)
    .join(' ');
}

/**
 * Texts that are ready for a chat. `name` stands for the key if there is one alert for all messages; `more` adds to a
 * text that rings (a sparkline).
 */
export class MessageTexts implements Texts {
  private readonly format: Intl.DateTimeFormat;
  private readonly dates: Intl.DateTimeFormat;

  constructor(
    private readonly rules: Rules,
    private readonly translate: Translate,
    private readonly options: {
      timeZone: string;
      name: string;
      more?: (event: Omit<AlertEvent, 'text'>, limits: Limits | undefined) => string;
      /** What a key is about, where it is a check of a device. */
      subject?: (key: string) => CheckSubject | undefined;
      /** What people call a key. @default the key itself */
      title?: (key: string) => string;
      /** A door, a window or a contact, and what its value means; undefined: the key is about something else. */
      opening?: (key: string, value: Value | undefined) => Opening | undefined;
      /** What somebody wants to be said instead of `facts.text`, in lines; undefined: that. */
      own?: (facts: AlertFacts) => readonly string[] | undefined;
    },
  ) {
    this.format = timeFormat(options.timeZone) ?? (timeFormat('') as Intl.DateTimeFormat);
    this.dates = dateFormat(options.timeZone) ?? (dateFormat('') as Intl.DateTimeFormat);
  }

  line(event: Omit<AlertEvent, 'text'>, limits: Limits | undefined): Said {
    const { key, number, severity, value, unit, at, since, reason } = event;
    const mark = markOf(event.state, severity === 'critical');
    const values = {
      key: event.subject ? deviceName(event.subject) : this.titleOf(key),
      value: showValue(value, this.unitText(unit)),
      limit: this.limitText(limits, unit),
      for: showDuration(at - since, this.translate),
      noDataAfter: showDuration(event.noDataAfter ?? this.rules.noDataAfter, this.translate),
      count: this.rules.flapCount,
      window: showDuration(this.rules.flapWindow, this.translate),
    };
    const opening = event.subject || event.parent ? undefined : this.options.opening?.(key, value);
    const said =
      event.subject && event.state !== 'normal'
        ? this.translate(`text.check.${wordOf(event.subject, value)}`, values)
        : event.state === 'nodata'
          ? this.translate('text.nodata', values)
          : event.parent && event.state !== 'normal'
            ? this.translate(`text.parent.${event.parent}`, values)
            : opening
              ? this.openingText(event.state, opening)
              : event.state === 'normal'
                ? this.translate('text.normal', values)
                : this.translate(`text.${this.rules.condition}`, values);
    const added =
      reason === 'reminder' ||
      reason === 'expired' ||
      reason === 'critical' ||
      reason === 'escalated' ||
      reason === 'flapping'
        ? ` – ${this.translate(`text.${reason}`, values)}`
        : reason === 'calm' || reason === 'data'
          ? ` – ${this.translate(`text.${reason}`, values)}`
          : '';
    const more = this.options.more?.(event, limits) ?? '';
    const own =
      event.state === 'firing' && !event.subject && !event.parent
        ? this.options.own?.({ event, limits, text: said, title: values.key, ...shownOf(values) })
        : undefined;
    const [first = said, ...further] = own ?? [said];
    const words = `${first}${added}`;
    // A test is no alert, and has no number.
    const line = number > 0 ? { mark, number, said: words } : `${mark} ${words}`;
    const text = [line, ...further, ...(more === '' ? [] : [more])];
    return { text, facts: own ? undefined : this.factsOf(event, limits, opening) };
  }

  /** What the sentence about an alert needs in any language. */
  private factsOf(
    event: Omit<AlertEvent, 'text'>,
    limits: Limits | undefined,
    opening: Opening | undefined,
  ): ToldFacts | undefined {
    const { key, state, value, unit, subject, parent } = event;
    if (state === 'normal') return undefined;
    const title = opening ? this.openingName(opening) : this.titleOf(key);
    const { limit, limit2 } = limits?.source ?? {};
    return boundFacts({
      ...{ state, condition: this.rules.condition, value, unit, parent, limit, limit2 },
      title: subject || title === key ? undefined : title,
      noDataAfter: state === 'nodata' ? (event.noDataAfter ?? this.rules.noDataAfter) : undefined,
      is: state === 'firing' ? opening?.is : undefined,
      subject: subject && {
        check: subject.check,
        device: { name: subject.device.name || subject.device.id, area: subject.device.area },
      },
    });
  }

  /** `Front door is open`, `Front door is back to normal (closed)`. */
  private openingText(state: string, opening: Opening): string {
    const { is } = opening;
    const key = this.openingName(opening);
    if (state !== 'normal') return this.translate(`text.${is}`, { key });
    return this.translate('text.normal', { key, value: this.translate(`text.opening.${is}`) });
  }

  private openingName({ name }: Opening): string {
    return name === '' ? this.nameOf('') : oneLine(name.slice(0, 200));
  }

  acked({ by, at, until, note }: Acknowledgement): string {
    const values = { by: oneLine(by), time: this.time(at) };
    const said =
      until === undefined
        ? this.translate('text.acknowledged', values)
        : this.translate('text.acknowledgedUntil', { ...values, until: this.moment(until, at) });
    return note === undefined ? said : `${said}: ${oneLine(note)}`;
  }

  /** A value in words: `21 °C`; of a door, a window or a contact: `open`. */
  valueText({ key, unit, subject, parent }: EndedKey, value: Value | undefined): string {
    const opening = subject || parent ? undefined : this.options.opening?.(key, value);
    return opening ? this.translate(`text.opening.${opening.is}`) : showValue(value, this.unitText(unit));
  }

  /** What a recorded state is called: `open`, where a door's is `true`. */
  stateText(key: string, state: string): string {
    const is = this.options.opening?.(key, READ_STATES.get(state) ?? state)?.is;
    return is ? this.translate(`text.opening.${is}`) : state;
  }

  private unitText(unit: string): string {
    return this.rules.condition === 'rate' ? `${unit}/min` : unit;
  }

  ended(entry: EndedKey, notified: Notification, { at, reason, value, peak }: Ended): string {
    const values = {
      time: this.time(at),
      for: showDuration(at - notified.startedAt, this.translate),
      value: this.valueText(entry, value),
    };
    const said = this.translate(`text.ended.${reason}`, values);
    if (peak === undefined || peak === value || reason === 'forgotten') return said;
    return `${said} · ${this.translate('text.peak', { value: showValue(peak, this.unitText(entry.unit)) })}`;
  }

  dependents(count: number): string {
    return this.translate('text.dependents', { count });
  }

  group(lines: AlertText, missed: readonly Missed[], more: number): AlertText {
    const count = lines.length + missed.length + more;
    return [
      this.translate('text.group', { count }),
      ...lines,
      ...missed.map(({ key, from, to }) =>
        this.translate('text.missed', {
          key: this.nameOf(key),
          from: this.time(from),
          to: this.time(to),
          for: showDuration(to - from, this.translate),
        }),
      ),
      ...(more > 0 ? [this.translate('text.more', { count: more })] : []),
    ];
  }

  connection(state: 'away' | 'back', since: number, at: number): string {
    return this.translate(`text.connection.${state}`, {
      time: this.time(since),
      for: showDuration(at - since, this.translate),
    });
  }

  /** `14:03`, on the clock of the node's time zone. */
  time(at: number): string {
    return this.format.format(at);
  }

  /** `2026-12-24`, on the calendar of the node's time zone. */
  date(at: number): string {
    return this.dates.format(at);
  }

  /** `18:00`; with its date if that is not within a day. */
  moment(at: number, now: number): string {
    return Math.abs(at - now) < DAY ? this.time(at) : `${this.date(at)} ${this.time(at)}`;
  }

  /** The next moment after `now` when the clock there shows this time, in milliseconds since the epoch. */
  next(time: WallTime, now: number): number {
    return nextTime(time, now, this.format);
  }

  /** What people call it: `Outside battery`. */
  titleOf(key: string): string {
    const title = key === '' ? '' : (this.options.title?.(key) ?? '');
    return title === '' ? this.nameOf(key) : oneLine(title.slice(0, 200));
  }

  nameOf(key: string): string {
    const subject = this.options.subject?.(key);
    if (subject) return `${deviceName(subject)}, ${this.translate(`check.${subject.check}`)}`;
    return oneLine(key === '' ? this.options.name : key.slice(0, 200));
  }

  /** The limit in words: `−15 °C`, `18–24 °C`. */
  limitText(limits: Limits | undefined, unit: string): string {
    if (!limits) return '–';
    const { source } = limits;
    const shown = this.unitText(unit);
    if (PAIR_CONDITIONS.includes(this.rules.condition)) {
      return `${showValue(source.limit)} … ${showValue(source.limit2, shown)}`;
    }
    return showValue(source.limit, typeof source.limit === 'number' ? shown : '');
  }
}

const shownOf = (values: { value: string; limit: string; for: string }) => ({
  value: values.value,
  limit: values.limit,
  duration: values.for,
});

/** `Front door (Hall)`. */
function deviceName({ device: { name, area, id } }: CheckSubject): string {
  const shown = oneLine((name || id).slice(0, 200));
  return area === '' ? shown : `${shown} (${oneLine(area.slice(0, 100))})`;
}

/** The word for what a check found: `low` and `available` say all, other values are shown. */
function wordOf({ check, isGateway }: CheckSubject, value: Value | undefined): string {
  if (check === 'offline' && isGateway) return 'gateway';
  if (check === 'battery' && value === LOW) return 'batteryLow';
  return check === 'update' && value === 'available' ? 'updateThere' : check;
}

/** The first five, and how many there are. */
export function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} … (${names.length})`;
}
