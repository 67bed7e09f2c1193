/** *DinoX: first alert* on real servers: two typed fields and at most ten clicks, from nothing to an alert in chat. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import catalogue from '../../src/base/texts/en-US.json';
import brokerEnglish from '../../src/nodes/dinox-broker/locales/en-US.json';
import german from '../../src/plugins/dinox-sidebar/locales/de.json';
import english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import { type Flow, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type PathProxy, startPathProxy } from '../support/path-proxy';
import {
  certificates,
  type Dnsmasq,
  type Ejabberd,
  ensureServers,
  type Prosody,
  startDnsmasq,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { askJourney } from './ask-journey';
import type { Words } from './doors-journey';
import { EditorBrowser } from './editor';
import { guidedJourney, Person, TOPIC } from './guided-journey';
import { AXE } from './in-page';
import { pubsubJourney } from './pubsub-journey';

const { guide: GUIDE, welcome: WELCOME } = english['dinox-sidebar'];
const { guide: GERMAN } = german['dinox-sidebar'];
const { failure: FAILURE, create: CREATE } = brokerEnglish['dinox-broker'];
const BOT = 'zebra-9-geheim';
const ANNA = 'tr3ppe-Otter';
const GENERATION = { '4': 'debian12', '5': 'debian13' } as const;
/** Each server with one Node-RED; with DINOX_LONG=1 each with both. */
const SERVER: Record<string, string> = { '4': 'ejabberd', '5': 'prosody' };
const CROSSED = process.env.DINOX_LONG !== undefined;
const PLAIN = 'plain/greenhouse';

