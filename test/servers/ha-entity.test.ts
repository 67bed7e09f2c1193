/** `dinox-ha-entity` beside a real Home Assistant on one broker: its entity is found and follows, and a lamp obeys. */
import assert from 'node:assert/strict';
import { connectAsync, type MqttClient } from 'mqtt';
import { OURS } from '../conformance/context';
import { broker, node, sink, tab, withTypes } from '../support/flows';
import { type HomeAssistant, startHomeAssistant } from '../support/homeassistant/home-assistant';
import { withTexts } from '../support/labels';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Mosquitto, startMosquitto } from '../support/servers';

const INSTALL_MS = 600_000;
const DEVICE = { identifiers: ['0xa1'], name: 'Kitchen' };

describe('dinox-ha-entity beside a real Home Assistant', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let hass: HomeAssistant | undefined;
  let device: MqttClient;
  let flow: RunningFlow | undefined;

  before(async function () {
    this.timeout(INSTALL_MS);
    mosquitto = await startMosquitto();
    try {
      hass = await startHomeAssistant({ brokerPort: mosquitto.port });
    } catch (error) {
      if (process.env.CI) throw error;
      process.stdout.write(`SKIPPED SUITE: ha-entity: ${error instanceof Error ? error.message : error}\n`);
      this.skip();
    }
    device = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    await announce('binary_sensor', {
      name: 'Window',
      unique_id: 'win',
      device_class: 'window',
      state_topic: 'k/window',
    });
    await announce('light', {
      name: 'Lamp',
      unique_id: 'lamp',
      schema: 'json',
      brightness: true,
      supported_color_modes: ['brightness'],
      state_topic: 'k/lamp',
      command_topic: 'k/lamp/set',
    });
    await keep('k/window', 'OFF');
    await keep('k/lamp', JSON.stringify({ state: 'OFF' }));
    // The lamp does what it is told.
    device.on('message', (_topic, payload) => void keep('k/lamp', String(payload)));
    await device.subscribeAsync('k/lamp/set', { qos: 1 });
    const { registerDinoxHaEntity } = require('../../src/index') as typeof import('../../src/index');
    const entity = (id: string, key: string) =>
      node('dinox-ha-entity', id, { broker: 'broker', entities: [key], confirm: true, wires: [['out']] });
    flow = await RunningFlow.start(
      [...(await OURS.modules()), withTexts(registerDinoxHaEntity as NodeModule)],
      withTypes(
        [
          tab(),
          broker(mosquitto.port, 5),
          entity('window', 'binary_sensor.win'),
          entity('lamp', 'light.lamp'),
          sink('out'),
        ],
        OURS.types,
      ),
    );
  });

  after(async () => {
    await flow?.stop();
    await device?.endAsync();
    await hass?.stop();
    await mosquitto?.stop();
  });

  const keep = (topic: string, payload: string) =>
    device.publishAsync(topic, payload, { qos: 1, retain: true });
  const announce = (component: string, config: object) =>
    keep(`homeassistant/${component}/k/${component}/config`, JSON.stringify({ ...config, device: DEVICE }));
  /** Until Home Assistant says so of an entity. */
  const there = async (entityId: string, state: string): Promise<Readonly<Record<string, unknown>>> => {
    assert.ok(hass);
    for (let time = 0; time < 80; time++) {
      const found = (await hass.states()).find(({ entity_id }) => entity_id === entityId);
      if (found?.state === state) return found.attributes;
      await new Promise((done) => setTimeout(done, 250));
    }
    throw new Error(`${entityId} is not ${state} in Home Assistant`);
  };
  const here = (topic: string, payload: unknown) =>
    flow?.until(`${topic} ${payload}`, () =>
      flow?.at('out').some((msg) => msg.topic === topic && msg.payload === payload),
    );

  it('both call it by the same name, and it follows in both', async () => {
    const { friendly_name: name } = await there('binary_sensor.kitchen_window', 'off');
    await here('binary_sensor.kitchen_window', false);
    assert.equal(flow?.at('out').find(({ topic }) => topic === 'binary_sensor.kitchen_window')?.name, name);
    await keep('k/window', 'ON');
    await Promise.all([
      there('binary_sensor.kitchen_window', 'on'),
      here('binary_sensor.kitchen_window', true),
    ]);
  });

  it('a light commanded here changes there, and one commanded there changes here', async () => {
    await there('light.kitchen_lamp', 'off');
    const { error } = (await flow?.call('lamp', { payload: { state: 'ON', brightness: 120 } })) ?? {};
    assert.equal(error, undefined);
    assert.equal((await there('light.kitchen_lamp', 'on')).brightness, 120);
    await hass?.call('light.turn_off', { entity_id: 'light.kitchen_lamp' });
    await flow?.until('off again', () => flow?.at('out').at(-1)?.payload === false);
  });
});
