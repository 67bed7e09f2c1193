/** The network scenarios A, B and C: their examples, with the warnings that each should and should not show. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inEnglish } from '../../../src/base/english';
import { serverConfiguration } from '../../../src/servers/configuration/configuration';
import {
  certificates,
  type Mosquitto,
  type Proxy as ProxyLine,
  startMosquitto,
  startNonLocalHost,
  startProxy,
} from '../../support/servers/index';
import { PASSWORD, type Partner, USER } from '../nodes-support';
import { debugged, deployExample, onEjabberd, onMosquitto, type Stage, WAIT_MS } from './stage';

const JID = `${USER}@localhost`;
const LONG = process.env.DINOX_LONG === '1';
/** The time for which the line of scenario B is cut. */
const CUT_MS = LONG ? 5 * 60_000 : 8_000;

export function scenariosSuite(stage: () => Stage): void {
  /** What was logged in warning or worse by what runs in `work`. */
  const complaints = async (work: () => Promise<void>): Promise<string[]> => {
    const { nodeRed } = stage();
    const from = nodeRed.logLines('fatal', 'error', 'warn').length;
    await work();
    return nodeRed
      .logLines('fatal', 'error', 'warn')
      .slice(from)
      .map(({ text }) => text);
  };
  const press = async (button: string, says: RegExp): Promise<void> => {
    const from = debugged(stage()).length;
    await stage().nodeRed.inject(button);
    await stage().nodeRed.until(
      `${says}`,
      () =>
        debugged(stage())
          .slice(from)
          .some((line) => says.test(line)),
      WAIT_MS,
    );
  };

  it('A, all at home: no warning without TLS, only a notice', async () => {
    const { nodeRed, mosquitto } = stage();
    const before = nodeRed.logLines('info').length;
    const said = await complaints(async () => {
      await deployExample(stage(), 'scenario-lan', { 'dinox-lan-broker': onMosquitto(stage()) });
      await press('dinox-lan-warm', /21\.5/);
      await press('dinox-lan-on', /^ON$/);
    });
    assert.deepEqual(said, []);
    const notices = nodeRed
      .logLines('info')
      .slice(before)
      .map(({ text }) => text);
    assert.ok(
      notices.some((text) => text.includes(`MQTT runs unencrypted to the local address ${mosquitto.host}`)),
      notices.join('\n'),
    );
  });

  it('A, to an address that is not local: warned of', async function () {
    const { nodeRed, mosquitto, harness } = stage();
    const host = await startNonLocalHost();
    if ('unavailable' in host) return this.skip();
    harness.keep(host);
    await host.relay(1883, { port: mosquitto.port });
    const from = nodeRed.logLines('error', 'warn').length;
    const typed = { host: host.address, port: '1883', usetls: false };
    const said = await complaints(async () => {
      await deployExample(stage(), 'scenario-lan', { 'dinox-lan-broker': typed }, { waits: false });
      await nodeRed.until(
        'a warning',
        () =>
          nodeRed
            .logLines('error', 'warn')
            .slice(from)
            .some(({ text }) => /local address/.test(text)),
        WAIT_MS,
      );
    });
    assert.match(
      said.join('\n').trim(),
      /^\[dinox-broker:dinox-lan-broker\] All messages go unencrypted to .* is not a local address\. Enable TLS\.$/,
    );
    await nodeRed.deploy([]);
  });

  it('C, all on the internet: no warning with TLS', async () => {
    const said = await complaints(async () => {
      await deployExample(stage(), 'scenario-cloud', { 'dinox-cloud-broker': onEjabberd(stage()) });
      await press('dinox-cloud-warm', /21\.5/);
      await press('dinox-cloud-on', /^ON$/);
    });
    assert.deepEqual(said, []);
  });

  describe('B, home and cloud', () => {
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
      const login =
        place === 'cloud' ? { username: JID, password: PASSWORD, protocolVersion: 5 as const } : {};
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

    it('the bridge of "Copy server configuration" carries the example both ways, each message once, without a warning', async () => {
      const [home, cloud] = [await at('house'), await at('cloud')];
      await carries(home, cloud, 'home/sensors/up');
      await carries(cloud, home, 'home/actuators/up');
      const said = await complaints(async () => {
        await deployExample(stage(), 'home-and-cloud', {
          'dinox-both-house': onMosquitto(stage(), { port: house.port }),
          'dinox-both-cloud': onEjabberd(stage(), { cleansession: false, sessionExpiry: 3600 }),
        });
        await press('dinox-both-warm', /21\.5/);
        await press('dinox-both-on', /^ON$/);
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

    it(`a line that is cut for ${CUT_MS / 1_000} s loses nothing at QoS 1, either way`, async function () {
      this.timeout(CUT_MS + 150_000);
      const [home, cloud] = [await at('house'), await at('cloud')];
      await carries(home, cloud, 'home/sensors/up2');
      await carries(cloud, home, 'home/actuators/up2');
      await line.refuse(true);
      line.cut();
      const all = Array.from({ length: 40 }, (_, n) => `${n}`);
      const began = Date.now();
      for (const n of all) {
        await home.publish('home/sensors/cut', n);
        await cloud.publish('home/actuators/cut', n);
        await sleep(Math.min(200, CUT_MS / 80));
      }
      await sleep(Math.max(0, CUT_MS - (Date.now() - began)));
      assert.deepEqual(
        [onTopic(cloud, 'home/sensors/cut'), onTopic(home, 'home/actuators/cut')],
        [[], []],
        'it was cut',
      );
      await line.refuse(false);
      const came = (partner: Partner, topic: string) =>
        partner.until(`all of ${topic}`, () => new Set(onTopic(partner, topic)).size === all.length, 90_000);
      await Promise.all([came(cloud, 'home/sensors/cut'), came(home, 'home/actuators/cut')]);
      assert.deepEqual([...new Set(onTopic(cloud, 'home/sensors/cut'))], all);
      assert.deepEqual([...new Set(onTopic(home, 'home/actuators/cut'))], all);
    });
  });
}
