/** DinoX, the chat client, announces itself: written as its MQTT plug-in writes it. */
import assert from 'node:assert/strict';
import { commandFor } from '../../../src/homeassistant/commands/command';
import { Entities } from '../../../src/homeassistant/entities';
import { EntityState } from '../../../src/homeassistant/states/entity-state';
import { Payload } from '../../../src/homeassistant/templates/payload';
import { Templates } from '../../../src/homeassistant/templates/template';

const NODE = 'anna_example_org';
const entity = (platform: string, id: string, more: object = {}) => ({
  p: platform,
  ...(platform === 'button' ? {} : { stat_t: `dinox/${NODE}/${id}/state` }),
  ...(platform === 'button' || platform === 'switch' ? { cmd_t: `dinox/${NODE}/${id}/set` } : {}),
  uniq_id: `dinox_${NODE}_${id}`,
  ...more,
});
const CONFIG = JSON.stringify({
  dev: {
    ids: [`dinox_${NODE}`],
    name: 'DinoX MQTT (anna@example.org)',
    mf: 'DinoX',
    mdl: 'MQTT Plugin',
    sw: '1.7',
  },
  o: { name: 'DinoX', sw: '1.7', url: 'https://github.com/rallep71/dinox' },
  avty: [{ t: `dinox/${NODE}/availability`, pl_avail: 'online', pl_not_avail: 'offline' }],
  cmps: {
    connectivity: entity('binary_sensor', 'connectivity', {
      device_class: 'connectivity',
      pl_on: 'ON',
      pl_off: 'OFF',
    }),
    subscriptions: entity('sensor', 'subscriptions', { name: 'Subscriptions', ic: 'mdi:playlist-check' }),
    alerts_pause: entity('switch', 'alerts_pause', { name: 'Alerts Pause', ic: 'mdi:bell-sleep' }),
    reconnect: entity('button', 'reconnect', { name: 'Reconnect' }),
    refresh: entity('button', 'refresh', { name: 'Refresh Discovery' }),
  },
});

describe("DinoX's own client among the entities", () => {
  const templates = new Templates();
  const entities = new Entities();
  entities.take(`homeassistant/device/${NODE}/config`, Buffer.from(CONFIG));
  const found = (key: string) => {
    const one = entities.get(`${key.split('.')[0]}.dinox_${NODE}_${key.split('.')[1]}`);
    assert.ok(one, key);
    return one;
  };
  const stateOf = (key: string, state: string, available = 'online') => {
    const one = new EntityState(found(key), templates, { steady: () => 0 });
    const id = key.split('.')[1];
    for (const [topic, said] of [
      ['availability', available],
      [`${id}/state`, state],
    ])
      one.take({ topic: `dinox/${NODE}/${topic}`, payload: new Payload(said ?? ''), retained: true });
    return one.current;
  };

  it('its connectivity and pause are there, by name', () => {
    assert.equal(entities.size, 5);
    assert.equal(stateOf('binary_sensor.connectivity', 'ON').payload, true);
    assert.equal(stateOf('switch.alerts_pause', 'OFF').payload, false);
    assert.equal(found('switch.alerts_pause').name, 'DinoX MQTT (anna@example.org) Alerts Pause');
    assert.equal(stateOf('sensor.subscriptions', '7').payload, '7');
    assert.equal(stateOf('switch.alerts_pause', 'ON', 'offline').available, false);
  });

  it('pause, reconnect and refresh can be told', () => {
    const told = (key: string, said: unknown, current = stateOf(key, 'OFF')) =>
      commandFor(found(key), said, { templates, current }).publications.map(({ topic, payload }) => [
        topic,
        payload,
      ]);
    assert.deepEqual(told('switch.alerts_pause', true), [[`dinox/${NODE}/alerts_pause/set`, 'ON']]);
    assert.deepEqual(told('button.reconnect', 'PRESS'), [[`dinox/${NODE}/reconnect/set`, 'PRESS']]);
    assert.deepEqual(told('button.refresh', true), [[`dinox/${NODE}/refresh/set`, 'PRESS']]);
  });
});
