/// <reference path="../../../editor/red.d.ts" />
import {
  MINUTES_A_DAY,
  type QuietSpan,
  quietOfWeekday,
  readQuietSpans,
  showDay,
} from '../../../alert/quiet-grammar';
import { el } from '../../../editor/dom';

/** From Monday on, by the numbers of `QuietSpan.days`; the keys of the texts below `day`. */
const DAYS: readonly [number, string][] = [
  [1, 'mon'],
  [2, 'tue'],
  [3, 'wed'],
  [4, 'thu'],
  [5, 'fri'],
  [6, 'sat'],
  [0, 'sun'],
];
const HOURS = [0, 6, 12, 18, 24];

/** Draws quiet hours as a week, and their dates below; hides the place if there is nothing to draw. */
export function showQuietWeek(place: HTMLElement, typed: string, translate: (key: string) => string): void {
  const spans = typed.trim() === '' ? undefined : readQuietSpans(typed);
  place.hidden = spans === undefined;
  if (!spans) return;
  const rows = DAYS.map(([day, key]) => {
    const name = translate(`day.${key}`);
    const quiet = quietOfWeekday(spans, day);
    const said = quiet.length === 0 ? translate('day.none') : quiet.map(period).join(', ');
    const bar = el('div', 'dal-week-bar', { role: 'img', 'aria-label': `${name}: ${said}`, title: said });
    for (const [from, to] of quiet) bar.append(piece(from, to));
    return el('div', 'dal-week-day', {}, el('span', '', { 'aria-hidden': 'true' }, name), bar);
  });
  const hours = el('div', 'dal-week-hours', { 'aria-hidden': 'true' });
  for (const hour of HOURS) hours.append(el('span', '', {}, String(hour)));
  const dates = spans.filter(({ dates }) => dates).map(dated);
  place.replaceChildren(
    ...rows,
    el('div', 'dal-week-day', {}, el('span'), hours),
    ...(dates.length > 0 ? [el('p', 'dal-week-dates', {}, dates.join(', '))] : []),
  );
}

function piece(from: number, to: number): HTMLElement {
  const one = el('div', 'dal-week-quiet');
  one.style.left = `${(from / MINUTES_A_DAY) * 100}%`;
  one.style.width = `${((to - from) / MINUTES_A_DAY) * 100}%`;
  return one;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const period = ([from, to]: readonly [number, number]): string => `${clock(from)}–${clock(to)}`;

function dated({ dates, from, to }: QuietSpan): string {
  const [first = 0, last = 0] = dates ?? [];
  const days = first === last ? showDay(first) : `${showDay(first)} – ${showDay(last)}`;
  return to - from === MINUTES_A_DAY ? days : `${days} ${period([from, to])}`;
}
