import { el, icon, setAttribute, setText, toggle } from '../../../../editor/dom';
import { age, number, type Translate, visible } from '../../../../editor/format';
import { nameInside } from '../devices/device-cards';
import { ageOf, bridgeOf, FLOOD, isStale, type Row, rateOf, type TopicName } from '../rows';
import { mainReadings } from './readings';
import { drawSpark, type Sparkline, type Sparklines, sparkElement } from './sparklines';
import type { TreeLine } from './tree';

/** Data for a line or a tile. */
export interface RowContext {
  translate: Translate;
  now: number;
  sparks: Sparklines;
  pins: ReadonlySet<string>;
  fieldOf(topic: string): string | undefined;
  nameOf(topic: string): TopicName | undefined;
}

/** A value as it is shown; for a JSON topic the picked field. */
export function valueOfRow(
  row: Row,
  field: string | undefined,
  translate: Translate,
  name?: TopicName,
): { text: string; unit: string } {
  const picked = field === undefined ? undefined : row.fields?.[field];
  if (typeof picked === 'number')
    return { text: number(picked), unit: visible(nameOfField(name, field)?.unit ?? '', 12) };
  switch (row.kind) {
    case 'number':
      return {
        text: number(row.number ?? Number.NaN),
        unit: visible(row.unit ?? name?.unit ?? '', 12),
      };
    case 'empty':
      return { text: translate('kind.empty'), unit: '' };
    case 'binary':
      return { text: translate('kind.binary'), unit: '' };
    case 'picture':
      return { text: translate('kind.picture'), unit: '' };
    default:
      return { text: visible(row.text, 160), unit: '' };
  }
}

export function nameOfField(
  name: TopicName | undefined,
  field: string | undefined,
): { name: string; unit?: string } | undefined {
  const { fields } = name ?? {};
  return fields && field !== undefined && Object.keys(fields).includes(field) ? fields[field] : undefined;
}

/** The picked field, or the main one. */
export function chartField(row: Row, picked: string | undefined): string | undefined {
  if (picked !== undefined) return picked;
  if (row.number !== undefined || !row.fields) return undefined;
  return mainReadings(Object.keys(row.fields), 1)[0]?.field;
}

/** How a bot, a lamp or a door is, if its JSON says so. */
export function stateOf({ state, opening }: Row, translate: Translate): string | undefined {
  if (state !== undefined) return visible(state, 40);
  return opening && translate(`alerts.door.${opening}`);
}

/** The numbers of a device, the main one first; none for what has one value, or one picked. */
function readingsOf(row: Row, picked: string | undefined, name: TopicName | undefined): LineReading[] {
  const { fields } = row;
  if (picked !== undefined || !fields) return [];
  // A single number may be the least of what is in the JSON, unless it was announced.
  if (Object.keys(fields).length < 2 && !nameOfField(name, Object.keys(fields)[0])) return [];
  return mainReadings(Object.keys(fields), MAX_READINGS).map(({ field, icon }) => ({
    field,
    icon,
    text: number(fields[field] ?? Number.NaN),
    unit: visible(nameOfField(name, field)?.unit ?? '', 12),
    label: visible(nameOfField(name, field)?.name ?? field, 60),
  }));
}

export interface LineReading {
  field: string;
  icon: string;
  text: string;
  unit: string;
  label: string;
}

export const MAX_READINGS = 4;

interface Parts {
  name: HTMLElement;
  path: HTMLElement;
  /** The path's text, whose end is seen where it is cut. */
  end: HTMLElement;
  value: HTMLElement;
  unit: HTMLElement;
  /** The other numbers of a device. */
  more: HTMLElement;
  age: HTMLElement;
  marks: HTMLElement;
  spark: SVGSVGElement;
  /** The last drawn state. */
  drawn: string;
  marked: string;
}

const PARTS = Symbol('parts');
type WithParts = HTMLElement & { [PARTS]?: Parts };

export function partsOf(element: HTMLElement): Parts {
  const parts = (element as WithParts)[PARTS];
  if (!parts) throw new Error('not one of ours');
  return parts;
}

function createParts(element: HTMLElement): Parts {
  const end = el('bdi', '', { dir: 'auto' });
  const parts: Parts = {
    name: el('span', 'dxs-name'),
    path: el('span', 'dxs-path', {}, end),
    end,
    more: el('span', 'dxs-more-readings'),
    value: el('span', 'dxs-value'),
    unit: el('span', 'dxs-unit'),
    age: el('span', 'dxs-age'),
    marks: el('span', 'dxs-marks'),
    spark: sparkElement(),
    drawn: '',
    marked: '',
  };
  (element as WithParts)[PARTS] = parts;
  return parts;
}

