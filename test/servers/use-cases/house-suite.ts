/** Examples of bots, automations and a bridge, each on the real ejabberd as it is shipped. */
import assert from 'node:assert/strict';
import { ChatPartner } from '../chat-out-support';
import { OTHER, PASSWORD, type Partner, USER } from '../nodes-support';
import { debugged, deployExample, onEjabberd, type Stage, WAIT_MS } from './stage';

const BOT = `${USER}@localhost`;

export function houseSuite(stage: () => Stage): void {
  const phone = async (): Promise<ChatPartner> =>
    stage().harness.keep(await ChatPartner.connect(stage().ejabberd));
  const device = async (...filters: string[]): Promise<Partner> => {
    const url = `mqtt://127.0.0.1:${stage().ejabberd.mqttPort}`;
    const partner = await stage().harness.partner(url, { username: BOT, password: PASSWORD });
    for (const filter of filters) await partner.subscribe(filter, 1);
    return partner;
  };
  const said = (ben: ChatPartner, line: RegExp) =>
    ben.until(`${line}`, () => ben.bodies.find((body) => line.test(body)), WAIT_MS);
  const say = (ben: ChatPartner, room: string, body: string): Promise<void> =>
    ben.send(
      ben.xml('message', { to: room, type: 'groupchat', id: `say-${body}` }, ben.xml('body', {}, body)),
    );

  it('bot-monitor says which bot is offline and which is back; automation-status what became of it', async () => {
    const { nodeRed } = stage();
    const impatient = { holdFor: '1s' };
    await deployExample(stage(), 'bot-monitor', {
      'dinox-monitor-broker': onEjabberd(stage()),
      ...{ 'dinox-monitor-alert': impatient, 'dinox-monitor-available': impatient },
    });
    const bot = await device();
    const told = (line: RegExp) =>
      nodeRed.until(`${line}`, () => debugged(stage()).some((text) => line.test(text)), WAIT_MS);
    const status = (value: string) =>
      bot.publish('dinox/bots/status/pump', JSON.stringify({ id: 'pump', status: value }), { retain: true });
    await status('offline');
    await told(/dinox\/bots\/status\/pump.*offline/);
    await status('online');
    await told(/dinox\/bots\/status\/pump.*(online|resolved|back)/);
    await bot.publish('dinox/bots/status/pump', '', { retain: true });

    await deployExample(stage(), 'automation-status', { 'dinox-auto-broker': onEjabberd(stage()) });
    const valve = await device('nodered/automations/#', 'home/actuators/#');
    await nodeRed.inject('dinox-auto-start');
    await valve.until('three messages', () => valve.seen.length >= 3, WAIT_MS);
    const parts = valve.seen.map(({ topic, payload }) =>
      topic === 'nodered/automations/watering' ? (JSON.parse(payload) as { status: string }).status : payload,
    );
    assert.deepEqual(parts.sort(), ['ON', 'ok', 'running']);
    const late = await device('nodered/automations/#');
    const [kept] = await late.arrived(1, 'nodered/automations/watering', WAIT_MS);
    assert.equal(kept?.retain, true);
    assert.match(kept?.payload ?? '', /"status":"ok"/);
  });

  it('house-bridge brings the sensors into the room, and what is said there to a topic', async () => {
    const room = 'house@conference.localhost';
    const ben = await phone();
    const { xml } = ben;
    await ben.join(room, OTHER);
    const open = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
    await ben.ask('own', 'set', room, xml('query', { xmlns: 'http://jabber.org/protocol/muc#owner' }, open));
    const rule = { to: room, format: 'short', alias: '', rate: '6', kind: 'groupchat' };
    await deployExample(stage(), 'house-bridge', {
      'dinox-bridge-broker': onEjabberd(stage()),
      'dinox-bridge-bridge': {
        rules: [
          { ...rule, direction: 'toChat', filter: 'home/sensors/#', topic: '', allow: '' },
          { ...rule, direction: 'toMqtt', filter: '', topic: 'home/announcements', allow: room },
        ],
      },
    });
    const house = await device('home/announcements', 'dinox/bridge/#');
    await house.publish('home/sensors/door/front', '{"state":"open"}');
    await said(ben, /^\[home\/sensors\/door\/front\] .*open/);
    await say(ben, room, 'dinner is ready');
    const [announced] = await house.arrived(1, 'home/announcements', WAIT_MS);
    assert.equal(announced?.payload, 'dinner is ready');
    const [report] = await house.arrived(1, `dinox/bridge/${room}/in`, WAIT_MS);
    assert.match(report?.payload ?? '', /"body":"dinner is ready"/);
  });
}
