/** `dinox-ha-entity` in a whole Node-RED beside a real Home Assistant, on one broker: names, states, commands, restarts. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Flow, node, tab } from '../support/flows';
import { type HomeAssistant, homeAssistantOf } from '../support/homeassistant/home-assistant';
import type { HassVersion } from '../support/homeassistant/install';
import { type NodeRed, type NodeRedVersion, startNodeRed } from '../support/node-red';
import type { RestartableServer } from '../support/servers';
import { XmppPeer } from '../support/xmpp-peer';
import { haNeighbourSuite } from './ha-neighbour-suite';
import { dinoxBroker, tlsConfig } from './nodes-support';

export type Part = 'broker' | 'hass' | 'nodeRed';

/** A broker that both are at. */
export interface SharedBroker extends RestartableServer {
  readonly port: number;
  /** Undefined: everybody may connect. */
  login(user: 'hass' | 'bot' | 'device' | 'guest'): { username: string; password: string } | undefined;
  /** Properties of the connection node. */
  readonly properties: object;
  /** Where people chat, with TLS; undefined: nowhere. */
  readonly chatPort?: number;
}

export interface HaEntityOptions {
  readonly name: string;
  readonly start: () => Promise<SharedBroker>;
  readonly hass: HassVersion;
  readonly nodeRed: NodeRedVersion;
  /** Orders in which all three are restarted. */
  readonly orders: readonly (readonly Part[])[];
  /** `guest` may neither read nor write announcements. */
  readonly hasGuest: boolean;
  /** People chat there, too. */
  readonly hasChat: boolean;
  /** Another Node-RED is there, too. */
  readonly hasNeighbour: boolean;
}

const INSTALL_MS = 600_000;
const WITHIN_MS = 45_000;
const PASSWORD = 'secret';
const DEVICE = { identifiers: ['0xa1'], name: 'Kitchen' };
/** Lines of its log about a broker that was away, or is restarted while it waits for an answer; they are true. */
const AWAY = new RegExp(
  [
    'Disconnected from MQTT server',
    'Failed to connect to MQTT server',
    'Error returned from MQTT server: The connection was lost',
    'Error talking to MQTT: The client is not currently connected',
    'failed to receive on socket: .*Connection reset by peer',
    'No ACK from MQTT server in 10 seconds',
  ].join('|'),
);

/** Every order of the three. */
export const ORDERS: readonly (readonly Part[])[] = [
  ['broker', 'hass', 'nodeRed'],
  ['broker', 'nodeRed', 'hass'],
  ['hass', 'broker', 'nodeRed'],
  ['hass', 'nodeRed', 'broker'],
  ['nodeRed', 'broker', 'hass'],
  ['nodeRed', 'hass', 'broker'],
];

