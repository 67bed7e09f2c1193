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

/** Phones and beacons of strangers pass by all day: what is a device says what it is, or has a battery. */
function bluetooth(mac: string, gateway: string, object: Fields): Observation[] {
  const model = nameOf(object, 'model_id', 'model');
  const report = reportIn(object);
  if (model === undefined && report.battery === undefined) return [];
  const name = `${nameOf(object, 'name') ?? model ?? 'BLE'} ${mac.slice(-4)}`;
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
