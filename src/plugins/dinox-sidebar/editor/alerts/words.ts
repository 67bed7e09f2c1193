import { markOf } from '../../../../alert/alert-text';
import { TEXT_CONDITIONS } from '../../../../alert/rules';
import type { ToldFacts } from '../../../../alert/states';
import { openingName, opennessOf } from '../../../../base/opening';
import { age, number, type Translate, visible, withUnit } from '../../../../editor/format';
import type { Alert, PastAlert, Watched } from '../rows';

/** `Front door (Hall): battery`; else what people call the key, or the key. */
export function titleOf(
  { key, subject, title = '' }: { key: string; subject?: Said['subject']; title?: string | undefined },
  translate: Translate,
): string {
  if (!subject) return visible(title || key, 200);
  const { name, area } = subject.device;
  const room = area === '' ? '' : ` (${visible(area, 60)})`;
  return `${visible(name || key, 100)}${room}: ${translate(`alerts.check.${subject.check}`)}`;
}

/** What a sentence needs of an alert, open or over. */
interface Said extends Pick<Alert, 'state' | 'value' | 'limit' | 'place'> {
  unit?: string | undefined;
  subject?: Alert['subject'] | undefined;
  facts?: Partial<Pick<ToldFacts, 'condition' | 'limit2' | 'noDataAfter' | 'parent'>> | undefined;
}

/** The condition in words: `19 % is below 20 %`. */
export function conditionWords(alert: Said, translate: Translate): string {
  const { state, value, facts, limit, unit = '', place } = alert;
  if (facts?.parent || state === 'nodata' || value === undefined) return brokenWords(alert, translate);
  const condition = conditionOf(alert);
  if (condition === '') return brokenWords(alert, translate);
  // Its time is not over, or the value is between the limit and the hysteresis.
  const isBack =
    (condition === 'above' && Number(value) <= Number(limit)) ||
    (condition === 'below' && Number(value) >= Number(limit));
  if (state !== 'recovering' && !isBack) return brokenWords(alert, translate);
  const shown = doorWord(place, value, translate) ?? valueWords(value, unitOf(condition, unit));
  return translate('alerts.is.back', { value: shown });
}

/** The same of a value that is an alert. */
function brokenWords(alert: Said, translate: Translate): string {
  const { state, value, subject, facts, unit = '', limit, place } = alert;
  if (facts?.parent) return translate(`alerts.is.${facts.parent}`);
  if (state === 'nodata' || value === undefined) return missingWords(facts?.noDataAfter ?? 0, translate);
  if (subject && CHECK_WORDS.includes(value)) return translate(`alerts.is.${value}`);
  const condition = conditionOf(alert);
  const shownUnit = unitOf(condition, unit);
  const shown = doorWord(place, value, translate) ?? valueWords(value, shownUnit);
  if (condition === '') return shown;
  return translate(`alerts.is.${condition}`, {
    value: shown,
    limit: doorWord(place, limit, translate) ?? limitWords(limit, facts?.limit2, shownUnit),
  });
}

/** Empty: the value says all. */
function conditionOf({ subject, value, facts, limit }: Said): string {
  if (!subject) return facts?.condition ?? '';
  return typeof value === 'number' && limit !== undefined ? 'below' : '';
}

/** That of a rate is of the change. */
const unitOf = (condition: string, unit: string): string => (condition === 'rate' ? `${unit}/min` : unit);

/** What checks of devices find, as far as it is no number, no version, and not the name of the check. */
const CHECK_WORDS: readonly unknown[] = ['low', 'available'];
/** Conditions whose words go on with the title's sentence: `Freezer changes by 3 °C/min`. */
const GOING_ON: readonly string[] = ['rate', ...TEXT_CONDITIONS];

/** An alert that is over, on one line: `🟠 #3 Freezer: −12 °C is above −15 °C`; what was told where no more is known. */
export function pastWords({ number, key, severity, text, facts }: PastAlert, translate: Translate): string {
  if (!facts) return visible(text, 300);
  const { state, subject, parent, is, condition } = facts;
  const title = titleOf({ key, subject, title: facts.title }, translate);
  const said = is
    ? translate('alerts.is.equals', { value: translate(`alerts.door.${is}`) })
    : brokenWords({ ...facts, facts }, translate);
  const goesOn = parent ? parent === 'topic' : state === 'firing' && (is || GOING_ON.includes(condition));
  const line = subject
    ? said === translate(`alerts.check.${subject.check}`)
      ? title
      : `${title} · ${said}`
    : `${title}${goesOn ? ' ' : ': '}${said}`;
  return `${markOf(state, severity === 'critical')} #${number} ${line}`;
}

function missingWords(noDataAfter: number, translate: Translate): string {
  return noDataAfter > 0
    ? translate('alerts.is.nodata', { for: age(noDataAfter, translate) })
    : translate('alerts.nodata');
}

/** What is watched, and how far it is from an alert: `−18 °C · 3 °C below the limit of −15 °C`. */
export function distanceWords(watched: Watched, translate: Translate): string {
  const { value, subject, condition, state, left, place } = watched;
  if (watched.parent) return translate('alerts.far.parent');
  if (subject?.check === 'silent' && left === undefined) return translate('alerts.far.learning');
  const unit = condition === 'rate' && !subject ? `${watched.unit}/min` : watched.unit;
  const parts = [
    value === undefined || subject?.check === 'silent'
      ? ''
      : (doorWord(place, value, translate) ?? valueWords(value, unit)),
    farWords(watched, unit, translate),
    state === 'pending' ? translate('alerts.far.pending') : '',
  ];
  return parts.filter(Boolean).join(' · ') || translate('alerts.far.nothing');
}

function farWords(watched: Watched, unit: string, translate: Translate): string {
  const { value, distance, nearest, left, condition, limit, subject, place } = watched;
  if (left !== undefined) return translate('alerts.far.left', { time: age(left, translate) });
  if (distance !== undefined && nearest !== undefined && typeof value === 'number') {
    const side = value < nearest ? 'below' : value > nearest ? 'above' : 'at';
    return translate(`alerts.far.${side}`, {
      distance: valueWords(Math.abs(distance), unit),
      limit: valueWords(nearest, unit),
    });
  }
  const isText = TEXT_CONDITIONS.some((one) => one === condition);
  if (subject || !isText || limit === undefined) return '';
  return translate(`alerts.far.${condition}`, {
    limit: doorWord(place, limit, translate) ?? visible(String(limit), 100),
  });
}

/** What a value says of a door, as the phone has it; undefined: it is about something else. */
export function doorWord(
  place: { topic: string; field?: string | undefined } | undefined,
  value: unknown,
  translate: Translate,
): string | undefined {
  if (!place) return undefined;
  const is = opennessOf(openingName(place.topic, place.field), value);
  return is && translate(`alerts.door.${is}`);
}

function limitWords(limit: unknown, limit2: number | undefined, unit: string): string {
  if (typeof limit !== 'number') return visible(String(limit ?? '–'), 100);
  return limit2 === undefined ? withUnit(limit, unit) : `${number(limit)} … ${withUnit(limit2, unit)}`;
}

function valueWords(value: unknown, unit: string): string {
  if (typeof value === 'number') return withUnit(value, unit);
  return visible(String(value), 100);
}