for (const version of NODE_RED_VERSIONS) {
  describe(`first alert in Node-RED ${version}`, function () {
    this.timeout(120_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    /** Node-RED 4 is looked at through one that buffers. */
    let proxy: PathProxy | undefined;
    let ejabberd: Ejabberd;
    let prosody: Prosody;
    const dns: Record<string, Dnsmasq> = {};
    const folder = mkdtempSync(join(tmpdir(), 'dinox-dns-'));
    const resolver = join(folder, 'address');
    /** Everything that our admin routes answered. */
    let answers = '';
    const ends: (() => Promise<unknown>)[] = [];

    before(async function () {
      this.timeout(180_000);
      const generation = GENERATION[version];
      const { available, missing } = (await ensureServers())[generation];
      if (!available) {
        process.stdout.write(`SKIPPED SUITE: first alert: ${missing.join('; ')}\n`);
        this.skip();
      }
      const users = { bot: BOT, anna: ANNA };
      const wanted = (name: string): boolean => CROSSED || SERVER[version] === name;
      const options = { generation, users };
      [ejabberd, prosody, browser] = (await Promise.all([
        wanted('ejabberd')
          ? startEjabberd({ ...options, extra: 'registration_timeout: infinity\n' })
          : undefined,
        wanted('prosody')
          ? startProsody({ ...options, invitations: true, extra: 'admins = { "bot@dinox.test" }' })
          : undefined,
        EditorBrowser.launch(),
      ] as const)) as [Ejabberd, Prosody, EditorBrowser];
      // As on the net, DNS says where the account's server and its MQTT are.
      const records = (xmpp: number, mqtt = 0) => [
        { name: '_xmpp-client._tcp.dinox.test', target: 'localhost', port: xmpp },
        { name: '_secure-mqtt._tcp.dinox.test', target: 'localhost', port: mqtt },
      ];
      [dns.ejabberd, dns.prosody, dns.pubsub] = await Promise.all([
        startDnsmasq({ srv: records(ejabberd?.c2sPort ?? 1, ejabberd?.mqttTlsPort) }),
        startDnsmasq({ srv: records(prosody?.c2sPort ?? 1, prosody?.mqttTlsPort) }),
        startDnsmasq({ srv: records(prosody?.c2sPort ?? 1).slice(0, 1) }),
      ]);
      nodeRed = await startNodeRed({
        version,
        linkPackage: true,
        isNewcomer: true,
        flows: [tab()],
        env: {
          NODE_EXTRA_CA_CERTS: certificates().caFile,
          NODE_OPTIONS: `--require ${join(__dirname, '../support/dns-of.cjs')}`,
          DINOX_TEST_DNS: resolver,
        },
      });
      if (version === '4') proxy = await startPathProxy(nodeRed.url);
    });

    afterEach(async () => {
      await Promise.all(ends.splice(0).map((end) => end()));
    });

    after(async () => {
      await browser?.close();
      await proxy?.close();
      await Promise.all([nodeRed?.stop(), ejabberd?.stop(), prosody?.stop()]);
      await Promise.all(Object.values(dns).map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    });

    async function begin(server: string, look: Parameters<EditorBrowser['open']>[1] = {}): Promise<Person> {
      writeFileSync(resolver, dns[server]?.address ?? '');
      await nodeRed.deploy([tab()]);
      const editor = await browser.open(proxy?.url ?? nodeRed.url, look);
      ends.push(() => editor.close());
      editor.page.on('response', async (response) => {
        if (response.url().includes('dinox/')) answers += await response.text().catch(() => '');
      });
      return new Person(editor);
    }

    async function axe({ editor }: Person): Promise<void> {
      if (!(await editor.page.evaluate("'axe' in window"))) await editor.page.evaluate(AXE);
      assert.deepEqual(await editor.faults('.dinox-sidebar'), []);
    }

    function anna(port: number): XmppPeer {
      const peer = new XmppPeer({ port, user: 'anna', password: ANNA });
      ends.push(() => peer.end());
      return peer;
    }

    async function publisher(port: number, login: object): Promise<MqttClient> {
      const client = connect(`mqtt://127.0.0.1:${port}`, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...login,
      });
      ends.push(() => client.endAsync(true));
      return client;
    }

    const bodies = (peer: XmppPeer): string[] =>
      peer.messages.map((message) => message.getChildText('body') ?? '').filter((body) => body !== '');

    const guided = (
      person: Person,
      phone: XmppPeer,
      send: (topic: string, payload: object) => Promise<unknown>,
      words?: Words,
    ): Promise<void> =>
      guidedJourney({
        ...{ nodeRed, person, phone, send, words },
        version,
        account: { jid: 'bot@dinox.test', password: BOT },
        bodies: () => bodies(phone),
        look: () => axe(person),
      });

    it('is found: a note once after installing, and an icon that is seen', async () => {
      const { editor } = await begin(SERVER[version] ?? '', { dark: version === '5' });
      const note = editor.page.locator('.red-ui-notification', { hasText: WELCOME.text });
      await note.waitFor();
      if (version === '4') assert.ok(await editor.page.locator('#red-ui-tab-dinox-link-button').isVisible());
      await editor.picture(`welcome-${version}`);
      const saved = editor.page.waitForResponse(
        (answer) => answer.url().endsWith('/settings/user') && answer.request().method() === 'POST',
      );
      await note.locator('button', { hasText: WELCOME.open }).click();
      await editor.page.waitForSelector('.dinox-sidebar', { state: 'visible' });
      await saved;
      await editor.load(proxy?.url ?? nodeRed.url);
      assert.equal(await editor.page.evaluate("RED.settings.get('dinox.welcomed')"), true);
      await editor.page.evaluate("localStorage.removeItem('dinox.welcomed')");
      await editor.page.waitForTimeout(1_500);
      assert.equal(await note.count(), 0);
    });

    const mayRun = (name: string): boolean => CROSSED || SERVER[version] === name;

    if (mayRun('ejabberd'))
      it('ejabberd: two fields, at most ten clicks, an alert in chat, acknowledged by a word', async () => {
        const person = await begin('ejabberd', { dark: version === '5' });
        const mqtt = await publisher(ejabberd.mqttPort, { username: 'anna@dinox.test', password: ANNA });
        // The guide reads names while it looks: the alert has to go by them as well.
        const announced = {
          ...{ name: 'freezer', unique_id: 'f1', state_topic: TOPIC, unit_of_measurement: '°C' },
          ...{ value_template: '{{ value_json.value }}', device: { identifiers: ['f'], name: 'Cellar' } },
        };
        const config = 'homeassistant/sensor/f1/config';
        await mqtt.publishAsync(config, JSON.stringify(announced), { qos: 1, retain: true });
        await guided(person, anna(ejabberd.c2sTlsPort), (topic, payload) =>
          mqtt.publishAsync(topic, JSON.stringify(payload), { qos: 1, retain: true }),
        );
      });

    if (mayRun('ejabberd'))
      it('the home answers: from the palette to an answer, and to a light, on the phone', async () => {
        const { editor } = await begin('ejabberd');
        const home = await publisher(ejabberd.mqttPort, { username: 'anna@dinox.test', password: ANNA });
        const account = { jid: 'bot@dinox.test', password: BOT };
        const phone = anna(ejabberd.c2sTlsPort);
        await askJourney({ nodeRed, editor, account, phone, person: 'anna@localhost', home });
      });

    if (mayRun('prosody'))
      it('Prosody: the same, with the topics that its PubSub service names', async () => {
        const person = await begin('prosody', { dark: version === '5', language: 'de' });
        const mqtt = await publisher(prosody.mqttPort, {});
        await guided(
          person,
          anna(prosody.c2sTlsPort),
          (topic, payload) => mqtt.publishAsync(`pubsub.dinox.test/json/${topic}`, JSON.stringify(payload)),
          german['dinox-sidebar'],
        );
      });

    if (mayRun('prosody'))
      it('without a bridge: from the palette to a value over PubSub', async () => {
        const { editor } = await begin('pubsub');
        const account = { jid: 'bot@dinox.test', password: BOT };
        await pubsubJourney(nodeRed, editor, account, `${version}-pubsub`);
      });

    if (mayRun('prosody'))
      it('ends when a value was seen and the phone was greeted ("it works", said before it works); a second alert uses the nodes that are there', async () => {
        const { editor } = await begin('prosody');
        const { page } = editor;
        const peer = anna(prosody.c2sTlsPort);
        const mqtt = await publisher(prosody.mqttPort, {});
        // A node of another payload type than the connection's.
        const send = (value: string) => mqtt.publishAsync(`pubsub.dinox.test/utf8/${PLAIN}`, value);
        await send('20.5');
        await mqtt.publishAsync(`pubsub.dinox.test/json/${TOPIC}`, '{"value":-18.4}');
        const next = () => page.click('.dxg-next');
        const typed = async (): Promise<void> => {
          await page.click(`summary:has-text("${GUIDE.receiver.type}")`);
          await page.fill('#dinox-guide-receiver', 'anna@localhost');
          await page.click(`text=${GUIDE.receiver.use}`);
        };
        const choose = async (topic: string, recipient: () => Promise<void>): Promise<void> => {
          await page.waitForSelector(`.dxg-choice:has-text("${topic}")`, { timeout: 45_000 });
          await page.waitForTimeout(300);
          assert.equal(await page.locator(`.dxg-choice:has-text("${topic}")`).count(), 1, 'listed once');
          await page.click(`.dxg-choice:has-text("${topic}")`);
          await next();
          await recipient();
          await next();
          await page.click(`button:has-text("${GUIDE.proof.arrived}")`);
          // The last value of the topic comes through the new nodes by itself.
          await page.waitForSelector(`text=${GUIDE.done.runs}`);
        };
        await page.evaluate("RED.actions.invoke('dinox:first-alert')");
        await page.fill('#dinox-guide-jid', 'bot@dinox.test');
        await page.fill('#dinox-guide-password', BOT);
        await next();
        await choose(PLAIN, typed);
        await send('20.7');
        await page.waitForSelector(`text=${GUIDE.done.runs}`);
        await nodeRed.until('the greeting', () =>
          bodies(peer).some((body) => body.includes(GUIDE.proof.hello)),
        );
        await page.click(`text=${GUIDE.done.another}`);
        // The recipient of the first one stands above the code.
        await choose(TOPIC, () =>
          page.click(`.dxg-choice:has-text("${GUIDE.receiver.used.replace('__jid__', 'anna@localhost')}")`),
        );
        await mqtt.publishAsync(`pubsub.dinox.test/json/${TOPIC}`, '{"value":-18.5}');
        await page.waitForSelector(`text=${GUIDE.done.runs}`);
        const flow = JSON.parse(await editor.exported()) as Flow;
        const of = (type: string) => flow.filter((one) => one.type === type);
        const alerts = of('dinox-alert').map(({ id }) => id);
        assert.deepEqual(
          of('dinox-mqtt-in').map(({ topic }) => topic),
          [PLAIN, TOPIC],
        );
        assert.deepEqual([of('xmpp-in').length, of('xmpp-out').length, alerts.length], [1, 1, 2]);
        const [heardBy = []] = (of('xmpp-in')[0]?.wires ?? []) as string[][];
        assert.deepEqual([...heardBy].sort(), [...alerts].sort());
        await page.keyboard.press('Escape');
        // The second one is undone in one step, its wires to nodes that stay included.
        await page.evaluate("RED.actions.invoke('core:undo')");
        const before = JSON.parse(await editor.exported()) as Flow;
        assert.deepEqual(before.find(({ type }) => type === 'xmpp-in')?.wires, [[alerts[0]], []]);
        assert.deepEqual(editor.errors, []);
      });

    if (mayRun('prosody'))
      it('an invitation makes the account of the first connection; one that cannot says why', async () => {
        const { editor } = await begin('prosody');
        const { page } = editor;
        const [link, second] = [await prosody.invite('dinox.test'), await prosody.invite('dinox.test')];
        const jid = page.locator('#dinox-guide-jid');
        const told = page.locator('.dinox-invitation:visible');
        const create = page.locator(`.dxg button:has-text("${GUIDE.account.make}")`);
        const words = (text: string): string => text.split('__').at(-1) ?? '';
        await page.evaluate("RED.actions.invoke('dinox:first-alert')");
        await jid.fill('xmpp:anna@dinox.test?roster;preauth=aB3dEfGh');
        await told.getByText(words(catalogue.account.invitationContact)).waitFor();
        await jid.fill(link.replace('dinox.test', 'elsewhere.example'));
        await told.getByText('elsewhere.example').waitFor();
        await jid.fill('robot@dinox.test');
        await create.click();
        await page
          .locator('.dxg-told[data-fault=true]', { hasText: 'is for an account at elsewhere.example' })
          .waitFor();
        // Chromium writes a line about every answer that refuses.
        editor.errors.length = 0;
        await jid.fill(link);
        await told.getByText('With an invitation to dinox.test').waitFor();
        assert.equal(await jid.inputValue(), 'bot@dinox.test');
        await jid.fill('robot@dinox.test');
        await editor.picture(`${version}-first-invitation`);
        await create.click();
        await page.waitForSelector('#dinox-guide-topic', { timeout: 45_000 });
        assert.ok((await editor.exported()).includes('robot@dinox.test'));
        // A spent one, and then the page of another one, in the dialog of a second connection.
        await page.keyboard.press('Escape');
        await editor.editBroker('_ADD_');
        await editor.broker('jid').pressSequentially(link);
        await editor.broker('jid').press('Tab');
        assert.equal(await editor.broker('jid').inputValue(), 'bot@dinox.test', 'typed by hand, and left');
        await editor.broker('jid').fill('second@dinox.test');
        await page.click('#dinox-create-button');
        await page.getByText(words(catalogue.account.invitationSpent)).waitFor();
        editor.errors.length = 0;
        await editor.broker('jid').fill(`https://dinox.test/invite/${/preauth=([^;]+)/.exec(second)?.[1]}`);
        assert.equal(await editor.broker('jid').inputValue(), 'bot@dinox.test');
        await editor.broker('jid').fill('second@dinox.test');
        await page.evaluate(AXE);
        assert.deepEqual(await editor.faults('.dinox-form'), []);
        await editor.picture(`${version}-broker-invitation`);
        await page.click('#dinox-create-button');
        await page.getByText(CREATE.done.replace('__jid__', 'second@dinox.test')).waitFor();
        const password = await editor.broker('password').inputValue();
        assert.match(password, /^\w{24}$/);
        await page.click('#dinox-test-button');
        await page.locator('.dinox-test-state', { hasText: /^It works/ }).waitFor({ timeout: 45_000 });
        await editor.saveBroker();
        const brokers = (JSON.parse(await editor.exported()) as Flow).filter(
          ({ type }) => type === 'dinox-broker',
        );
        assert.deepEqual(
          brokers.map((one) => one.jid),
          ['robot@dinox.test', 'second@dinox.test'],
        );
        for (const place of [answers, nodeRed.logs(), await editor.exported()])
          for (const secret of [password, link.split('preauth=')[1] ?? '-'])
            assert.ok(!place.includes(secret));
        assert.deepEqual(editor.errors, []);
      });

    if (version === '4')
      it('names a mistyped domain; takes a broker that is somewhere else and quiet, and trusts its certificate (advice that can be followed here)', async () => {
        const mosquitto = await startMosquitto({
          generation: 'debian12',
          users: { house: BOT },
          cert: certificates().selfSigned,
        });
        ends.push(() => mosquitto.stop());
        const { editor } = await begin('ejabberd');
        const { page } = editor;
        const connect = () => page.click('.dxg-next');
        const told = page.locator('.dxg-told[data-fault=true]');
        await page.evaluate("RED.actions.invoke('dinox:first-alert')");
        await page.fill('#dinox-guide-jid', 'bot@dinox.tset');
        await page.fill('#dinox-guide-password', BOT);
        await connect();
        await told.locator(`text=${FAILURE['no-domain'].todo}`).waitFor({ timeout: 45_000 });
        await page.fill('#dinox-guide-jid', 'bot@dinox.test');
        await page.click(`summary:has-text("${GUIDE.elsewhere.title}")`);
        await page.fill('#dinox-guide-host', 'localhost');
        await page.fill('#dinox-guide-port', String(mosquitto.tlsPort));
        await page.fill('#dinox-guide-user', 'house');
        await page.fill('#dinox-guide-mqttPassword', 'not-this');
        // As low as Node-RED 5's sidebar is beside the debug messages: what came of it is seen all the same.
        await page.setViewportSize({ width: 1200, height: 350 });
        await page.evaluate("document.querySelector('.dxg-body').scrollTop = 0");
        const isInView = (one: string) =>
          page.evaluate(`(() => {
            const [it, body] = ['${one}', '.dxg-body'].map((each) => document.querySelector(each).getBoundingClientRect());
            return it.top >= body.top && it.top < body.bottom - 40;
          })()`);
        await connect();
        await told.locator(`text=${GUIDE.failed.tls}`).waitFor({ timeout: 45_000 });
        assert.equal(await isInView('.dxg-told'), true, 'the failure is in view');
        await page.setViewportSize({ width: 1200, height: 1000 });
        await told.locator(`text=${GUIDE.failed.tls}`).waitFor({ timeout: 45_000 });
        const fingerprint = (await page.textContent('.dxg-fingerprint')) ?? '';
        assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
        const words = (await page.textContent('.dxg-step')) ?? '';
        assert.ok(
          words.includes(`-connect localhost:${mosquitto.tlsPort} -servername localhost </dev/null |`),
        );
        for (const field of ['TLS options', 'TLS configuration', 'XMPP service', 'below the host'])
          assert.ok(!words.includes(field), `${field} is no field of the guide`);
        await editor.picture(`${version}-first-trust`);
        await page.click(`text=${GUIDE.trust.press}`);
        // The account is right: who is told to type it again looks in the wrong place.
        await told.locator(`text=${GUIDE.failed['broker-login']}`).waitFor({ timeout: 45_000 });
        await page.fill('#dinox-guide-mqttPassword', BOT);
        await connect();
        await page.waitForSelector('#dinox-guide-topic', { timeout: 45_000 });
        // A quiet broker tells nothing of its own: who looks hears all the same that it is there.
        await page.waitForSelector(`text=${GUIDE.topic.none}`, { timeout: 15_000 });
        const broker = (JSON.parse(await editor.exported()) as Flow).find(
          ({ type }) => type === 'dinox-broker',
        );
        const { host, port, trusted, useXmppCredentials } = broker as Record<string, unknown>;
        assert.deepEqual(
          [host, port, trusted, useXmppCredentials],
          ['localhost', String(mosquitto.tlsPort), fingerprint, false],
        );
        await nodeRed.until('it is connected there', () =>
          nodeRed.logs().includes(`Connected to mqtts://localhost:${mosquitto.tlsPort}`),
        );
        assert.deepEqual(editor.errors, []);
      });

    if (version === '4')
      it('by keyboard alone, in German, in a narrow sidebar; the server makes the account', async () => {
        const { editor } = await begin('ejabberd', { language: 'de' });
        const { page } = editor;
        const press = async (...keys: string[]): Promise<void> => {
          for (const key of keys) await page.keyboard.press(key);
        };
        const focused = (id: string) => page.waitForFunction(`document.activeElement?.id === '${id}'`);
        await page.evaluate("RED.actions.invoke('dinox:first-alert')");
        await focused('dinox-guide-jid');
        const jid = 'Neuer-Bot@dinox.test';
        await page.keyboard.type(jid);
        // Past the password, which is chosen, and *Connect*.
        await press('Tab', 'Tab', 'Tab', 'Enter');
        await page.waitForSelector('#dinox-guide-topic', { timeout: 45_000 });
        await focused('dinox-guide-topic');
        await page.keyboard.type('home/door');
        await page.waitForSelector(
          `.dxg-choice:has-text("${GERMAN.topic.use.replace('__topic__', 'home/door')}")`,
        );
        // Enter takes what was typed, as in every other field of the guide.
        await press('Enter');
        await focused('dinox-guide-limit');
        assert.notEqual(
          await page.getAttribute('#dinox-guide-limit', 'aria-invalid'),
          'true',
          'one key, one step',
        );
        await page.keyboard.type('warm');
        await press('Enter');
        assert.equal(await page.getAttribute('#dinox-guide-limit', 'aria-invalid'), 'true');
        await press('Control+a');
        await page.keyboard.type('2,5');
        await press('Enter');
        await page.waitForSelector('.dxg-qr');
        await editor.picture(`${version}-first-german-receiver`);
        const box = await page.locator('.dinox-sidebar').first().boundingBox();
        assert.ok((box?.width ?? 999) <= 320, `${box?.width}`);
        const wide = await page.evaluate(
          "document.querySelector('.dxg-body').scrollWidth - document.querySelector('.dxg-body').clientWidth",
        );
        assert.equal(wide, 0, 'nothing is cut off');
        await page.focus(`summary:has-text("${GERMAN.receiver.type}")`);
        await press('Enter', 'Tab');
        await focused('dinox-guide-receiver');
        await page.keyboard.type(jid);
        await press('Enter');
        await page.waitForSelector(`text=${GERMAN.receiver.own}`);
        await press('Control+a');
        await page.keyboard.type('anna@dinox.test');
        await press('Enter');
        await page.waitForSelector(`text=${GERMAN.place.press}`);
        await press('Enter');
        await page.waitForSelector(`text=${GERMAN.proof.arrived}`);
        await page.focus(`button:has-text("${GERMAN.proof.arrived}")`);
        await press('Enter');
        assert.equal(await page.locator(`text=${GERMAN.done.runs}`).count(), 0, 'nothing came yet');
        const mqtt = await publisher(ejabberd.mqttPort, { username: 'anna@dinox.test', password: ANNA });
        await mqtt.publishAsync('home/door', '1', { qos: 1 });
        await page.waitForSelector(`text=${GERMAN.done.runs}`);
        await editor.picture(`${version}-first-german-done`);
        const flow = JSON.parse(await editor.exported()) as Flow;
        const of = (type: string) => flow.find((one) => one.type === type) ?? { id: '' };
        const pick = (type: string, ...names: string[]) =>
          names.map((name) => (of(type) as Record<string, unknown>)[name]);
        const broker = of('dinox-broker').id;
        assert.deepEqual(pick('dinox-broker', 'jid'), [jid]);
        assert.deepEqual(pick('dinox-mqtt-in', 'topic', 'broker'), ['home/door', broker]);
        assert.deepEqual(pick('dinox-alert', 'limit', 'condition', 'broker'), ['2.5', 'above', broker]);
        assert.deepEqual(pick('xmpp-in', 'allow', 'broker'), ['anna@dinox.test', broker]);
        assert.deepEqual(pick('xmpp-out', 'to', 'kind', 'broker'), ['anna@dinox.test', 'chat', broker]);
        // The connection that is there now is offered for the next one.
        await page.click(`text=${GERMAN.done.close}`);
        await page.evaluate("RED.actions.invoke('dinox:first-alert')");
        await page.waitForSelector(`.dxg-choice:has-text("${jid}")`);
        await press('Enter');
        await focused('dinox-guide-topic');
        await press('Escape');
        await page.waitForSelector('.dxg', { state: 'detached' });
        // Undone in two steps: the flow, and the connection.
        await page.evaluate("RED.actions.invoke('core:undo')");
        assert.equal(
          (JSON.parse(await editor.exported()) as Flow).filter(({ x }) => x !== undefined).length,
          0,
        );
        assert.deepEqual(editor.errors, []);
      });

    it('keeps every password to itself', async () => {
      const { text } = await nodeRed.adminApi('GET', '/flows');
      for (const place of [text, nodeRed.logs(), answers])
        assert.ok(!place.includes(BOT) && !place.includes(ANNA));
      assert.ok(answers.includes('"state"') || version !== '4', 'the answers were seen');
    });
  });
}
