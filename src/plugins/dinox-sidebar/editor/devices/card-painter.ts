import { setAttribute, setText, toggle } from '../../../../editor/dom';
import { age, number, visible } from '../../../../editor/format';
import { FLOOD, isStale, type Row, rateOf } from '../rows';
import {
  type LineReading,
  MAX_READINGS,
  mark,
  paintReadings,
  paintSpark,
  partsOf,
  type RowContext,
} from '../topics/row-painter';
import type { CardReading, DeviceCard } from './device-cards';
import { isPresent } from './presence';

interface ShownReading extends LineReading {
  row: Row;
  of: CardReading;
}

/** The card of a device, on an element of a tile. */
export function paintCard(
  element: HTMLElement,
  card: DeviceCard,
  rowOf: (topic: string) => Row | undefined,
  { translate, now, sparks, pins }: RowContext,
): void {
  const parts = partsOf(element);
  const name = visible(card.name, 120);
  setText(parts.name, name);
  setText(parts.end, visible(card.area || card.path, 200));
  const readings = card.readings.flatMap((one) => shownReading(one, rowOf(one.topic))).slice(0, MAX_READINGS);
  const [main, ...others] = readings;
  setText(parts.value, main?.text ?? '');
  setText(parts.unit, main?.unit ?? '');
  paintReadings(parts, others);
  const rows = card.readings.flatMap(({ topic }) => rowOf(topic) ?? []);
  const at = rows.reduce((newest, row) => Math.max(newest, row.at), 0);
  const isAway = isPresent(card.presence, rowOf) === false;
  const offline = translate('card.offline');
  const old = at === 0 ? translate('mark.retained') : age(Math.max(0, now - at), translate);
  setText(parts.age, isAway ? offline : old);
  const stale = main !== undefined && isStale(main.row, now);
  toggle(element, 'dxs-old', isAway || stale);
  setAttribute(element, 'data-kind', 'number');
  const busiest = rows.reduce((most, row) => Math.max(most, rateOf(row, now)), 0);
  const count = translate('topics.count', { count: card.topics.length });
  const marks = [
    ...(pins.has(card.key) ? [['thumb-tack', translate('mark.pinned')] as const] : []),
    ...(busiest > FLOOD ? [['bolt', translate('mark.flood', { rate: busiest })] as const] : []),
    ...(isAway ? [['chain-broken', offline] as const] : []),
    ...(stale && !isAway
      ? [['clock-o', translate('mark.stale', { every: age(main.row.every, translate) })] as const]
      : []),
    ['cubes', count] as const,
  ];
  mark(parts, marks);
  const hasChart = main !== undefined && (main.of.field !== undefined || main.row.number !== undefined);
  paintSpark(parts, hasChart ? main.row : undefined, main?.of.field, sparks);
  const words = [
    ...[name, visible(card.area, 100)],
    ...readings.map((one) => `${one.label} ${one.text} ${one.unit}`.trim()),
    ...[old, ...marks.map(([, word]) => word)],
  ].filter(Boolean);
  setAttribute(element, 'aria-label', words.join(', '));
  const listed = card.topics.slice(0, 8).map((topic) => visible(topic, 120));
  setAttribute(element, 'title', [words.join(' · '), ...listed].join('\n'));
}

function shownReading(of: CardReading, row: Row | undefined): ShownReading[] {
  if (!row) return [];
  const { field, icon } = of;
  const value = field === undefined ? row.number : row.fields?.[field];
  if (field !== undefined && typeof value !== 'number') return [];
  const isState = field === undefined && (row.kind === 'text' || row.kind === 'boolean');
  if (value === undefined && !isState) return [];
  return [
    {
      ...{ row, of, icon, field: `${of.topic}\0${field ?? ''}` },
      text: isState ? visible(row.text, 24) : number(value ?? Number.NaN),
      unit: isState ? '' : visible(of.unit, 12),
      label: visible(of.label, 60),
    },
  ];
}