export function createTile(): HTMLElement {
  const element = el('div', 'dxs-tile', { role: 'option' });
  const parts = createParts(element);
  element.append(
    el(
      'div',
      'dxs-card',
      {},
      el('div', 'dxs-tile-head', {}, el('span', 'dxs-title', {}, parts.name, parts.path), parts.marks),
      el('div', 'dxs-reading', {}, parts.value, parts.unit),
      parts.more,
      el('div', 'dxs-tile-foot', {}, parts.spark, parts.age),
    ),
  );
  return element;
}

export function createHeading(): HTMLElement {
  return el('div', 'dxs-heading', { role: 'presentation' }, el('span'));
}

export function createLine(): HTMLElement {
  const element = el('div', 'dxs-line', { role: 'treeitem' });
  const parts = createParts(element);
  element.append(
    el('span', 'dxs-caret', { 'aria-hidden': 'true' }),
    parts.name,
    parts.path,
    parts.marks,
    parts.spark,
    el('span', 'dxs-reading', {}, parts.value, parts.unit),
    parts.age,
  );
  return element;
}

/** @param device whose card is open: its name stands above all tiles, and would cut off what tells them apart */
export function paintTile(element: HTMLElement, row: Row, context: RowContext, device?: string): void {
  const parts = partsOf(element);
  const { name, area } = context.nameOf(row.topic) ?? {};
  const slash = row.topic.lastIndexOf('/');
  const last = row.topic.slice(slash + 1) || '/';
  const own = name === undefined ? '' : device === undefined ? name : nameInside(name, device);
  setText(parts.name, visible(own || last, 120));
  // The room of an open card stands above, too.
  const place =
    own === '' ? row.topic.slice(0, Math.max(0, slash)) : (device === undefined && area) || row.topic;
  setText(parts.end, visible(place, 200));
  paintRow(element, parts, row, context);
}

export function paintLine(
  element: HTMLElement,
  line: TreeLine,
  row: Row | undefined,
  context: RowContext,
): void {
  const parts = placeLine(element, line);
  setText(parts.end, row ? visible(context.nameOf(row.topic)?.name ?? '', 120) : '');
  if (row) {
    paintRow(element, parts, row, context);
    return;
  }
  toggle(element, 'dxs-old', false);
  setText(parts.value, '');
  setText(parts.unit, '');
  paintReadings(parts, []);
  setText(parts.age, context.translate('topics.below', { count: line.branch.topics }));
  mark(parts, []);
  draw(parts, '');
  setAttribute(element, 'title', visible(line.branch.path));
  setAttribute(element, 'aria-label', `${visible(line.label, 200)}, ${parts.age.textContent}`);
}

/** What stands on a line that is not about one topic; all of it is fit to be shown. */
export interface LineWords {
  value: string;
  unit: string;
  age: string;
  /** Beside the name, for assistive technology and as a tooltip. */
  more: readonly string[];
  isOld: boolean;
  /** The topic and the field whose day is drawn. */
  chart?: { row: Row; field: string | undefined } | undefined;
}

export function paintWords(
  element: HTMLElement,
  line: TreeLine,
  { value, unit, age: old, more, isOld, chart }: LineWords,
  sparks: Sparklines,
): void {
  const parts = placeLine(element, line);
  setText(parts.end, '');
  setText(parts.value, value);
  setText(parts.unit, unit);
  setText(parts.age, old);
  toggle(element, 'dxs-old', isOld);
  paintSpark(parts, chart?.row, chart?.field, sparks);
  const words = [visible(line.label, 200), `${value} ${unit}`.trim(), old, ...more].filter(Boolean);
  setAttribute(element, 'aria-label', words.join(', '));
  setAttribute(element, 'title', words.join('\n'));
}

export function paintSpark(
  parts: Parts,
  row: Row | undefined,
  field: string | undefined,
  sparks: Sparklines,
): void {
  const line = row ? sparks.of(row.topic, field) : undefined;
  draw(parts, line && row ? `${row.topic}\0${field ?? ''}\0${line.version}` : '', line?.line, row);
}

