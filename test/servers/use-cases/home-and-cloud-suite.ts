/**
 * The network scenario B: a Mosquitto at home, with the bridge of *Copy server configuration* to the ejabberd, over TLS, on
 * a line that is cut.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inEnglish } from '../../../src/base/english';
import { serverConfiguration } from '../../../src/servers/configuration/configuration';
import {
  certificates,
  type Mosquitto,
  type Proxy as ProxyLine,
  startMosquitto,
  startProxy,
} from '../../support/servers/index';
import { PASSWORD, type Partner, USER } from '../nodes-support';
import { complaints, deployExample, onEjabberd, onMosquitto, press, type Stage, WAIT_MS } from './stage';

const JID = `${USER}@localhost`;
const LONG = process.env.DINOX_LONG === '1';
/** The time for which the line is cut. */
const CUT_MS = LONG ? 5 * 60_000 : 30_000;

/**
 * @param meanwhile the tests that run while the line is cut
 */
export function homeAndCloudSuite(stage: () => Stage, meanwhile: () => void): void {
  let house: Mosquitto;
  let line: ProxyLine;

  before(async () => {
    const { ejabberd, mosquitto } = stage();
    line = await startProxy({ target: { port: ejabberd.mqttTlsPort ?? 0 } });
    const [bridge] = serverConfiguration('mosquitto', {
      ...{ jid: JID, domain: 'localhost', pubsub: '', transport: 'mqtt' },
      mqtt: { host: '127.0.0.1', port: line.port },
    });
    const extraConfig = inEnglish((bridge as NonNullable<typeof bridge>).text)
      .replace('remote_password PASSWORD', `remote_password ${PASSWORD}`)
      // The authority of these tests is no public one.
      .replace('bridge_capath /etc/ssl/certs', 'bridge_cafile CA')
      // A line that is back is tried again within seconds, and not within half a minute.
      .concat('restart_timeout 1\n');
    house = await startMosquitto({
      generation: mosquitto.generation,
      extraConfig,
      files: { CA: certificates().ca },
    });
  });
  after(async () => {
    await house?.stop();
    await line?.stop();
  });

  const at = async (place: 'house' | 'cloud'): Promise<Partner> => {
    const { harness, ejabberd } = stage();
    const url = `mqtt://127.0.0.1:${place === 'house' ? house.port : ejabberd.mqttPort}`;
    const login = place === 'cloud' ? { username: JID, password: PASSWORD, protocolVersion: 5 as const } : {};
    const partner = await harness.partner(url, login);
    await partner.subscribe('home/#', 1);
    return partner;
  };
  const onTopic = (partner: Partner, beginning: string): string[] =>
    partner.seen
      .filter(({ topic, retain }) => !retain && topic.startsWith(beginning))
      .map(({ payload }) => payload);
  const until = (partner: Partner, topic: string, payload: string, ms = WAIT_MS) =>
    partner.until(`${payload} on ${topic}`, () => onTopic(partner, topic).includes(payload), ms);
  /** Publishes until the bridge carries it: it needs a moment to come up. */
  const carries = async (from: Partner, to: Partner, topic: string): Promise<void> => {
    for (let n = 0; n < 100 && onTopic(to, topic).length === 0; n++) {
      await from.publish(topic, 'up?');
      await sleep(200);
    }
    assert.ok(onTopic(to, topic).length > 0, `${topic} is carried`);
  };

  it('B, home and cloud: the bridge of "Copy server configuration" carries the example both ways, each message once, without a warning', async () => {
    const [home, cloud] = [await at('house'), await at('cloud')];
    await carries(home, cloud, 'home/sensors/up');
    await carries(cloud, home, 'home/actuators/up');
    const said = await complaints(stage(), async () => {
      await deployExample(stage(), 'home-and-cloud', {
        'dinox-both-house': onMosquitto(stage(), { port: house.port }),
        'dinox-both-cloud': onEjabberd(stage(), { cleansession: false, sessionExpiry: 3600 }),
      });
      await press(stage(), 'dinox-both-warm', /21\.5/);
      await press(stage(), 'dinox-both-on', /^ON$/);
    });
    assert.deepEqual(said, []);
    for (const partner of [home, cloud]) {
      await partner.publish('home/end', 'end');
      await until(partner, 'home/end', 'end');
    }
    await sleep(1_000);
    const counts = [home, cloud].map((one) => [
      onTopic(one, 'home/sensors/temperature/living_room').length,
      onTopic(one, 'home/actuators/light/living_room/set').length,
    ]);
    assert.deepEqual(counts, [
      [1, 1],
      [1, 1],
    ]);
  });

  let cutAt = 0;
  const all = Array.from({ length: 40 }, (_, n) => `${n}`);
  /** Says some of them on both sides of the line that is cut. */
  const say = async (home: Partner, cloud: Partner, some: readonly string[]): Promise<void> => {
    for (const n of some) {
      await home.publish('home/sensors/cut', n);
      await cloud.publish('home/actuators/cut', n);
    }
  };

  it('B: the line is cut', async () => {
    const [home, cloud] = [await at('house'), await at('cloud')];
    await carries(home, cloud, 'home/sensors/up2');
    await carries(cloud, home, 'home/actuators/up2');
    await line.refuse(true);
    line.cut();
    cutAt = Date.now();
    await say(home, cloud, all.slice(0, 20));
  });

  meanwhile();

  it(`B: a line that was cut for ${CUT_MS / 1_000} s has lost nothing at QoS 1, either way`, async function () {
    this.timeout(CUT_MS + 150_000);
    assert.notEqual(cutAt, 0);
    const [home, cloud] = [await at('house'), await at('cloud')];
    await sleep(Math.max(0, cutAt + CUT_MS - Date.now()));
    await say(home, cloud, all.slice(20));
    assert.deepEqual(
      [onTopic(cloud, 'home/sensors/cut'), onTopic(home, 'home/actuators/cut')],
      [[], []],
      'it is cut',
    );
    await line.refuse(false);
    const came = (partner: Partner, topic: string) =>
      partner.until(`all of ${topic}`, () => new Set(onTopic(partner, topic)).size === all.length, 90_000);
    await Promise.all([came(cloud, 'home/sensors/cut'), came(home, 'home/actuators/cut')]);
    assert.deepEqual([...new Set(onTopic(cloud, 'home/sensors/cut'))], all);
    assert.deepEqual([...new Set(onTopic(home, 'home/actuators/cut'))], all);
  });
}
