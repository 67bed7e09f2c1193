/** The example relay-mqtt3-mqtt5 between Prosody's bridge, which keeps everything, and MQTT 5. */
import assert from 'node:assert/strict';
import type { Prosody } from '../../support/servers/index';
import { dinoxBroker, OTHER, OTHER_PASSWORD, PASSWORD, type Partner, TLS, USER } from '../nodes-support';
import { XmppPartner } from '../nodes-xmpp';
import { deployExample, onEjabberd, type Stage, WAIT_MS } from './stage';

const ON_BRIDGE = 'pubsub.localhost/utf8/';
const T = 'home/relayed';

/** @param server has {@link OTHER} as an administrator */
export function relayProsodySuite(stage: () => Stage, server: () => Prosody): void {
  let prosody: Prosody;
  let keeps: XmppPartner;

  before(async () => {
    prosody = server();
    keeps = await XmppPartner.connect(prosody.c2sTlsPort, OTHER, OTHER_PASSWORD);
  });
  after(() => keeps?.end());

  it('relay with Prosody’s bridge: each message is once on either side, states are kept, no old command is repeated', async () => {
    const { harness, nodeRed, ejabberd } = stage();
    const device = await harness.partner(`mqtt://127.0.0.1:${prosody.mqttPort}`);
    const home = await harness.partner(`mqtt://127.0.0.1:${ejabberd.mqttPort}`, {
      protocolVersion: 5,
      ...{ username: `${USER}@localhost`, password: PASSWORD },
    });
    await home.subscribe(`${T}/#`, 1);
    for (const topic of ['temperature', 'lamp/set', 'name', 'end'])
      await device.subscribe(`${ON_BRIDGE}${T}/${topic}`, 0);
    const says = (topic: string, payload: string | Buffer) =>
      device.publish(`${ON_BRIDGE}${T}/${topic}`, payload, { qos: 0 });
    // What was said before the relay runs, and its own echo.
    for (const line of ['temperature 21', 'lamp/set ON', 'end 0'] as const) {
      const [topic = '', payload = ''] = line.split(' ');
      await says(topic, payload);
    }
    await device.until('all are there', () => device.seen.length >= 3, WAIT_MS);
    device.seen.length = 0;
    await deployExample(stage(), 'relay-mqtt3-mqtt5', {
      'dinox-relay-old': dinoxBroker({
        ...{ jid: `${USER}@localhost`, xmppService: `xmpp://localhost:${prosody.c2sPort}`, tls: TLS },
        ...{ transport: 'mqtt', port: prosody.mqttTlsPort, protocolVersion: '4', payloadType: 'utf8' },
      }),
      'dinox-relay-new': onEjabberd(stage(), {
        protocolVersion: '5',
        cleansession: false,
        sessionExpiry: 3600,
      }),
    });
    const seen = (partner: Partner): string[] =>
      partner.seen.map(({ topic, payload }) => `${topic.slice(topic.indexOf(T) + T.length + 1)} ${payload}`);
    const passed = (partner: Partner, line: string) =>
      partner.until(line, () => seen(partner).includes(line), WAIT_MS);

    await passed(home, 'temperature 21');
    await says('temperature', '21.5');
    await passed(home, 'temperature 21.5');
    await home.publish(`${T}/lamp/set`, 'OFF');
    await passed(device, 'lamp/set OFF');
    await home.publish(`${T}/name`, 'Kitchen', { retain: true });
    await passed(device, 'name Kitchen');
    await says('lamp/set', 'ON');
    await passed(home, 'lamp/set ON');
    // What the bridge cannot carry is said, and the next message passes.
    await home.publish(`${T}/bytes`, Buffer.from([0, 1, 255]));
    await home.publish(`${T}/end`, '1');
    await passed(device, 'end 1');
    await says('end', '2');
    await passed(home, 'end 2');
    await passed(device, 'end 2');
    const both = ['lamp/set OFF', 'lamp/set ON', 'name Kitchen', 'temperature 21.5', 'end 1', 'end 2'];
    assert.deepEqual(seen(device).sort(), [...both].sort());
    const bytes = `bytes ${Buffer.from([0, 1, 255])}`;
    assert.deepEqual(seen(home).sort(), [...both, 'temperature 21', 'end 0', bytes].sort());
    const errors = nodeRed.logLines('error').map(({ text }) => text);
    assert.match(errors.join('\n'), /UTF-8/);

    const late = await harness.partner(`mqtt://127.0.0.1:${ejabberd.mqttPort}`, {
      ...{ username: `${USER}@localhost`, password: PASSWORD },
    });
    await late.subscribe(`${T}/#`, 1);
    await late.until('states', () => late.seen.length >= 3, WAIT_MS);
    assert.deepEqual(seen(late).sort(), ['end 2', 'name Kitchen', 'temperature 21.5']);
    assert.match(await keeps.lastItem(`${T}/name`), /Kitchen/);
    // What MQTT 5 takes away, the bridge no longer keeps.
    await home.publish(`${T}/name`, '', { retain: true });
    for (let tries = 0; /Kitchen/.test(await keeps.lastItem(`${T}/name`)); tries++) {
      assert.ok(tries < 100, 'Prosody still keeps it');
      await new Promise((done) => setTimeout(done, 100));
    }
  });
}
