import { type Content, type Fields, fieldsIn, flagOf, nameOf, numberOf, within } from '../content';
import { bluetoothSignal, type Observation, percent, wifiSignal } from '../observation';
import { before, type FamilyReader, type Route } from '../route';

const family = 'shelly';
const SHELLIES = 'shellies/';
/** Last levels of what is written to a device. */
const ASKED = /^(?:command|rpc)$/;
/** `switch:0`, `sys`: the components that have a status. */
const COMPONENT = /^(?:sys|wifi|cloud|mqtt|ble|ws|eth|ht_ui|[a-z0-9_]{1,32}:\d{1,4})$/;
const MAX_COMPONENTS = 200;
/** First levels behind the id of a device of the first generation: the id may have levels of its own. */
const PARTS =
  /^(?:online|announce|info|command|settings|status|relay|roller|light|white|color|e?meter|input(?:_event)?|longpush|sensor|power|energy|voltage|temperature(?:_f|_status)?|over(?:temperature|power)|ext_\w+|adc|thermostats?)$/;
/** Models that run on a battery, by their ids: they sleep between their messages. */
const SLEEPERS = /(?:^|\/)shelly(?:plus)?(?:ht|dw|door|flood|smoke|motion|button|trv|rcb)/i;

/** Shelly of the first generation (`shellies/<id>/…`) and of later ones (`<prefix>/events/rpc`, `<prefix>/status/…`). */
export const shelly: FamilyReader = (_topic, levels) => {
  if (levels.length < 2) return undefined;
  // Those of later generations may be told to write where the first one does.
  if (levels[0] === 'shellies') return later(levels) ?? first(levels);
  if (levels[levels.length - 1] === 'online')
    return (content) => online({ device: before(levels, 1), family }, content);
  return later(levels);
};

/** A device by its name where all topics begin with `shellies/`. */
const named = (device: string): Observation =>
  device.startsWith(SHELLIES) ? { device, family, name: device.slice(SHELLIES.length) } : { device, family };

function later(levels: readonly string[]): Route | undefined {
  const [last, above] = [levels[levels.length - 1] ?? '', levels[levels.length - 2]];
  if (levels.length < 3) return undefined;
  const base = named(before(levels, 2));
  if (above === 'events' && last === 'rpc')
    return (content) => {
      const { object } = content;
      const params = within(object, 'params');
      if (!params || !nameOf(object, 'method')?.startsWith('Notify')) return undefined;
      return components(base, params);
    };
  if (above !== 'status' || !COMPONENT.test(last)) return undefined;
  return (content) => {
    const { object } = content;
    return object && components(base, { [last]: object });
  };
}

function first(levels: readonly string[]): Route | undefined {
  const part = levels.findIndex((level, at) => at > 1 && PARTS.test(level));
  const end = part < 0 ? 2 : part;
  const [id, rest, last] = [levels[1], levels.slice(end), levels[levels.length - 1] ?? ''];
  if (id === 'announce' && rest.length === 0)
    return ({ object }) => {
      const own = nameOf(object, 'id');
      return own === undefined ? [] : [{ ...named(`${SHELLIES}${own}`), update: newFirmware(object) }];
    };
  // What somebody wants of a device, no matter of which generation, is not said by it.
  if (id === 'command' || rest.length === 0 || rest[0] === 'command' || ASKED.test(last)) return () => [];
  const base = named(levels.slice(0, end).join('/'));
  switch (rest.join('/')) {
    case 'online':
      return (content) => online(base, content);
    case 'announce':
      return ({ object }) => [{ ...base, update: newFirmware(object) }];
    case 'info':
      return ({ object }) => (object ? [{ ...base, isAlive: true, ...infoIn(object) }] : []);
    case 'sensor/battery':
      return ({ number }) => [{ ...base, isAlive: true, sleeps: true, battery: percent(number) }];
    default:
      return (content) => (content.isEmpty ? [] : [{ ...base, isAlive: true }]);
  }
}

function newFirmware(object: Fields | undefined): string | false | undefined {
  const isNew = flagOf(object, 'new_fw');
  return isNew === undefined ? undefined : isNew ? 'available' : false;
}

function infoIn(object: Fields): Partial<Observation> {
  const battery = within(object, 'bat');
  const hasUpdate = flagOf(object, 'has_update');
  return {
    signal: wifiSignal(numberOf(within(object, 'wifi_sta'), 'rssi')),
    battery: percent(numberOf(battery, 'value')),
    sleeps: battery ? true : undefined,
    update:
      hasUpdate === undefined
        ? undefined
        : hasUpdate
          ? (nameOf(within(object, 'update'), 'new_version') ?? 'available')
          : false,
  };
}

function online(base: Observation, content: Content): Observation[] | undefined {
  if (content.isEmpty) return [{ ...base, isCleared: true }];
  const { word } = content;
  if (word !== 'true' && word !== 'false') return undefined;
  return [
    { ...base, online: word === 'true', ...(SLEEPERS.test(base.device) && { mayStayAway: true as const }) },
  ];
}

/** Statuses by component, as all of them come together or each by itself. */
function components(base: Observation, statuses: Fields): Observation[] {
  const own: Observation = { ...base, isAlive: true };
  const behind: Observation[] = [];
  for (const [name, one] of Object.entries(statuses).slice(0, MAX_COMPONENTS)) {
    const status = fieldsIn(one);
    if (!status) continue;
    if (name === 'wifi') own.signal = wifiSignal(numberOf(status, 'rssi'));
    else if (name === 'sys') own.update = versionIn(status);
    else if (name.startsWith('devicepower:')) {
      own.battery = percent(numberOf(within(status, 'battery'), 'percent'));
      own.sleeps = flagOf(within(status, 'external'), 'present') !== true;
      // At the mains the battery is none to change.
      if (!own.sleeps) own.battery = undefined;
    } else if (name.startsWith('bthomedevice:'))
      behind.push({
        device: `${base.device}/${name}`,
        family,
        gateway: base.device,
        isAlive: numberOf(status, 'last_updated_ts') !== undefined,
        battery: percent(numberOf(status, 'battery')),
        signal: bluetoothSignal(numberOf(status, 'rssi')),
      });
  }
  return behind.length > 0 ? [{ ...own, isGateway: true }, ...behind] : [own];
}

function versionIn(status: Fields): string | false | undefined {
  const updates = within(status, 'available_updates');
  if (!updates) return undefined;
  const stable = within(updates, 'stable');
  return stable ? (nameOf(stable, 'version') ?? 'available') : false;
}
