import type { DeviceRow, EntityRow } from '../../device-row';
import { LINE_HEIGHT, type ListEntry } from '../topics/layout';
import type { TopicSearch } from '../topics/topic-search';
import type { TreeLine } from '../topics/tree';
import type { Item } from '../topics/virtual-list';

const HEADING_HEIGHT = 26;
/** Entities up to which everything is open, and the same for what a search has found. */
const FEW = 40;
const FEW_FOUND = 300;
/** Values on the line of a device that is closed. */
const MOST_MAIN = 3;

/** What a line is about. */
export interface ShownDevice {
  device: DeviceRow;
  /** Absent: the line of the device itself. */
  entity?: EntityRow;
}

export interface DeviceLines {
  items: Item<ListEntry>[];
  /** By the path of a line's branch. */
  shown: Map<string, ShownDevice>;
  /** Entities that the search takes. */
  found: number;
}

/** What people look at first, by device class; all others come between these and {@link LAST}. */
const FIRST = [
  'temperature',
  'humidity',
  'power',
  'door',
  'window',
  'opening',
  'motion',
  'occupancy',
  'smoke',
  'gas',
  'moisture',
];
const LAST = ['battery', 'signal_strength', 'update', 'firmware'];

/** Place of an entity among those of its device: what is measured first, what is about the device itself last. */
function rankOf({ deviceClass, category, topic }: EntityRow): number {
  const last = LAST.indexOf(deviceClass);
  if (last >= 0) return 200 + last;
  if (category !== '') return 300;
  if (topic === undefined) return 150;
  const first = FIRST.indexOf(deviceClass);
  return first < 0 ? 100 : first;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The entities whose values stand on the line of a closed device. */
export function mainOf({ entities }: DeviceRow): EntityRow[] {
  return entities.filter((one) => one.topic !== undefined && rankOf(one) < 300).slice(0, MOST_MAIN);
}

/** Devices and entities in their order, so that this is done once for each answer. */
export function sortDevices(devices: readonly DeviceRow[]): DeviceRow[] {
  return devices
    .map((device) => ({
      ...device,
      entities: [...device.entities].sort((a, b) => rankOf(a) - rankOf(b) || byName.compare(a.name, b.name)),
    }))
    .sort(
      (a, b) =>
        Number(a.area === '') - Number(b.area === '') ||
        byName.compare(a.area, b.area) ||
        byName.compare(a.name, b.name),
    );
}

/**
 * The lines of devices in the order of {@link sortDevices}, with a heading for each area if there are any.
 * @param isOpen of a path; undefined: nobody opened or closed it
 * @param noArea heading of devices without an area
 */
export function deviceLines(
  devices: readonly DeviceRow[],
  wanted: TopicSearch,
  isOpen: (path: string) => boolean | undefined,
  noArea: string,
): DeviceLines {
  const found = devices
    .map((device) => ({ device, entities: device.entities.filter((one) => matches(wanted, device, one)) }))
    .filter(({ entities }) => entities.length > 0);
  const count = found.reduce((sum, { entities }) => sum + entities.length, 0);
  const opens = count <= (wanted.isEmpty ? FEW : FEW_FOUND);
  const hasAreas = found.some(({ device }) => device.area !== '');
  const items: Item<ListEntry>[] = [];
  const shown = new Map<string, ShownDevice>();
  let top = 0;
  const add = (kind: string, value: ListEntry, height: number): void => {
    items.push({ kind, value, top, height, left: 0, width: 1 });
    top += height;
  };
  let area: string | undefined;
  for (const [i, { device, entities }] of found.entries()) {
    if (hasAreas && device.area !== area) {
      area = device.area;
      add('heading', { kind: 'heading', text: area || noArea }, HEADING_HEIGHT);
    }
    // No key of an entity begins like this.
    const path = `\0${device.id}`;
    const expanded = isOpen(path) ?? opens;
    const line = lineOf(device.name, path, 0, i, found.length, { entities: entities.length, expanded });
    shown.set(path, { device });
    add('device', { kind: 'line', line }, LINE_HEIGHT);
    if (!expanded) continue;
    for (const [j, entity] of entities.entries()) {
      shown.set(entity.key, { device, entity });
      const one = lineOf(entity.name, entity.key, 1, j, entities.length);
      add('entity', { kind: 'line', line: one }, LINE_HEIGHT);
    }
  }
  return { items, shown, found: count };
}

function lineOf(
  label: string,
  path: string,
  depth: number,
  index: number,
  siblings: number,
  device?: { entities: number; expanded: boolean },
): TreeLine {
  const branch = {
    ...{ name: label, path, depth, children: undefined },
    ...{ isTopic: device === undefined, topics: device?.entities ?? 1 },
  };
  return {
    ...{ branch, label, depth, siblings, position: index + 1 },
    ...{ expandable: device !== undefined, expanded: device?.expanded === true },
  };
}

function matches(wanted: TopicSearch, device: DeviceRow, { name, entityId, topic = '' }: EntityRow): boolean {
  return wanted.isEmpty || wanted.matches(topic, `${device.name} ${name} ${device.area} ${entityId}`);
}
