/** `dinox-ha-entity` in a Node-RED, on a real Mosquitto: states out, commands in, and what it says when that fails. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { OURS, sharedMosquitto } from '../conformance/context';
import { broker, type Flow, node, sink, tab, withTypes } from '../support/flows';
import { withTexts } from '../support/labels';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';

/** Each test announces below a prefix of its own. */
let count = 0;

describe('dinox-ha-entity', function () {
  this.timeout(20_000);
  let port: number;
  let device: MqttClient;
  let flow: RunningFlow | undefined;
  let prefix: string;

  before(async function () {
    this.timeout(120_000);
    ({ port } = await sharedMosquitto());
    device = connect(`mqtt://127.0.0.1:${port}`);
  });

  after(() => device?.endAsync());

  beforeEach(() => {
    prefix = `ha-${process.pid}-${++count}`;
  });

  afterEach(async () => {
    await flow?.stop();
    flow = undefined;
  });

  const start = async (properties: object, version: 4 | 5 = 5, ...more: Flow): Promise<RunningFlow> => {
    const { registerDinoxHaEntity } = require('../../src/index') as typeof import('../../src/index');
    const modules = [...(await OURS.modules()), withTexts(registerDinoxHaEntity as NodeModule)];
    const nodes = [
      tab(),
      { ...broker(port, version), discoveryPrefix: prefix },
      node('dinox-ha-entity', 'entity', { broker: 'broker', prefix, wires: [['out']], ...properties }),
      sink('out'),
      ...more,
    ];
    flow = await RunningFlow.start(modules, withTypes(nodes, OURS.types));
    return flow;
  };
  const publish = (topic: string, payload: string | object) =>
    device.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), {
      qos: 1,
      retain: true,
    });
  const announce = (component: string, id: string, config: object) =>
    publish(`${prefix}/${component}/${id}/config`, {
      unique_id: id,
      state_topic: `${prefix}/${id}`,
      device: { identifiers: [id], name: `Room ${id}`, suggested_area: 'Ground floor' },
      ...config,
    });
  const shows = (running: RunningFlow, fill: string, text: string, ms?: number) =>
    running.until(
      `${fill}: ${text}`,
      () => {
        const last = running.statusesOf('entity').at(-1);
        return last?.fill === fill && last.text === text;
      },
      ms,
    );
  const values = (running: RunningFlow) =>
    running.at('out').map(({ entity, payload }) => `${entity}=${payload}`);
  const lamp = {
    name: 'Lamp',
    command_topic: '~/set',
    state_topic: '~',
    payload_on: 'ON',
    payload_off: 'OFF',
  };

  for (const version of [4, 5] as const) {
    it(`a chosen entity, kept and live, with availability, on MQTT ${version}`, async () => {
      await announce('binary_sensor', 'w', {
        name: 'Window',
        device_class: 'window',
        availability_topic: `${prefix}/w/there`,
      });
      await publish(`${prefix}/w/there`, 'online');
      await publish(`${prefix}/w`, 'ON');
      // Without a prefix of its own it takes that of the connection.
      const own = version === 4 ? { prefix: '' } : {};
      const running = await start({ mode: 'entities', entities: ['binary_sensor.w'], ...own }, version);
      await running.until('open', () =>
        running.at('out').some(({ payload, available }) => payload === true && available),
      );
      const { name, topic, area, device: from, known } = running.at('out').at(-1) as Message;
      assert.deepEqual(
        [name, topic, area, from, known],
        ['Room w Window', 'binary_sensor.room_w_window', 'Ground floor', 'Room w', true],
      );
      await shows(running, 'green', 'true');

      await publish(`${prefix}/w`, 'OFF');
      await running.until('closed', () => values(running).at(-1) === 'binary_sensor.w=false');
      await publish(`${prefix}/w`, 'OFF');
      await running.until('again', () => running.at('out').at(-1)?.changed === false);
      await publish(`${prefix}/w/there`, 'offline');
      await running.until('away', () => running.at('out').at(-1)?.available === false);
      await shows(running, 'yellow', 'Room w Window: unavailable');
    });
  }

  it('all of a kind: new ones come, another device class and removed ones go', async () => {
    const battery = { name: 'Battery', device_class: 'battery', unit_of_measurement: '%' };
    await announce('sensor', 'a', battery);
    await announce('sensor', 'x', { ...battery, device_class: 'humidity' });
    await publish(`${prefix}/a`, '80');
    await publish(`${prefix}/x`, '1');
    const running = await start({ mode: 'filter', deviceClass: 'battery', onlyChanges: true });
    await running.until('a', () => values(running).includes('sensor.a=80'));
    await publish(`${prefix}/b`, '9');
    await announce('sensor', 'b', battery);
    await running.until('b', () => values(running).includes('sensor.b=9'));
    await shows(running, 'green', '2 entities');
    await publish(`${prefix}/a`, '80');
    await publish(`${prefix}/sensor/b/config`, '');
    await shows(running, 'green', '80 %');
    await publish(`${prefix}/b`, '7');
    await publish(`${prefix}/a`, '79');
    await running.until('a again', () => values(running).includes('sensor.a=79'));
    assert.deepEqual(values(running), ['sensor.a=80', 'sensor.b=9', 'sensor.a=79']);
  });

  it('a command is sent as the announcement asks, and is done when the server has it', async () => {
    const got: string[] = [];
    await device.subscribeAsync(`${prefix}/l/set`, { qos: 1 });
    device.on('message', (topic, payload) => topic === `${prefix}/l/set` && got.push(String(payload)));
    await announce('switch', 'l', { ...lamp, '~': `${prefix}/l` });
    await publish(`${prefix}/l`, 'OFF');
    const running = await start({ mode: 'entities', entities: ['switch.l'] });
    await running.until('off', () => values(running).includes('switch.l=false'));

    assert.equal((await running.call('entity', { payload: true })).error, undefined);
    assert.equal((await running.call('entity', { payload: 'OFF' })).error, undefined);
    const refused = await running.call('entity', { payload: 'purple' });
    assert.match(String(refused.error), /purple/);
    const other = await running.call('entity', { payload: true, entity: 'switch.other' });
    assert.equal(other.code, 'notHere');
    // Written is not received yet; what is refused would come behind.
    while (got.length < 2) await sleep(20);
    await device.publishAsync(`${prefix}/l/set`, 'end', { qos: 1 });
    while (got.at(-1) !== 'end') await sleep(20);
    assert.deepEqual(got.slice(0, -1), ['ON', 'OFF']);
  });

  it('confirmed: done with the state, an error without one', async () => {
    await announce('switch', 'c', { ...lamp, '~': `${prefix}/c` });
    await publish(`${prefix}/c`, 'OFF');
    await device.subscribeAsync(`${prefix}/c/set`, { qos: 1 });
    let obeys = true;
    device.on('message', (topic, payload) => {
      if (topic === `${prefix}/c/set` && obeys) void publish(`${prefix}/c`, String(payload));
    });
    const running = await start({ mode: 'entities', entities: ['switch.c'], confirm: true, timeout: '1s' });
    await running.until('off', () => values(running).includes('switch.c=false'));
    assert.equal((await running.call('entity', { payload: 'ON' })).error, undefined);
    await running.until('on', () => values(running).at(-1) === 'switch.c=true');
    obeys = false;
    const late = await running.call('entity', { payload: 'OFF' });
    assert.equal(late.code, 'notConfirmed');
  });

  it('what cannot be: no entity named among several, one that nobody announces', async () => {
    await announce('switch', 'p', { ...lamp, '~': `${prefix}/p` });
    const running = await start({
      mode: 'entities',
      entities: ['switch.p', 'switch.gone'],
      timeout: '500ms',
    });
    await running.shows('entity', 'green');
    assert.equal((await running.call('entity', { payload: true })).code, 'which');
    assert.equal(
      (await running.call('entity', { payload: true, entity: 'switch.gone' })).code,
      'notAnnounced',
    );
    assert.equal((await running.call('entity', { payload: true, entity: 'switch.p' })).error, undefined);
    await shows(running, 'yellow', 'not announced: 1', 14_000);
    assert.equal(running.logged.filter(({ text }) => text.startsWith('Not announced')).length, 1);
  });

  it('goes on beside what a stranger announces and sends', async () => {
    const bad = (id: string, config: object) =>
      announce('sensor', id, { name: id, state_topic: `${prefix}/evil`, ...config });
    const raw = (id: string, payload: string) => publish(`${prefix}/sensor/${id}/config`, payload);
    await raw('text', 'no JSON');
    await raw('long', `{"name":"${'x'.repeat(1_048_576)}","state_topic":"${prefix}/evil"}`);
    await raw('deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
    await raw('proto', `{"__proto__":{"polluted":1},"constructor":{},"state_topic":"${prefix}/evil"}`);
    await bad('wild', {
      state_topic: `${prefix}/+`,
      json_attributes_topic: '#',
      availability_topic: '$share/a/#',
    });
    await bad('endless', {
      value_template: '{% for i in range(10**12) %}{% for j in range(10**12) %}{% endfor %}{% endfor %}',
    });
    await bad('regex', { value_template: "{{ value | regex_replace('(a+)+$', 'x') }}" });
    await bad('twin', { unique_id: 'same' });
    await bad('twin2', { unique_id: 'same' });
    await bad('name', { name: '<script>\u202eevil\u0000', unit_of_measurement: '\u2066<b>' });
    await announce('switch', 'sick', {
      command_topic: `${prefix}/sick/set`,
      command_template: '{{ value.nothing.at_all }}',
    });
    await announce('binary_sensor', 'good', { name: 'Good' });
    await publish(`${prefix}/good`, 'ON');
    await publish(`${prefix}/sick`, 'OFF');
    const running = await start({ mode: 'filter', onlyChanges: true });
    await running.until('good', () => values(running).includes('binary_sensor.good=true'));
    await running.until('sick', () => values(running).includes('switch.sick=false'));

    await publish(`${prefix}/evil`, `${'a'.repeat(40)}b`);
    await device.publishAsync(`${prefix}/evil`, Buffer.alloc(10_485_760, 'a'), { qos: 1 });
    const failed = await running.call('entity', { payload: true, entity: 'switch.sick' });
    assert.equal(failed.code, 'template');
    await publish(`${prefix}/good`, 'OFF');
    await running.until('good goes on', () => values(running).at(-1) === 'binary_sensor.good=false', 15_000);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    const told = running
      .at('out')
      .map(({ name, unit }) => `${name} ${unit}`)
      .join('\n');
    assert.doesNotMatch(told, /[\u202a-\u202e\u2066-\u2069\0]/);
    assert.equal(running.at('out').filter(({ entity }) => entity === 'sensor.same').length > 1, false);
    for (const id of ['long', 'deep', 'text', 'proto', 'wild', 'endless', 'regex', 'twin', 'twin2', 'name'])
      await raw(id, '');
  });
});
