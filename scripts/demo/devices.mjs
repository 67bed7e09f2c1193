/**
 * Devices of the simulated home: four behind Zigbee2MQTT, on its topics and announced for Home Assistant as it does,
 * and the sensors of `home.mjs`, announced under their names and rooms.
 */

const BASE = 'zigbee2mqtt';
/** Milliseconds between two reports of a device. */
const REPORT = 20_000;

const ZIGBEE = [
  { id: '0x00158d0001a2b301', name: 'Front door', area: 'Hall', battery: 88, fields: { contact: true } },
  {
    id: '0x00158d0001a2b302',
    name: 'Hall motion',
    area: 'Hall',
    battery: 14,
    fields: { occupancy: false, illuminance: 120 },
  },
  {
    id: '0x00158d0001a2b303',
    name: 'Bathroom leak',
    area: 'Bathroom',
    battery: 71,
    fields: { water_leak: false },
  },
  {
    id: '0x00158d0001a2b304',
    name: 'Washing machine',
    area: 'Bathroom',
    battery: undefined,
    fields: { power: 3, state: 'ON' },
  },
];

/** What Home Assistant is told about a field: component and the rest of its configuration. */
const FIELDS = {
  contact: ['binary_sensor', { name: 'Contact', device_class: 'door', payload_on: false, payload_off: true }],
  occupancy: [
    'binary_sensor',
    { name: 'Motion', device_class: 'occupancy', payload_on: true, payload_off: false },
  ],
  water_leak: [
    'binary_sensor',
    { name: 'Leak', device_class: 'moisture', payload_on: true, payload_off: false },
  ],
  illuminance: ['sensor', { name: 'Illuminance', device_class: 'illuminance', unit_of_measurement: 'lx' }],
  power: ['sensor', { name: 'Power', device_class: 'power', unit_of_measurement: 'W' }],
  battery: ['sensor', { name: 'Battery', device_class: 'battery', unit_of_measurement: '%' }],
};

const SENSORS = { temperature: '°C', humidity: '%', power: 'W' };
const ROOMS = {
  living_room: 'Living room',
  kitchen: 'Kitchen',
  bedroom: 'Bedroom',
  bathroom: 'Bathroom',
  office: 'Office',
  hallway: 'Hall',
};

const kept = (topic, value) => ({
  topic,
  payload: typeof value === 'string' ? value : JSON.stringify(value),
  retain: true,
});

function announceZigbee({ id, name, area, battery, fields }) {
  const device = { identifiers: [`${BASE}_${id}`], name, suggested_area: area, manufacturer: 'Simulated' };
  const all = Object.keys({ ...fields, ...(battery !== undefined && { battery }) });
  return all.flatMap((field) => {
    const [component, rest] = FIELDS[field] ?? [];
    if (component === undefined) return [];
    const config = {
      ...{ ...rest, unique_id: `${id}_${field}_${BASE}`, object_id: `${name} ${field}`, device },
      ...{ state_topic: `${BASE}/${name}`, value_template: `{{ value_json.${field} }}` },
      availability: [{ topic: `${BASE}/${name}/availability`, value_template: '{{ value_json.state }}' }],
      origin: { name: 'Zigbee2MQTT' },
    };
    return [kept(`homeassistant/${component}/${id}/${field}/config`, config)];
  });
}

/** The sensors of a place as one device. A light is on or off. */
function announcePlace(place, name, area, kinds, hasLight) {
  const common = (kind) => ({
    ...{ unique_id: `${place}_${kind}`, device_class: kind, state_topic: `home/sensors/${kind}/${place}` },
  });
  const sensors = Object.entries(kinds).map(([kind, unit]) => [
    kind,
    {
      ...{ ...common(kind), platform: 'sensor', unit_of_measurement: unit },
      value_template: '{{ value_json.value }}',
    },
  ]);
  const light = {
    ...{ ...common('light'), platform: 'binary_sensor', name: 'Light', payload_on: 'on', payload_off: 'off' },
    value_template: '{{ value_json.state }}',
  };
  const device = { identifiers: [`home_${place}`], name, suggested_area: area };
  return kept(`homeassistant/device/home_${place}/config`, {
    ...{ device, origin: { name: 'Simulated home' } },
    components: { ...Object.fromEntries(sensors), ...(hasLight && { light }) },
  });
}

/** @param {{random?: () => number}} options */
export function createDevices({ random = Math.random } = {}) {
  let until = 0;
  let turn = 0;

  function report({ name, battery, fields }) {
    const values = {
      ...fields,
      ...(battery !== undefined && { battery }),
      linkquality: Math.round(90 + random() * 60),
    };
    if ('power' in fields) values.power = Math.round((2 + random() * 3) * 10) / 10;
    if ('illuminance' in fields) values.illuminance = Math.round(100 + random() * 60);
    return { topic: `${BASE}/${name}`, payload: JSON.stringify(values), retain: false };
  }

  return {
    /** Everything that is retained, and a first report of each. */
    begin() {
      return [
        ...ZIGBEE.flatMap(announceZigbee),
        ...Object.entries(ROOMS).map(([place, name]) => announcePlace(place, name, name, SENSORS, true)),
        announcePlace('freezer', 'Freezer', 'Cellar', { temperature: '°C' }, false),
        kept(`${BASE}/bridge/state`, { state: 'online' }),
        ...ZIGBEE.map(({ name }) => kept(`${BASE}/${name}/availability`, { state: 'online' })),
        ...ZIGBEE.map(report),
      ];
    },

    /** One device in turn. @param {number} ms */
    step(ms) {
      until += ms;
      if (until < REPORT / ZIGBEE.length) return [];
      until = 0;
      turn += 1;
      return [report(ZIGBEE[turn % ZIGBEE.length])];
    },
  };
}
