/**
 * A house of 200 devices on a Mosquitto, whose coordinator dies while somebody with a phone looks: the example
 * every-battery, as a person sets it up. One message, which edits itself; it is acknowledged with a word; and then what
 * remains, in one message.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import type { Element } from '@xmpp/client';
import { modules } from '../nodes/alert-support';
import { type Flow, node } from '../support/flows';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Ejabberd, type Prosody, startMosquitto } from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, type Ends, until } from './chat-support';
import { Partner, TLS, tlsConfig } from './nodes-support';

const WAIT = 60_000;
const DEVICES = 200;
const EXAMPLE = JSON.parse(
  readFileSync(join(__dirname, '../../examples/every-battery.json'), 'utf8'),
) as Flow;

/** Notes, what somebody presses, and what is wired anew. */
const LEFT_OUT = ['comment', 'inject', 'dinox-mqtt-out', 'debug', 'xmpp-out'];

function flowFor(server: Ejabberd | Prosody, mosquitto: { host: string; port: number }): Flow {
  const mine = EXAMPLE.filter(({ type }) => !LEFT_OUT.includes(type)).map((one) => {
    if (one.type === 'dinox-broker')
      return { ...one, host: mosquitto.host, port: String(mosquitto.port), usetls: false };
    return one.type === 'dinox-alert' ? { ...one, wires: [['out'], [], ['out']] } : one;
  });
  const z = 'dinox-battery-tab';
  return [
    ...mine,
    tlsConfig(),
    {
      ...{ id: 'chat', type: 'dinox-broker', name: '', jid: 'bot@localhost', tls: TLS, usetls: true },
      xmppService: `xmpp://127.0.0.1:${server.c2sPort}`,
    },
    node('xmpp-out', 'out', { z, broker: 'chat', to: 'anna@localhost', wires: [[], []] }),
    node('xmpp-in', 'in', { z, broker: 'chat', allow: 'anna@localhost', wires: [['dinox-battery-low'], []] }),
  ];
}

const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';
const replaced = (stanza: Element | undefined): string | undefined =>
  stanza?.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs.id as string | undefined;

export async function coordinatorDies(server: Ejabberd | Prosody, ends: Ends): Promise<void> {
  const mosquitto = ends.add(await startMosquitto());
  const home = ends.add(await Partner.connect(`mqtt://${mosquitto.host}:${mosquitto.port}`));
  const say = (topic: string, payload: unknown): Promise<void> =>
    home.publish(`zigbee2mqtt/${topic}`, JSON.stringify(payload), { retain: true });
  const all = (action: (n: number) => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: DEVICES }, (_, n) => action(n)));
  await say('bridge/state', { state: 'online' });
  await home.publish(
    'homeassistant/sensor/0x7/battery/config',
    JSON.stringify({
      ...{ unique_id: '0x7_battery', state_topic: 'zigbee2mqtt/sensor 7', device_class: 'battery' },
      value_template: '{{ value_json.battery }}',
      device: { identifiers: ['zigbee2mqtt_0x7'], name: 'Front door', suggested_area: 'Hall' },
    }),
    { retain: true },
  );
  await all((n) => say(`sensor ${n}/availability`, { state: 'online' }));
  await all((n) => say(`sensor ${n}`, { battery: n === 7 ? 11 : 90, linkquality: 100 }));
  const anna = ends.add(
    new XmppPeer({ port: server.c2sTlsPort, user: ANNA.user, password: ANNA.password, resource: 'devices' }),
  );
  await until('anna is there', () => anna.ready, WAIT);
  const userDir = ownFolder(tmpdir());
  const startFlow = async (): Promise<RunningFlow> =>
    ends.add(
      await RunningFlow.start(
        [nodeRedTls as NodeModule, ...modules()],
        flowFor(server, mosquitto),
        { chat: { password: BOT.password } },
        { userDir },
      ),
    );
  const flow = await startFlow();
  await flow.shows('in', 'green', WAIT);
  const said = (): Element[] => anna.messages.filter((stanza) => bodyOf(stanza) !== '');
  const heard = async (pattern: RegExp): Promise<Element> => {
    const found = (): Element | undefined => said().find((stanza) => pattern.test(bodyOf(stanza)));
    await until(() => `${pattern} in ${said().map(bodyOf).join(' | ')}`, found, WAIT);
    return found() as Element;
  };

  // It was low before Node-RED began, and has its name all the same, whatever the server sends first.
  await heard(/^🟠 #1 Front door \(Hall\): battery at 11 %$/);
  assert.equal(said().length, 1);
  await say('bridge/state', { state: 'offline' });
  await all((n) => say(`sensor ${n}/availability`, { state: 'offline' }));
  const first = await heard(/^🔴 #2 zigbee2mqtt is offline: nothing arrives from the devices behind it/);
  const id = String(first.attrs.id);
  anna.write(
    `<message to='bot@localhost' type='chat' id='word'><body>ack 2 4h plumber comes</body></message>`,
  );
  const acked = await heard(/^🔴 #2 .*✔ acknowledged by anna \d\d:\d\d, until \d\d:\d\d: plumber comes$/s);
  assert.equal(replaced(acked), id, 'the same message');
  const edited = await heard(new RegExp(`and ${DEVICES} more because of it.*plumber comes$`, 's'));
  assert.equal(replaced(edited), id, 'still the same message');

  await say('bridge/state', { state: 'online' });
  await all(async (n) => {
    if (n >= 3) await say(`sensor ${n}/availability`, { state: 'online' });
  });
  const rest = await heard(/^3 alerts:/);
  assert.deepEqual([...bodyOf(rest).matchAll(/sensor \d+ is offline/g)].map(([one]) => one).sort(), [
    'sensor 0 is offline',
    'sensor 1 is offline',
    'sensor 2 is offline',
  ]);
  const over = await heard(/^🔴 #2 .*✔ resolved \d\d:\d\d after/s);
  assert.equal(replaced(over), id);
  const rings = said().filter((stanza) => replaced(stanza) === undefined && !/^✔/.test(bodyOf(stanza)));
  assert.equal(
    rings.length,
    3,
    `the battery, the coordinator, and what remains: ${rings.map(bodyOf).join(' | ')}`,
  );
  assert.deepEqual(flow.complaints(), []);
  await flow.stop();

  // Every battery and every availability is retained: after a restart nothing of it is told again.
  const before = said().length;
  const again = await startFlow();
  await again.shows('in', 'green', WAIT);
  await say('sensor 9', { battery: 5, linkquality: 100 });
  await heard(/sensor 9: battery at 5 %/);
  // Everything retained has arrived before what is said only now.
  await say('sensor 10', { battery: 6, linkquality: 100 });
  await heard(/sensor 10: battery at 6 %/);
  assert.deepEqual(
    said()
      .slice(before)
      .map(bodyOf)
      .filter((body) => !/sensor (9|10): battery at [56] %/.test(body)),
    [],
  );
  await again.stop();
  anna.end();
}
