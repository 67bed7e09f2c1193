/** The example relay-mqtt3-mqtt5 between a connection with MQTT 3.1.1 and one with MQTT 5. */
import assert from 'node:assert/strict';
import { PASSWORD, type Partner, USER } from '../nodes-support';
import { deployExample, onEjabberd, onMosquitto, type Stage, WAIT_MS } from './stage';

const LOGIN = { username: `${USER}@localhost`, password: PASSWORD };

export function relaySuite(stage: () => Stage): void {
  const device = async (): Promise<Partner> => {
    const partner = await stage().harness.partner(`mqtt://127.0.0.1:${stage().mosquitto.port}`);
    for (const filter of ['home/relay/#', 'home/two/#']) await partner.subscribe(filter, 1);
    return partner;
  };
  const house = async (): Promise<Partner> => {
    const url = `mqtt://127.0.0.1:${stage().ejabberd.mqttPort}`;
    const partner = await stage().harness.partner(url, { protocolVersion: 5, ...LOGIN });
    for (const filter of ['home/relay/#', 'home/two/#']) await partner.subscribe(filter, 1);
    return partner;
  };
  const deploy = (copies = 1) =>
    deployExample(
      stage(),
      'relay-mqtt3-mqtt5',
      {
        'dinox-relay-old': onMosquitto(stage(), { protocolVersion: '4', cleansession: false }),
        'dinox-relay-new': onEjabberd(stage(), {
          protocolVersion: '5',
          cleansession: false,
          sessionExpiry: 3600,
        }),
      },
      { copies },
    );
  const seen = (partner: Partner): string[] =>
    partner.seen.filter(({ retain }) => !retain).map(({ topic, payload }) => `${topic} ${payload}`);
  const kept = (partner: Partner): string[] =>
    partner.seen.filter(({ retain }) => retain).map(({ topic, payload }) => `${topic} ${payload}`);
  const passed = (partner: Partner, line: string) =>
    partner.until(line, () => seen(partner).includes(line), WAIT_MS);

  it('relay: each message is once on either side, what is kept stays kept, and nothing goes round', async () => {
    await deploy();
    const [old, ha] = [await device(), await house()];
    await old.publish('home/relay/temperature', '21.5', { retain: true });
    await passed(ha, 'home/relay/temperature 21.5');
    await old.publish('home/relay/lamp/set', 'ON');
    await passed(ha, 'home/relay/lamp/set ON');
    await ha.publish('home/relay/lamp/set', 'OFF');
    await passed(old, 'home/relay/lamp/set OFF');
    await ha.publish('home/relay/name', 'Kitchen', { retain: true });
    await passed(old, 'home/relay/name Kitchen');
    // The same value from both sides is two messages.
    await ha.publish('home/relay/same', 'x');
    await old.publish('home/relay/same', 'x');
    await old.publish('home/relay/bytes', Buffer.from([0, 1, 2]));
    await passed(ha, 'home/relay/bytes \u0000\u0001\u0002');
    for (const [from, to] of [
      [old, ha],
      [ha, old],
    ] as const) {
      await from.publish('home/relay/end', from === old ? 'old' : 'new');
      await passed(to, `home/relay/end ${from === old ? 'old' : 'new'}`);
    }
    const all = [
      ...['temperature 21.5', 'lamp/set ON', 'lamp/set OFF', 'name Kitchen', 'same x', 'same x'],
      ...['bytes \u0000\u0001\u0002', 'end old', 'end new'],
    ];
    const sorted = all.map((line) => `home/relay/${line}`).sort();
    assert.deepEqual(seen(old).sort(), sorted);
    assert.deepEqual(seen(ha).sort(), sorted);
    // Whoever comes later gets the states, and no command.
    const [late, lateHa] = [await device(), await house()];
    const states = ['home/relay/name Kitchen', 'home/relay/temperature 21.5'];
    await late.until('states', () => kept(late).length >= 2, WAIT_MS);
    await lateHa.until('states', () => states.every((line) => kept(lateHa).includes(line)), WAIT_MS);
    assert.deepEqual(kept(late).sort(), states);
    assert.ok(!kept(lateHa).some((line) => line.includes('/set ')), kept(lateHa).join());
    // What is taken away on one side is taken away on the other.
    await old.publish('home/relay/temperature', '', { retain: true });
    await ha.publish('home/relay/name', '', { retain: true });
    await passed(ha, 'home/relay/temperature ');
    await passed(old, 'home/relay/name ');
    for (const topic of ['same', 'bytes', 'end'])
      await old.publish(`home/relay/${topic}`, '', { retain: true });
    await old.publish('home/relay/over', 'over');
    await passed(ha, 'home/relay/over over');
    const [last, lastHa] = [await device(), await house()];
    await old.publish('home/relay/over', '');
    await passed(lastHa, 'home/relay/over ');
    assert.deepEqual([kept(last), kept(lastHa)], [[], ['home/relay/over over']]);
  });

  it('two relays beside each other say things more than once, and come to an end', async () => {
    await deploy(2);
    const [old, ha] = [await device(), await house()];
    await old.publish('home/two/a', '1');
    await ha.publish('home/two/b/set', '2');
    await passed(ha, 'home/two/a 1');
    await passed(old, 'home/two/b/set 2');
    await ha.until('both are on both sides', () => seen(old).length + seen(ha).length >= 4, WAIT_MS);
    await new Promise((done) => setTimeout(done, 2_000));
    const after = seen(old).length + seen(ha).length;
    await new Promise((done) => setTimeout(done, 1_000));
    assert.equal(seen(old).length + seen(ha).length, after, 'it has come to rest');
    assert.ok(after <= 16, `${after} messages of 2`);
  });
}
