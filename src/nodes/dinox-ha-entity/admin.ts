import type { NodeAPI } from 'node-red';
import { mainTopicOf } from '../../homeassistant/discovery';
import type { Entity } from '../../homeassistant/entity';
import { entityMatcher } from '../../homeassistant/entity-filter';
import { isForeign } from '../../runtime/admin/origin-guard';
import { Refusal } from '../../runtime/admin/refusal';
import { adminRoutes, whole } from '../../runtime/admin/routes';
import { findBroker } from '../../runtime/broker/find-broker';
import type { EntityBrowser } from '../../runtime/homeassistant/entity-browser';
import { topicFault } from '../../topics/filter';
import { filterOf } from './config';
import type { EntityKinds, EntityRow } from './entity-row';

const MAX_ROWS = 50;
/** Most chosen entities that are described. */
const MAX_KEYS = 100;
/** Most components, devices, … that are offered. */
const MAX_KINDS = 300;

/**
 * `GET dinox/brokers/:id/entities?prefix=&q=&keys=&limit=` (`dinox.read`), asked by an open dialog: the entities whose
 * name, device, area or id holds all words of `q`, those with these `keys` (a JSON list), and with
 * `component`, `deviceClass`, `device`, `area`, `pattern` how many the filter takes, as `count`, and the first of them.
 * Asking makes the connection read the announcements for a while.
 */
export function registerEntityAdmin(RED: NodeAPI): void {
  adminRoutes(RED).get('/dinox/brokers/:id/entities', ({ params, query, headers }) => {
    const broker = findBroker(RED, params.id);
    // This is no error, because a dialog also asks before the first deploy.
    if (!broker) return { connected: false, entities: [], chosen: [], total: 0 };
    const { homeAssistant } = broker;
    const prefix = String(query.prefix ?? '') || homeAssistant.prefix;
    if (topicFault(prefix)) throw new Refusal(400, 'prefix');
    const browser = homeAssistant.browser(prefix);
    // Looking subscribes, and may log the account in, so a link on a foreign page must not begin it.
    if (!isForeign(headers)) browser.look();
    const { entities } = homeAssistant.reader(prefix);
    const all = [...entities.all()].filter(({ isShown }) => isShown);
    const filter = filterOf(query);
    const isFiltered = Object.values(filter).some((typed) => typed !== '');
    const found = isFiltered
      ? all.filter(entityMatcher(filter))
      : all.filter(wantedBy(String(query.q ?? '')));
    const limit = whole(query.limit, 1, MAX_ROWS, MAX_ROWS);
    const chosen = keysOf(query.keys).flatMap((key) => entities.get(key) ?? []);
    return {
      connected: broker.connected,
      total: all.length,
      count: found.length,
      entities: byName(found)
        .slice(0, limit)
        .map((one) => rowOf(one, browser)),
      chosen: chosen.map((one) => rowOf(one, browser)),
      kinds: kindsOf(all),
    };
  });
}

/** True for an entity that has every word somewhere in what people know it by. */
function wantedBy(typed: string): (entity: Entity) => boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10);
  return ({ name, device, entityId, deviceClass }) => {
    const known =
      `${name} ${device?.name ?? ''} ${device?.area ?? ''} ${entityId} ${deviceClass}`.toLowerCase();
    return words.every((word) => known.includes(word));
  };
}

function rowOf(entity: Entity, browser: EntityBrowser): EntityRow {
  const { key, name, entityId, component, device, unit } = entity;
  const { state, available } = browser.shownStateOf(entity);
  return {
    ...{
      key,
      name,
      entityId,
      component,
      device: device?.name ?? '',
      area: device?.area ?? '',
      unit,
      available,
    },
    ...(state !== undefined && { state: String(state) }),
    ...mainTopicOf(entity),
  };
}

function kindsOf(all: readonly Entity[]): EntityKinds {
  const each = (of: (entity: Entity) => string | undefined): string[] =>
    [...new Set(all.map(of))]
      .filter((one) => one !== undefined && one !== '')
      .sort(byText)
      .slice(0, MAX_KINDS) as string[];
  return {
    component: each(({ component }) => component),
    deviceClass: each(({ deviceClass }) => deviceClass),
    device: each(({ device }) => device?.name),
    area: each(({ device }) => device?.area),
  };
}

function keysOf(typed: unknown): string[] {
  if (typeof typed !== 'string' || typed === '') return [];
  try {
    const keys: unknown = JSON.parse(typed);
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string').slice(0, MAX_KEYS) : [];
  } catch {
    return [];
  }
}

const byText = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted by name. Each name is put together once, not once for each comparison: there may be 20,000. */
function byName(entities: readonly Entity[]): Entity[] {
  return entities
    .map((entity) => ({ entity, name: entity.name.toLowerCase() }))
    .sort((a, b) => byText(a.name, b.name))
    .map(({ entity }) => entity);
}
