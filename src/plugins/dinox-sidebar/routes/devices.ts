import type { NodeAPI } from 'node-red';
import { fieldOf } from '../../../homeassistant/discovery';
import type { Entities } from '../../../homeassistant/entities';
import type { Entity } from '../../../homeassistant/entity';
import { type Routes, requestBody } from '../../../runtime/admin/routes';
import type { DeviceRow, DevicesAnswer, EntityRow } from '../device-row';
import { brokerOr404 } from './brokers';

/** Entities in one answer. */
const MAX_ENTITIES = 5_000;
/** Entities whose states one question may ask for: those that are seen. */
const MAX_KEYS = 150;
const MAX_TOPIC = 1_024;

/**
 * `POST dinox/brokers/:id/devices {version?, keys?}`: what devices announce for Home Assistant, if it is not `version`
 * that is known already, and the states of the entities with these `keys`. Asking makes the connection read the
 * announcements for a while.
 */
export function deviceRoutes(RED: NodeAPI, routes: Routes): void {
  routes.ask('/dinox/brokers/:id/devices', (request): DevicesAnswer => {
    const { homeAssistant, connected } = brokerOr404(RED, request.params.id);
    const browser = homeAssistant.browser();
    browser.look();
    const { version: known, keys } = requestBody(request);
    const { entities } = homeAssistant.reader();
    const { version, refused } = browser;
    const wanted = (Array.isArray(keys) ? keys : [])
      .slice(0, MAX_KEYS)
      .flatMap((key: unknown) => entities.get(String(key)) ?? []);
    return {
      connected,
      version,
      isRefused: refused !== undefined,
      ...devicesOf(entities, known !== version),
      states: Object.fromEntries(wanted.map((one) => [one.key, browser.shownStateOf(one)])),
    };
  });
}

/** By device, in the order in which they were announced. `total` counts those beyond the bound, too. */
function devicesOf(entities: Entities, isWanted = true): { total: number; devices?: DeviceRow[] } {
  const devices = new Map<string, DeviceRow>();
  let total = 0;
  for (const entity of entities.all()) {
    if (!entity.isShown) continue;
    total += 1;
    if (!isWanted || total > MAX_ENTITIES) continue;
    const { id = '', name = '', area = '' } = entity.device ?? {};
    let device = devices.get(id);
    if (!device) {
      device = { id, name: name || id, area, entities: [] };
      devices.set(id, device);
    }
    device.entities.push(rowOf(entity));
  }
  return { total, ...(isWanted && { devices: [...devices.values()] }) };
}

function rowOf(entity: Entity): EntityRow {
  const { key, name, ownName, nameClass, entityId, deviceClass, category, unit } = entity;
  const topic = entity.isReadable ? entity.commandTopic('state_topic') : undefined;
  const field = fieldOf(entity);
  return {
    ...{ key, name: ownName || name, entityId, deviceClass, category, unit },
    ...(nameClass !== '' && { isByClass: true as const }),
    ...(topic !== undefined && topic.length <= MAX_TOPIC && { topic, ...(field !== '' && { field }) }),
  };
}
