/**
 * What our nodes show in a real Home Assistant: it lists the entities without a warning, and what is done there is done
 * here. One Home Assistant for all; what a test makes, it removes. The long form asks its oldest and its newest version, too.
 */
import assert from 'node:assert/strict';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import { connectAsync, type MqttClient } from 'mqtt';
import { OURS } from '../conformance/context';
import { modules } from '../nodes/alert-support';
import { broker, type Flow, node, sink, tab, withTypes } from '../support/flows';
import { type HassState, type HomeAssistant, homeAssistantOf } from '../support/homeassistant/home-assistant';
import { HASS_VERSIONS, REQUIRED } from '../support/homeassistant/install';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Mosquitto, startEjabberd, startMosquitto, startProsody } from '../support/servers';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, chatUsers, until } from './chat-support';
import { dinoxBroker, TLS, tlsConfig } from './nodes-support';

const INSTALL_MS = 600_000;
const WITHIN_MS = 20_000;

interface Registered {
  entity_id: string;
  unique_id: string;
  device_id: string;
}

for (const version of process.env.DINOX_LONG ? HASS_VERSIONS : [REQUIRED])
  describe(`shown in a real Home Assistant ${version}`, function () {
    this.timeout(60_000);
    let mosquitto: Mosquitto;
    let hass: HomeAssistant;
    let observer: MqttClient;
    let flow: RunningFlow;
    /** Where the log begins that is judged. */
    let mark = 0;
    /** Announcements, as they came. */
    const configs: string[] = [];
    /** Our topics with a state that the server keeps. */
    const kept = new Set<string>();

    const alert = (properties: object = {}) =>
      node('dinox-alert', 'alert', {
        name: 'Freezer',
        condition: 'above',
        limit: '25',
        unit: '°C',
        broker: 'broker',
        showInHomeAssistant: true,
        wires: [['told'], [], ['answers']],
        ...properties,
      });
    const flowOf = (...nodes: Flow): Flow =>
      withTypes(
        [tab(), broker(mosquitto.port, 5, { name: 'House' }), ...nodes, sink('told'), sink('answers')],
        OURS.types,
      );

    before(async function () {
      this.timeout(INSTALL_MS);
      mosquitto = await startMosquitto();
      hass = await homeAssistantOf(this, 'ha-shown', { brokerPort: mosquitto.port, version });
      mark = hass.logs().length;
      observer = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
      observer.on('message', (topic, payload) => {
        if (topic.startsWith('homeassistant/device/')) configs.push(payload.toString());
        else if (payload.length === 0) kept.delete(topic);
        else if (!topic.endsWith('/set')) kept.add(topic);
      });
      await observer.subscribeAsync(['homeassistant/device/#', 'dinox-nr/#'], { qos: 1 });
      flow = await RunningFlow.start([nodeRedTls as NodeModule, ...modules()], flowOf(alert()));
    });

    after(async () => {
      await flow?.stop();
      await observer?.endAsync();
      await hass?.stop();
      await mosquitto?.stop();
    });

    /** Entities of ours, by the last part of their unique_id. */
    const registered = async (): Promise<Map<string, string>> => {
      const all = await hass.ask<Registered[]>('config/entity_registry/list');
      return new Map(
        all
          .filter(({ unique_id }) => /^[0-9a-f]{32}_/.test(unique_id))
          .map(({ entity_id, unique_id }) => [entity_id, unique_id]),
      );
    };
    const eventually = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
      const end = Date.now() + WITHIN_MS;
      for (;;) {
        const found = await look();
        if (found !== undefined && found !== false) return found;
        if (Date.now() > end) {
          const states = (await hass.states()).filter(({ entity_id }) =>
            /freezer|guard|dinox/.test(entity_id),
          );
          throw new Error(
            `not in Home Assistant: ${what}\n${JSON.stringify(states, undefined, 1)}\n${complaints().join('\n')}`,
          );
        }
        await new Promise((done) => setTimeout(done, 200));
      }
    };
    const there = (entityId: string, isMeant: (state: HassState) => boolean): Promise<HassState> =>
      eventually(entityId, async () =>
        (await hass.states()).find((one) => one.entity_id === entityId && isMeant(one)),
      );
    const complaints = (): string[] =>
      hass
        .logs()
        .slice(mark)
        .split('\n')
        .filter((line) => /\b(WARNING|ERROR|CRITICAL)\b/.test(line));

    /** Without those about its own deletion of a device: it finds that again, once for each entity. */
    const fresh = (): string[] =>
      complaints().filter((line) => !/No device components to cleanup/.test(line));

    it('lists the entities of each key, with what they are worth', async () => {
      await flow.call('alert', { topic: 'home/freezer', payload: 20 });
      await there('binary_sensor.freezer_home_freezer_alarm', ({ state }) => state === 'off');
      const value = await there('sensor.freezer_home_freezer_value', ({ state }) => state === '20');
      assert.equal(value.attributes.unit_of_measurement, '°C');
      assert.equal(value.attributes.device_class, 'temperature');
      assert.match(String(value.attributes.friendly_name), /^DinoX House Freezer home\/freezer value$/);
      const limit = await there('number.freezer_limit', ({ state }) => Number(state) === 25);
      assert.deepEqual([limit.attributes.min, limit.attributes.max], [-100, 100]);
      await there('switch.freezer_home_freezer_silence', ({ state }) => state === 'off');
      const changed = await there('sensor.freezer_home_freezer_changed', ({ state }) => state !== 'unknown');
      assert.equal(changed.attributes.device_class, 'timestamp');
      await there('button.freezer_home_freezer_ack', () => true);
      assert.deepEqual(complaints(), []);
    });

    it('acknowledge pressed there acknowledges here', async () => {
      await flow.call('alert', { topic: 'home/freezer', payload: 30 });
      await there('binary_sensor.freezer_home_freezer_alarm', ({ state }) => state === 'on');
      await hass.call('button.press', { entity_id: 'button.freezer_home_freezer_ack' });
      const { attributes } = await there(
        'binary_sensor.freezer_home_freezer_alarm',
        (one) => one.attributes.acknowledged_by === 'Home Assistant',
      );
      assert.match(String(attributes.text), /home\/freezer/);
    });

    it('a silence begins and ends there', async () => {
      const entity_id = 'switch.freezer_home_freezer_silence';
      await hass.call('switch.turn_on', { entity_id });
      const { attributes } = await there(entity_id, ({ state }) => state === 'on');
      assert.match(String(attributes.until), /^\d{4}-/);
      await hass.call('switch.turn_off', { entity_id });
      await there(entity_id, ({ state }) => state === 'off');
    });

    it('a limit changes there and here, and back', async () => {
      const entity_id = 'number.freezer_limit';
      await hass.call('number.set_value', { entity_id, value: 40 });
      await there(entity_id, ({ state }) => Number(state) === 40);
      await there('binary_sensor.freezer_home_freezer_alarm', ({ state }) => state === 'on');
      await flow.call('alert', { topic: 'home/freezer', payload: 30 });
      await there('binary_sensor.freezer_home_freezer_alarm', ({ state }) => state === 'off');
      const [limits = ''] = [...kept].filter((topic) => topic.endsWith('/limits'));
      for (const said of ['NaN', '1e999', '-1000', '', '[]', 'x'.repeat(100_000)])
        await observer.publishAsync(limits.replace(/limits$/, 'limit/set'), said, { qos: 1 });
      await observer.publishAsync(limits.replace(/limits$/, 'limit/set'), '41', { qos: 1 });
      await there(entity_id, ({ state }) => Number(state) === 41);
      const refused = flow.complaints().filter(({ text }) => text.includes('Freezer limit'));
      assert.equal(refused.length, 5);
      await flow.call('alert', { alert: { cmd: 'set', limit: 500 } });
      const { attributes } = await there(entity_id, ({ state }) => Number(state) === 500);
      assert.equal(attributes.max, 500);
      await flow.call('alert', { alert: { cmd: 'set', limit: 25 } });
      await there(entity_id, ({ state }) => Number(state) === 25);
    });

    it('what leaves here leaves there, once', async () => {
      const before = configs.length;
      await flow.deploy(flowOf(alert({ keyBy: 'none' })));
      await flow.call('alert', { payload: 21 });
      await there('sensor.freezer_value', ({ state }) => state === '21');
      await eventually('only the new ones', async () =>
        [...(await registered()).keys()].every((id) => !id.includes('home_freezer')),
      );
      const [first = ''] = configs.slice(before);
      const { components } = JSON.parse(first) as { components: Record<string, object> };
      const taken = Object.values(components).filter((one) => !('unique_id' in one));
      assert.equal(taken.length, 5);
      assert.deepEqual(complaints(), []);
    });

    it('deleted there, it stays away', async () => {
      await hass.deleteDevice('DinoX');
      await flow.until('told', () => flow.complaints().some(({ text }) => text.includes('deleted')));
      await eventually('nothing', async () => (await registered()).size === 0 && kept.size === 0);
      const said = configs.length;
      await flow.call('alert', { payload: 22 });
      // As at a start of Home Assistant: what answers it, answers within five seconds.
      await observer.publishAsync('homeassistant/status', 'online', { qos: 1 });
      await new Promise((done) => setTimeout(done, 6_000));
      assert.deepEqual([configs.slice(said).filter(Boolean), kept.size], [[], 0]);
      assert.deepEqual(fresh(), []);
    });

    for (const [name, start] of [
      ['ejabberd', () => startEjabberd({ generation: 'debian13', users: chatUsers, modMqtt: false })],
      ['Prosody', () => startProsody({ generation: 'debian13', users: chatUsers, bridge: 'none' })],
    ] as const) {
      it(`what is written there arrives at a person on ${name}, and what she says is an event there`, async () => {
        const server = await start();
        const anna = new XmppPeer({ port: server.c2sTlsPort, user: ANNA.user, password: ANNA.password });
        try {
          await until('anna is there', () => anna.ready);
          const id = `chat-${name.toLowerCase()}`;
          // No other property may have the id of a config node as its value: Node-RED takes that for a reference.
          const bot = `${id}-bot`;
          const account = dinoxBroker(
            {
              ...{ name, jid: `${BOT.user}@localhost`, xmppService: `xmpp://127.0.0.1:${server.c2sPort}` },
              ...{ host: '127.0.0.1', port: String(mosquitto.port), usetls: false, tls: TLS },
              ...{ showInHomeAssistant: true, botId: bot },
            },
            id,
          );
          const people = { broker: id, showInHomeAssistant: true };
          await flow.deploy(
            [
              ...[tab(), tlsConfig(), account],
              node('xmpp-out', `${id}-out`, {
                ...people,
                name: `Anna ${name}`,
                to: 'anna@localhost',
                rate: 20,
              }),
              node('xmpp-in', `${id}-in`, {
                ...people,
                name: `Ears ${name}`,
                allow: 'anna@localhost',
                showText: true,
              }),
            ],
            'full',
            { [id]: { password: BOT.password } },
          );
          // A command to what is unavailable is dropped there.
          await there(`notify.anna_${name.toLowerCase()}`, ({ state }) => state !== 'unavailable');
          await hass.call('notify.send_message', {
            entity_id: `notify.anna_${name.toLowerCase()}`,
            title: 'lost',
            message: 'The washing machine is done.\nReally.',
          });
          await until('the message', () => anna.messages.some((one) => one.getChildText('body')));
          assert.deepEqual(anna.messages.map((one) => one.getChildText('body')).filter(Boolean), [
            'The washing machine is done.\nReally.',
          ]);
          await there(`event.ears_${name.toLowerCase()}_heard`, () => true);
          anna.message('m1', 'bot@localhost', 'thanks');
          const { attributes } = await there(
            `event.ears_${name.toLowerCase()}_heard`,
            ({ state }) => state !== 'unknown',
          );
          const { event_type, from, text } = attributes;
          assert.deepEqual([event_type, from, text], ['message', 'anna@localhost', 'thanks']);
          await there('binary_sensor.dinox_connected', ({ state }) => state === 'on');
          await there('sensor.dinox_queue', ({ state }) => state === '0');
          assert.deepEqual(fresh(), []);
        } finally {
          await flow.deploy([tab()], 'full');
          anna.end();
          await server.stop();
        }
        await eventually('nothing', async () => (await registered()).size === 0 && kept.size === 0);
      });
    }
  });
