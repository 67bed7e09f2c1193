/** The components of Home Assistant's MQTT discovery, and their names for entities that have none. */

/** By component: the name that an entity without one gets; null: it has the name of its device. */
const DEFAULT_NAMES = {
  alarm_control_panel: 'MQTT Alarm',
  binary_sensor: 'MQTT Binary sensor',
  button: 'MQTT Button',
  camera: 'MQTT Camera',
  climate: 'MQTT HVAC',
  cover: 'MQTT Cover',
  date: 'MQTT Date',
  datetime: 'MQTT Date/Time',
  device_automation: null,
  device_tracker: null,
  event: 'MQTT Event',
  fan: 'MQTT Fan',
  humidifier: 'MQTT Humidifier',
  image: 'MQTT Image',
  infrared: 'MQTT Infrared',
  lawn_mower: 'MQTT Lawn Mower',
  light: 'MQTT LightEntity',
  lock: 'MQTT Lock',
  notify: 'MQTT notify',
  number: 'MQTT Number',
  scene: 'MQTT Scene',
  siren: 'MQTT Siren',
  select: 'MQTT Select',
  sensor: 'MQTT Sensor',
  switch: 'MQTT Switch',
  tag: null,
  text: 'MQTT Text',
  time: 'MQTT Time',
  update: 'MQTT Update',
  vacuum: 'MQTT State Vacuum',
  valve: 'MQTT Valve',
  water_heater: 'MQTT Water Heater',
} as const;

export type Component = keyof typeof DEFAULT_NAMES;

export const COMPONENTS = Object.keys(DEFAULT_NAMES) as readonly Component[];

export function isComponent(name: string): name is Component {
  return Object.hasOwn(DEFAULT_NAMES, name);
}

/** These have a command and no state. */
const WITHOUT_STATE: ReadonlySet<Component> = new Set(['button', 'scene', 'notify', 'infrared']);
/** These are no entities in Home Assistant either. */
const NO_ENTITY: ReadonlySet<Component> = new Set(['tag', 'device_automation']);

export function hasState(component: Component): boolean {
  return !WITHOUT_STATE.has(component) && !NO_ENTITY.has(component);
}

export function isEntity(component: Component): boolean {
  return !NO_ENTITY.has(component);
}

/** Components whose entities without a name get that of their device class. */
const NAMED_BY_CLASS: ReadonlySet<Component> = new Set([
  'binary_sensor',
  'button',
  'event',
  'number',
  'sensor',
  'update',
]);

/** Names of device classes that are not the words of the class. */
const CLASS_NAMES: ReadonlyMap<string, string> = new Map([
  ['aqi', 'Air quality index'],
  ['battery_charging', 'Charging'],
  ['energy_distance', 'Energy per distance'],
  ['energy_storage', 'Stored energy'],
  ['monetary', 'Monetary balance'],
  ['ph', 'pH'],
  ['pm1', 'PM1'],
  ['pm10', 'PM10'],
  ['pm25', 'PM2.5'],
  ['pm4', 'PM4'],
  ['volume_storage', 'Stored volume'],
]);

/** True if an entity that has no name is called by its device class. */
export function isNamedByClass(component: Component, deviceClass: string): boolean {
  return NAMED_BY_CLASS.has(component) && deviceClass !== '' && deviceClass !== 'enum';
}

/** What Home Assistant calls an entity that has no name; null: by its device alone. */
export function defaultName(component: Component, deviceClass: string, schema: string): string | null {
  if (isNamedByClass(component, deviceClass)) {
    const words = deviceClass.replaceAll('_', ' ');
    return CLASS_NAMES.get(deviceClass) ?? words.charAt(0).toUpperCase() + words.slice(1);
  }
  if (component === 'light' && schema === 'json') return 'MQTT JSON Light';
  if (component === 'light' && schema === 'template') return 'MQTT Template Light';
  return DEFAULT_NAMES[component];
}
