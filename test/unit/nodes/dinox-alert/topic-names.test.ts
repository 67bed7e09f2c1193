import assert from 'node:assert/strict';
import { HomeNames } from '../../../../src/homeassistant/names';
import { alertConfig } from '../../../../src/nodes/dinox-alert/config';
import { FieldNames, TopicNames } from '../../../../src/nodes/dinox-alert/topic-names';

const OUTSIDE = 'zigbee2mqtt/Outside';
const announced = new HomeNames(1);
for (const [id, name, field, unit] of [
  ['b', 'Battery', 'battery', '%'],
  ['t', 'Temperature', 'temperature', '°C'],
] as const)
  announced.take(
    `homeassistant/sensor/0x1/${id}/config`,
    Buffer.from(
      JSON.stringify({
        ...{
          name,
          state_topic: OUTSIDE,
          value_template: `{{ value_json.${field} }}`,
          unit_of_measurement: unit,
        },
        ...{ unique_id: id, device: { identifiers: ['0x1'], name: 'Outside' } },
      }),
    ),
  );

const about = (def: object, names?: HomeNames) => {
  const named = new FieldNames(alertConfig({ limit: 1, ...def }), () => names);
  return [named.titleOf(OUTSIDE), named.unitOf(OUTSIDE)];
};

describe('alert: name and unit of a topic', () => {
  it('are those of Home Assistant, else the topic and the field', () => {
    assert.deepEqual(about({ property: 'payload.battery' }, announced), ['Outside Battery', '%']);
    assert.deepEqual(about({ property: 'payload.battery' }), ['zigbee2mqtt/Outside battery', '']);
    assert.deepEqual(about({ property: 'payload.link_quality' }, announced), ['Outside link quality', '']);
    assert.deepEqual(about({}, announced), ['Outside', '']);
    assert.deepEqual(about({ property: 'payload.value' }), ['', '']);
    // Names from outside are no members of every object.
    assert.deepEqual(about({ property: 'payload.hasOwnProperty' }, announced), [
      'Outside hasOwnProperty',
      '',
    ]);
  });

  it('are none where a key is no topic, or a value is computed', () => {
    assert.deepEqual(about({ keyBy: 'none', property: 'payload.battery' }, announced), ['', '']);
    assert.deepEqual(about({ keyBy: 'topic', keyByType: 'msg', property: 'payload.battery' }, announced), [
      '',
      '',
    ]);
    assert.deepEqual(about({ property: 'payload', propertyType: 'jsonata' }, announced), ['', '']);
  });

  it('are read once where messages go over MQTT, and from the next broker after a deploy', () => {
    const log: string[] = [];
    let tell: (connected: boolean) => void = () => {};
    const broker = (id: string, host?: string) => ({
      ...{ names: announced, config: { question: { host } }, connected: host !== undefined },
      found: undefined as { serverType: string; pubsub?: object } | undefined,
      onConnected: (watcher: typeof tell) => {
        tell = watcher;
        return () => {
          tell = () => {};
        };
      },
      watcher: {
        watchNames: () => {
          log.push(`+${id}`);
          return () => log.push(`-${id}`);
        },
      },
    });
    let found: ReturnType<typeof broker> | undefined = broker('a', 'broker.lan');
    const names = new TopicNames(alertConfig({ limit: 1, property: 'payload.battery' }), () => found);
    names.look();
    names.look();
    assert.equal(names.titleOf(OUTSIDE), 'Outside Battery');
    found = broker('b', 'other.lan');
    names.look();
    assert.deepEqual(log.splice(0), ['+a', '-a', '+b']);
    // What the guide makes: one JID, one password, and what is behind them shows later.
    const account = broker('account');
    found = account;
    names.look();
    assert.deepEqual(log.splice(0), ['-b']);
    const becomes = (server: NonNullable<typeof account.found>): string[] => {
      account.found = server;
      tell(false);
      tell(true);
      return log.splice(0);
    };
    assert.deepEqual(becomes({ serverType: 'ejabberd', pubsub: {} }), []);
    assert.deepEqual(becomes({ serverType: 'prosody' }), [], 'the bridge leads to PubSub');
    assert.deepEqual(becomes({ serverType: 'ejabberd' }), ['+account']);
    assert.deepEqual(becomes({ serverType: 'ejabberd' }), [], 'once');
    assert.deepEqual(becomes({ serverType: 'ejabberd', pubsub: {} }), ['-account']);
    assert.equal(names.unitOf(OUTSIDE), '%');
    assert.deepEqual(becomes({ serverType: 'mosquitto' }), ['+account']);
    found = undefined;
    names.look();
    tell(true);
    names.close();
    assert.deepEqual(log, ['-account']);
    assert.equal(names.titleOf(OUTSIDE), 'zigbee2mqtt/Outside battery');
  });

  it('say what a door is, by its own field or topic only', () => {
    const said = (property: string, key: string, value: boolean | string) => {
      const { name, is } = new FieldNames(alertConfig({ limit: 1, property }), () => announced).openingOf(
        key,
        value,
      ) ?? { name: '', is: '' };
      return `${name} ${is}`.trim();
    };
    assert.equal(said('payload.contact', 'doors/front', false), 'doors/front open');
    assert.equal(said('payload.contact', 'doors/front', 'true'), 'doors/front closed');
    assert.equal(said('payload.contact', OUTSIDE, false), 'Outside open');
    assert.equal(said('payload.state.door', 'hall', 'ON'), 'hall open');
    assert.equal(said('payload', 'hall/window', 'zu'), 'hall/window closed');
    assert.equal(said('payload.value', 'hall/door', true), 'hall/door open');
    for (const [property, key, value] of [
      ['payload.tamper', 'doors/front', true],
      ['payload.locked', 'hall/door', true],
      ['payload', 'doors/front/lock', 'true'],
      ['payload', 'hall/doorbell', 'on'],
      ['payload.contact', 'doors/front', 'ajar'],
      ['payload.window_detection', 'radiator', 'ON'],
    ] as const)
      assert.equal(said(property, key, value), '', `${property} ${key}`);
  });
});