export function haEntitySuite(options: HaEntityOptions): void {
  const { name, hasGuest } = options;
  describe(`dinox-ha-entity in Node-RED ${options.nodeRed} beside Home Assistant ${options.hass} on ${name}`, function () {
    this.timeout(60_000);
    let server: SharedBroker;
    let hass: HomeAssistant;
    let nodeRed: NodeRed;
    let device: MqttClient;
    const commands: string[] = [];

    const flow = (): Flow => {
      const entity = (id: string, key: string, more: object = {}) =>
        node('dinox-ha-entity', id, { broker: 'broker', entities: [key], wires: [['out']], y: 100, ...more });
      const connection = {
        host: '127.0.0.1',
        port: String(server.port),
        usetls: false,
        ...server.properties,
      };
      const command = (id: string, payload: object) =>
        node('inject', id, {
          ...{ props: [{ p: 'payload' }], payload: JSON.stringify(payload), payloadType: 'json' },
          ...{ repeat: '', once: false, wires: [['lamp']], y: 200 },
        });
      const measured = (id: string, payload: number) =>
        node('inject', id, {
          props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
          ...{ payload: String(payload), payloadType: 'num', topic: 'k/freezer' },
          ...{ repeat: '', once: false, wires: [['alert']], y: 400 },
        });
      const chat = node('xmpp-in', 'chat', {
        ...{ broker: 'broker', allow: 'device@localhost guest@localhost', maxAge: '5m', wires: [[], []] },
        actuators: [
          { name: 'light kitchen', entity: 'light.lamp', allow: 'device@localhost' },
          { name: 'window', entity: 'cover.none', allow: 'device@localhost' },
        ],
      });
      return [
        tab(),
        ...(server.chatPort ? [tlsConfig(), chat] : []),
        dinoxBroker(connection),
        entity('window', 'binary_sensor.win'),
        entity('lamp', 'light.lamp', { confirm: true }),
        command('dim', { state: 'ON', brightness: 120 }),
        command('wrong', { state: 'ON', brightness: 700 }),
        // What we show there ourselves.
        measured('warm', 30),
        measured('cold', 20),
        node('dinox-alert', 'alert', {
          ...{ name: 'Freezer', condition: 'above', limit: '25', unit: '°C', broker: 'broker' },
          ...{ showInHomeAssistant: true, wires: [[], [], []] },
        }),
        node('debug', 'out', debugging),
        node('complete', 'done', { scope: ['lamp'], wires: [['obeyed']] }),
        node('debug', 'obeyed', debugging),
        node('catch', 'failed', { scope: ['lamp'], uncaught: false, wires: [['refused']] }),
        node('debug', 'refused', { ...debugging, complete: 'error.message', targetType: 'msg' }),
        ...(hasGuest
          ? [
              dinoxBroker({ ...connection, ...loginOf('guest') }, 'guest'),
              entity('blind', 'binary_sensor.win', { broker: 'guest', wires: [[]] }),
            ]
          : []),
      ];
    };
    const debugging = { active: true, tosidebar: true, complete: 'true', targetType: 'full', y: 300 };
    const loginOf = (user: 'bot' | 'guest') => {
      const login = server.login(user);
      return login ? { jid: login.username, useXmppCredentials: true } : {};
    };

    before(async function () {
      this.timeout(INSTALL_MS);
      server = await options.start();
      const { username: user, password } = server.login('hass') ?? {};
      hass = await homeAssistantOf(this, 'ha-entity', {
        ...{ brokerPort: server.port, version: options.hass },
        ...(user && password && { user, password }),
      });
      device = await connectAsync(`mqtt://127.0.0.1:${server.port}`, server.login('device') ?? {});
      await announce('binary_sensor', {
        ...{ name: 'Window', unique_id: 'win', device_class: 'window', state_topic: 'k/window' },
      });
      await announce('light', {
        ...{ name: 'Lamp', unique_id: 'lamp', schema: 'json', brightness: true },
        supported_color_modes: ['brightness'],
        ...{ state_topic: 'k/lamp', command_topic: 'k/lamp/set' },
      });
      await keep('k/window', 'OFF');
      await keep('k/lamp', JSON.stringify({ state: 'OFF' }));
      // The lamp does what it is told.
      device.on('message', (_topic, payload) => {
        commands.push(String(payload));
        void keep('k/lamp', String(payload));
      });
      await device.subscribeAsync('k/lamp/set', { qos: 1 });
      const passwordOf = (one: 'bot' | 'guest') => ({ password: server.login(one)?.password ?? '' });
      nodeRed = await startNodeRed({
        ...{ version: options.nodeRed, linkPackage: true, flows: flow() },
        credentials: { broker: passwordOf('bot'), guest: passwordOf('guest') },
      });
    });

    after(async () => {
      await nodeRed?.stop();
      await device?.endAsync(true);
      await hass?.stop();
      await server?.stop();
    });

    const keep = (topic: string, payload: string) =>
      device.publishAsync(topic, payload, { qos: 1, retain: true });
    const announce = (component: string, config: object) =>
      keep(`homeassistant/${component}/k/${component}/config`, JSON.stringify({ ...config, device: DEVICE }));
    /** Until Home Assistant says so of an entity. */
    const there = async (entityId: string, state: string): Promise<Readonly<Record<string, unknown>>> => {
      const deadline = Date.now() + WITHIN_MS;
      let last: unknown;
      while (Date.now() < deadline) {
        const found = (await hass.states()).find(({ entity_id }) => entity_id === entityId);
        last = found?.state;
        if (found?.state === state) return found.attributes;
        await sleep(200);
      }
      throw new Error(`${entityId} is ${String(last)} and not ${state} in Home Assistant`);
    };
    const debugged = (id: string) =>
      nodeRed.comms
        .debugMessages()
        .filter((one) => one.id === id)
        .map(({ msg }) => String(msg));
    const seen = () => debugged('out').map((text) => JSON.parse(text) as Record<string, unknown>);
    const here = (entityId: string, payload: unknown) =>
      nodeRed.until(
        `${entityId} is ${String(payload)}`,
        () => seen().findLast(({ topic }) => topic === entityId)?.payload === payload,
        WITHIN_MS,
      );
    /** Waits for the node to have its entity, dims the lamp, and switches it off there. */
    const obeys = async (): Promise<void> => {
      const before = debugged('obeyed').length;
      await here('light.kitchen_lamp', false);
      await nodeRed.inject('dim');
      assert.equal((await there('light.kitchen_lamp', 'on')).brightness, 120);
      await nodeRed.until('done', () => debugged('obeyed').length > before, WITHIN_MS);
      await hass.call('light.turn_off', { entity_id: 'light.kitchen_lamp' });
      await here('light.kitchen_lamp', false);
    };
    const follows = async (): Promise<void> => {
      for (const [payload, state, value] of [
        ['ON', 'on', true],
        ['OFF', 'off', false],
      ] as const) {
        await keep('k/window', payload);
        await Promise.all([
          there('binary_sensor.kitchen_window', state),
          here('binary_sensor.kitchen_window', value),
        ]);
      }
    };
    /** What Home Assistant has in its registries, so that nothing doubled and nothing left behind goes unseen. */
    const registered = async (): Promise<unknown> => {
      const entities = await hass.ask<{ platform: string; entity_id: string; unique_id: string }[]>(
        'config/entity_registry/list',
      );
      const devices = await hass.ask<{ name: string; identifiers: unknown }[]>('config/device_registry/list');
      return {
        entities: entities
          .filter(({ platform }) => platform === 'mqtt')
          .map(({ entity_id, unique_id }) => `${entity_id} ${unique_id}`)
          .sort(),
        devices: devices.map((one) => `${one.name} ${JSON.stringify(one.identifiers)}`).sort(),
      };
    };

    /** The alarm of our own alert, there. */
    const alarms = async (): Promise<void> => {
      for (const [id, state] of [
        ['warm', 'on'],
        ['cold', 'off'],
      ] as const) {
        await nodeRed.inject(id);
        await there('binary_sensor.freezer_k_freezer_alarm', state);
      }
      await there('number.freezer_limit', '25');
    };

    it('both call it by the same name, and it follows in both', async () => {
      const { friendly_name: called } = await there('binary_sensor.kitchen_window', 'off');
      await here('binary_sensor.kitchen_window', false);
      assert.equal(seen().find(({ topic }) => topic === 'binary_sensor.kitchen_window')?.name, called);
      await follows();
    });

    it('a light commanded here changes there, and one commanded there changes here', async () => {
      await there('light.kitchen_lamp', 'off');
      await obeys();
    });

    it('a command out of range is a clear error, and nothing is sent', async () => {
      commands.length = 0;
      await nodeRed.inject('wrong');
      const said = await nodeRed.until('refused', () => debugged('refused').at(-1));
      assert.match(said, /brightness/);
      await obeys();
      assert.deepEqual(
        commands.map((one) => JSON.parse(one).state),
        ['ON', 'OFF'],
      );
    });

    if (options.hasChat)
      it('a phone tells an entity of the table something by its name, and takes it back', async () => {
        const { chatPort: port = 0 } = server;
        const phones = ['device', 'guest'].map((user) => new XmppPeer({ port, user, password: PASSWORD }));
        const [owner, guest] = phones as [XmppPeer, XmppPeer];
        const bodies = ({ messages }: XmppPeer): string[] =>
          messages.map((one) => one.getChildText('body') ?? '').filter(Boolean);
        const say = async (who: XmppPeer, text: string, answer: RegExp): Promise<void> => {
          const count = bodies(who).length;
          who.write(
            `<message to='bot@localhost' type='chat' id='${crypto.randomUUID()}'><body>${text}</body></message>`,
          );
          const found = () =>
            bodies(who)
              .slice(count)
              .some((body) => answer.test(body));
          await nodeRed.until(`${answer} to “${text}”`, found, WITHIN_MS);
        };
        try {
          await nodeRed.until('the phones', () => phones.every(({ ready }) => ready), WITHIN_MS);
          commands.length = 0;
          await say(owner, 'kitchen light on', /^✔ light kitchen ON$/);
          await there('light.kitchen_lamp', 'on');
          await here('light.kitchen_lamp', true);
          await say(guest, 'light kitchen off', /You may not control “light kitchen”/);
          await say(owner, 'undo', /^↩ light kitchen set back: OFF$/);
          await there('light.kitchen_lamp', 'off');
          await say(owner, 'light kitchen 60 %', /^✔ light kitchen 60$/);
          assert.equal((await there('light.kitchen_lamp', 'on')).brightness, 153);
          // Somebody else comes between.
          await hass.call('light.turn_on', { entity_id: 'light.kitchen_lamp', brightness: 30 });
          await nodeRed.until('dimmed there', () => commands.length === 4, WITHIN_MS);
          await say(owner, 'undo', /something else has been sent/i);
          await say(owner, 'window open', /no device announces it/);
          await say(owner, 'light kitchen off', /^✔/);
          await there('light.kitchen_lamp', 'off');
          assert.deepEqual(
            commands.map((one) => JSON.parse(one)),
            [
              { state: 'ON' },
              { state: 'OFF' },
              { state: 'ON', brightness: 153 },
              { state: 'ON', brightness: 30 },
              { state: 'OFF' },
            ],
          );
        } finally {
          for (const one of phones) await one.end();
        }
      });

    it('an alert shows itself there', alarms);

    if (hasGuest)
      it('an account that may not read announcements learns so, and what it announces reaches nobody', async () => {
        await nodeRed.until('refused', () => nodeRed.statusesOf('blind').at(-1)?.fill === 'red');
        const guest = await connectAsync(`mqtt://127.0.0.1:${server.port}`, {
          ...server.login('guest'),
          ...{ protocolVersion: 5, reconnectPeriod: 0 },
        });
        const config = { name: 'Evil', unique_id: 'evil', state_topic: 'k/evil' };
        await assert.rejects(
          guest.publishAsync('homeassistant/sensor/evil/config', JSON.stringify(config), {
            qos: 1,
            retain: true,
          }),
        );
        await guest.endAsync(true);
        await follows();
        assert.deepEqual(
          (await hass.states()).filter(({ entity_id }) => entity_id.includes('evil')),
          [],
        );
      });

    for (const order of options.orders)
      it(`after a restart of ${order.join(', ')} everything is back, once`, async function () {
        this.timeout(180_000);
        const before = await registered();
        const mark = hass.logs().length;
        for (const part of order) await { broker: server, hass, nodeRed }[part].restart();
        await there('binary_sensor.kitchen_window', 'off');
        await follows();
        await obeys();
        await alarms();
        assert.deepEqual(await registered(), before);
        const complaints = hass
          .logs()
          .slice(mark)
          .split('\n')
          .filter((line) => / (?:WARNING|ERROR) .*mqtt/i.test(line) && !AWAY.test(line));
        assert.deepEqual(complaints, []);
        const errors = nodeRed.logLines('error', 'fatal').map(({ text }) => text);
        assert.deepEqual(
          errors.filter((text) => !text.startsWith('[dinox-ha-entity:blind]')),
          [],
        );
      });

    if (options.hasNeighbour) haNeighbourSuite(() => ({ hass, nodeRed, port: server.port }), alarms);
  });
}
