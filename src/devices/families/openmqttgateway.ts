import { type Fields, nameOf, numberOf } from '../content';
import { type Observation, wifiSignal } from '../observation';
import { reportIn } from '../report';
import type { FamilyReader } from '../route';

const family = 'openmqttgateway';
const RADIO = /^(?:RTL_)?433toMQTT$/;
const MAC = /^[0-9A-F]{12}$/i;

/**
 * OpenMQTTGateway and Theengs: `<gateway>/SYStoMQTT`, `<gateway>/BTtoMQTT/<mac>`, `<gateway>/RTL_433toMQTT/…`. One Bluetooth
 * device is heard by several gateways, so that its id does not name one.
 */
export const openMqttGateway: FamilyReader = (_topic, levels) => {
  const at = levels.findIndex((level) => level.endsWith('toMQTT'));
  if (at < 1) return undefined;
  const gateway = levels.slice(0, at).join('/');
  const name = levels[at - 1];
  const self: Observation = { device: gateway, family, name, isGateway: true, isAlive: true };
  const kind = levels[at] as string;
  const mac = levels[at + 1] ?? '';
  if (kind === 'SYStoMQTT')
    return ({ object }) => (object ? [{ ...self, signal: wifiSignal(numberOf(object, 'rssi')) }] : []);
  if (kind === 'BTtoMQTT' && MAC.test(mac) && levels.length === at + 2)
    return ({ object }) => (object ? [self, ...bluetooth(mac, gateway, object)] : []);
  if (RADIO.test(kind)) return ({ object }) => (object ? [self, ...radio(gateway, kind, object)] : []);
  return () => [self];
};

/** Models of phones, watches and computers, which take another address every few minutes. */
const PASSING = new Set(['IBEACON', 'GAEN', 'MS-CDP', 'APPLE_CONT', 'APPLE_CONTAT', 'APPLEDEVICE']);
/** Type of what has a random address. */
const RANDOM = 'RMAC';

/** Phones and beacons of strangers pass by all day: what is a device says what it is, or has a battery. */
function bluetooth(mac: string, gateway: string, object: Fields): Observation[] {
  const model = nameOf(object, 'model_id', 'model');
  const report = reportIn(object);
  const isPassing = model === undefined || PASSING.has(model) || nameOf(object, 'type') === RANDOM;
  if (isPassing && report.battery === undefined) return [];
  const [said, tail] = [nameOf(object, 'name') ?? model ?? 'BLE', mac.slice(-4)];
  const name = said.endsWith(tail) ? said : `${said} ${tail}`;
  return [{ device: `BTtoMQTT/${mac.toUpperCase()}`, family, name, gateway, isAlive: true, ...report }];
}

/** Sensors on 433 MHz. Those of neighbours are heard as well, so that their silence means nothing. */
function radio(gateway: string, kind: string, object: Fields): Observation[] {
  const model = nameOf(object, 'model');
  const id = numberOf(object, 'id');
  const { isBatteryLow } = reportIn(object);
  if (model === undefined || id === undefined || isBatteryLow === undefined) return [];
  return [{ device: `${kind}/${model}/${id}`, family, name: `${model} ${id}`, gateway, isBatteryLow }];
}