/** The name of a line, and its place among the others. */
function placeLine(element: HTMLElement, line: TreeLine): Parts {
  const parts = partsOf(element);
  setText(parts.name, visible(line.label, 200));
  element.style.paddingLeft = `${6 + Math.min(line.depth, 12) * 12}px`;
  setAttribute(element, 'aria-level', String(line.depth + 1));
  setAttribute(element, 'aria-setsize', String(line.siblings));
  setAttribute(element, 'aria-posinset', String(line.position));
  setAttribute(element, 'aria-expanded', line.expandable ? String(line.expanded) : undefined);
  toggle(element, 'dxs-branch', line.expandable);
  return parts;
}

function paintRow(element: HTMLElement, parts: Parts, row: Row, context: RowContext): void {
  const { translate, now, sparks } = context;
  const picked = context.fieldOf(row.topic);
  const name = context.nameOf(row.topic);
  const readings = readingsOf(row, picked, name);
  // How a bot, a lamp or a door is matters more than any of its numbers.
  const state = picked === undefined ? stateOf(row, translate) : undefined;
  const [main, ...rest] = readings;
  const others = state === undefined ? rest : readings.slice(0, MAX_READINGS - 1);
  const { text, unit } =
    state !== undefined ? { text: state, unit: '' } : (main ?? valueOfRow(row, picked, translate, name));
  setText(parts.value, text);
  setText(parts.unit, unit);
  paintReadings(parts, others);
  const old =
    row.at === 0 ? translate(row.retained ? 'mark.retained' : 'age.kept') : age(ageOf(row, now), translate);
  const rate = rateOf(row, now);
  const often = rate >= OFTEN ? translate('mark.rate', { n: rate }) : '';
  setText(parts.age, often || old);
  const stale = isStale(row, now);
  toggle(element, 'dxs-old', stale);
  setAttribute(element, 'data-kind', state !== undefined ? 'boolean' : main ? 'number' : row.kind);
  const flood = rate > FLOOD;
  const marks = [
    ...(context.pins.has(row.topic) ? [['thumb-tack', translate('mark.pinned')] as const] : []),
    ...(row.retained ? [['bookmark', translate('mark.retained')] as const] : []),
    ...(flood ? [['bolt', translate('mark.flood', { rate })] as const] : []),
    ...(stale ? [['clock-o', translate('mark.stale', { every: age(row.every, translate) })] as const] : []),
  ];
  mark(parts, marks);
  const field = chartField(row, picked);
  const hasChart = row.number !== undefined || (state === undefined && field !== undefined);
  paintSpark(parts, hasChart ? row : undefined, field, sparks);
  const called = name ? [visible(name.name, 120)] : [];
  const words = [
    visible(row.topic),
    ...called,
    ...(state === undefined ? [] : [state]),
    ...(readings.length > 0
      ? readings.map((one) => `${one.label} ${one.text} ${one.unit}`.trim())
      : state === undefined
        ? [`${text} ${unit}`.trim()]
        : []),
    old,
    often,
    ...marks.map(([, word]) => word),
  ].filter(Boolean);
  const label = words.join(', ');
  setAttribute(element, 'aria-label', label);
  setAttribute(element, 'title', `${visible(row.topic)}\n${words.slice(1).join(' · ')}`);
}

/** Messages a minute from which on their number says more than the age of the last one. */
const OFTEN = 6;

export function paintReadings(parts: Parts, others: readonly LineReading[]): void {
  const wanted = others.map(({ field }) => field).join('\0');
  if (parts.more.dataset.fields !== wanted) {
    parts.more.dataset.fields = wanted;
    parts.more.replaceChildren(
      ...others.map(({ icon: symbol }) => el('span', 'dxs-small', {}, icon(symbol), el('span'))),
    );
  }
  for (const [i, { text, unit, label }] of others.entries()) {
    const reading = parts.more.children[i];
    const shown = reading?.lastElementChild;
    // Its icon is a guess, or none.
    if (reading) setAttribute(reading as HTMLElement, 'title', label);
    if (shown) setText(shown, `${text}${unit === '%' ? '' : unit && '\u00a0'}${unit}`);
  }
}

export function mark(parts: Parts, marks: readonly (readonly [string, string])[]): void {
  const wanted = marks.map(([name]) => name).join();
  if (parts.marked === wanted) return;
  parts.marked = wanted;
  parts.marks.replaceChildren(...marks.map(([name]) => icon(`${name} dxs-mark-${name}`)));
}

function draw(parts: Parts, wanted: string, line?: Sparkline, row?: Row): void {
  if (parts.drawn === wanted) return;
  parts.drawn = wanted;
  drawSpark(parts.spark, line, bridgeOf(row), row?.kind === 'boolean');
}
