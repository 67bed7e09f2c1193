/** The smaller examples, each as it is shipped, seen to do what its notes say. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prosody } from '../../support/servers/index';
import { BEN } from '../chat-out-support';
import { dinoxBroker, PASSWORD, type Partner, TLS, USER } from '../nodes-support';
import {
  debugged,
  deployExample,
  heard,
  onEjabberd,
  onMosquitto,
  phone,
  press,
  type Stage,
  say,
  WAIT_MS,
} from './stage';

const REACTIONS = 'urn:xmpp:reactions:0';

export function examplesSuite(stage: () => Stage, prosody: () => Prosody): void {
  /** A device at the ejabberd, which hears what it subscribes to. */
  const device = async (...filters: string[]): Promise<Partner> => {
    const url = `mqtt://127.0.0.1:${stage().ejabberd.mqttPort}`;
    const partner = await stage().harness.partner(url, {
      ...{ username: `${USER}@localhost`, password: PASSWORD },
    });
    for (const filter of filters) await partner.subscribe(filter, 1);
    return partner;
  };
  const shown = (line: RegExp): Promise<unknown> =>
    stage().nodeRed.until(`${line}`, () => debugged(stage()).some((one) => line.test(one)), WAIT_MS);

  it('first-messages goes to the server and comes back, on ejabberd; prosody-sensors by a wildcard, on Prosody', async () => {
    await deployExample(stage(), 'first-messages', { 'dinox-first-broker': onEjabberd(stage()) });
    await press(stage(), 'dinox-first-inject', /22\.1/);
    await deployExample(stage(), 'prosody-sensors', {
      'dinox-prosody-broker': dinoxBroker({
        ...{ jid: `${USER}@localhost`, xmppService: `xmpp://localhost:${prosody().c2sPort}`, tls: TLS },
        ...{ transport: 'pubsub', nodeAccess: 'whitelist', nodePublish: 'publishers', nodeMaxItems: 1 },
        pubsubPoll: '60s',
      }),
    });
    await press(stage(), 'dinox-prosody-inject', /home\/sensors\/temperature\/living_room.*21\.5/s);
  });

  it('value-to-chat tells a value above its limit with a picture; chat-bot answers who is listed', async () => {
    const ben = await phone(stage());
    await deployExample(stage(), 'value-to-chat', {
      ...{ 'dinox-value-broker': onEjabberd(stage()), 'dinox-value-out': { to: BEN } },
    });
    for (const button of ['dinox-value-cool', 'dinox-value-warm']) await stage().nodeRed.inject(button);
    await heard(ben, /^Living room: 27\.5 °C is too warm$/);
    const response = await fetch(await heard(ben, /^http.*\/thermometer\.png$/));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
    await response.arrayBuffer();
    assert.ok(!ben.bodies.some((body) => /\b24 °C/.test(body)));

    await deployExample(stage(), 'chat-bot', {
      ...{ 'dinox-bot-broker': onEjabberd(stage()), 'dinox-bot-in': { allow: BEN } },
    });
    await say(ben, 'Status');
    await heard(ben, /^✔ I am here\. It is \d\d:\d\d:\d\d UTC\.$/);
    await say(ben, 'echo  Hello there');
    await heard(ben, /^Hello there$/);
    await say(ben, 'what?');
    await heard(ben, /^I know these words:\nstatus/);
  });

  it('freezer-alarm rings, is acknowledged with a thumb, and edits itself; power-peak tells a jump of one room', async () => {
    const ben = await phone(stage());
    const id = (name: string): string => `dinox-freezer-${name}`;
    await deployExample(stage(), 'freezer-alarm', {
      ...{ [id('broker')]: onEjabberd(stage()), [id('out')]: { to: BEN }, [id('in')]: { allow: BEN } },
      [id('alert')]: { holdFor: '', keepFor: '', persist: false },
    });
    await stage().nodeRed.inject(id('warm'));
    await heard(ben, /home\/sensors\/temperature\/freezer: -8 °C is above -15 °C/);
    const rung = String(ben.said[0]?.attrs.id);
    const thumb = ben.xml('reactions', { xmlns: REACTIONS, id: rung }, ben.xml('reaction', {}, '👍'));
    await ben.send(ben.xml('message', { to: `${USER}@localhost`, type: 'chat', id: 'thumb' }, thumb));
    await heard(ben, /✔ acknowledged by ben/);
    await stage().nodeRed.inject(id('cold'));
    await heard(ben, /✔ resolved/);
    const replaced = ben.said.map((one) => one.getChild('replace')?.attrs.id);
    assert.deepEqual(replaced, [undefined, rung, rung], ben.bodies.join('\n'));

    await deployExample(stage(), 'power-peak', {
      ...{
        'dinox-power-broker': onMosquitto(stage()),
        'dinox-power-alert': { persist: false, groupWait: '', rateWindow: '2s' },
      },
    });
    const { host, port } = stage().mosquitto;
    const meter = await stage().harness.partner(`mqtt://${host}:${port}`);
    const says = (value: number) =>
      meter.publish('home/sensors/power/kitchen', JSON.stringify({ value, unit: 'W' }));
    await says(140);
    // The change of less than half its window is none.
    await sleep(1_100);
    await says(9_000);
    await shown(/home\/sensors\/power\/kitchen.*W\/min/);
    await press(stage(), 'dinox-power-status', /open alert: 1/);
    await press(stage(), 'dinox-power-silence', /silent until/);
  });

  it('history-web-page shows what was recorded as a picture, a table and a line', async () => {
    await deployExample(stage(), 'history-web-page', { 'dinox-history-broker': onEjabberd(stage()) });
    await stage().nodeRed.inject('dinox-history-value');
    const { port } = stage().nodeRed;
    const get = async (path: string): Promise<string> => {
      for (const end = Date.now() + WAIT_MS; ; await sleep(200)) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        const text = await response.text();
        if (response.status === 200) return text;
        assert.ok(response.status === 404 && Date.now() < end, `${path}: ${response.status} ${text}`);
      }
    };
    assert.match(await get('/temperature.svg'), /^<svg.*21\.5/s);
    assert.match(await get('/temperature.csv'), /21\.5/);
    await press(stage(), 'dinox-history-ask', /21\.5/);
  });

  it('home-assistant follows every window and switches a lamp; ha-writes-to-chat is an entity that says its text', async () => {
    const house = await device('home/ha/#', 'homeassistant/device/#');
    const announce = (topic: string, config: object) =>
      house.publish(`homeassistant/${topic}/config`, JSON.stringify(config), { retain: true });
    await announce('binary_sensor/kitchen_window', {
      ...{ unique_id: 'w1', name: 'Kitchen window', device_class: 'window', state_topic: 'home/ha/window' },
    });
    await announce('light/lamp', {
      ...{ unique_id: 'l1', name: 'Lamp', state_topic: 'home/ha/lamp', command_topic: 'home/ha/lamp/set' },
    });
    await house.publish('home/ha/lamp', 'OFF', { retain: true });
    await deployExample(stage(), 'home-assistant', {
      'dinox-ha-broker': onEjabberd(stage()),
      'dinox-ha-lamp': { mode: 'entities', entities: ['light.l1'] },
    });
    // Kept, because the node follows it only once it has read the announcement.
    await house.publish('home/ha/window', 'ON', { retain: true });
    await shown(/^true$/);
    await stage().nodeRed.inject('dinox-ha-on');
    const [order] = await house.arrived(1, 'home/ha/lamp/set', WAIT_MS);
    assert.equal(order?.payload, 'ON');
    await house.publish('home/ha/lamp', 'ON', { retain: true });
    for (const topic of ['binary_sensor/kitchen_window', 'light/lamp'])
      await house.publish(`homeassistant/${topic}/config`, '', { retain: true });
    for (const topic of ['home/ha/lamp', 'home/ha/window']) await house.publish(topic, '', { retain: true });

    const ben = await phone(stage());
    await deployExample(stage(), 'ha-writes-to-chat', {
      ...{ 'dinox-ha-chat-broker': onEjabberd(stage()), 'dinox-ha-chat-out': { to: BEN, name: 'Family' } },
      'dinox-ha-chat-in': { allow: BEN },
    });
    type Announced = { components?: Record<string, Record<string, string | undefined>> };
    const notify = await house.until(
      'the entity is announced',
      () => {
        for (const { topic, payload } of house.seen) {
          if (!/^homeassistant\/device\/.*\/config$/.test(topic) || payload === '') continue;
          const text = JSON.parse(payload) as Announced;
          const found = Object.values(text.components ?? {}).find(({ platform }) => platform === 'notify');
          if (found?.command_topic) return found.command_topic.replace('~', found['~'] ?? '');
        }
        return undefined;
      },
      WAIT_MS,
    );
    await house.publish(notify, '*Front door*\nIt has been open for ten minutes.');
    await heard(ben, /^\*Front door\*\nIt has been open for ten minutes\.$/);
    await say(ben, 'thank you');
    await shown(/^thank you$/);
  });
}
