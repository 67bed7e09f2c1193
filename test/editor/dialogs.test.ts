import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import english from '../../src/nodes/dinox-broker/locales/en-US.json';
import { broker, type Flow, mqttIn, mqttOut, node, tab, withTypes } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Editor, EditorBrowser } from './editor';

const { problem: PROBLEM } = english['dinox-broker'];
const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out' };
const PASSWORD = 'sesam-öffne-dich-4711';
const MQTT_PASSWORD = 'only-for-mqtt-0815';

/** What core's editor saves, every field filled in, with the types exchanged and nothing else. */
const TAKEN_OVER = withTypes(
  [
    tab(),
    node('junction', 'nowhere', { wires: [[]] }),
    broker(1, 5, {
      id: 'cores',
      name: 'Cellar',
      broker: 'mqtt.invalid',
      clientid: 'cellar-1',
      autoConnect: false,
      keepalive: '15',
      cleansession: false,
      autoUnsubscribe: false,
      usetls: false,
      verifyservercert: false,
      compatmode: false,
      birthTopic: 'cellar/birth',
      birthQos: '1',
      birthRetain: 'true',
      birthPayload: 'here',
      birthMsg: {
        contentType: 'text/plain',
        userProps: '{"a":"1"}',
        respTopic: 'cellar/answer',
        correl: 'x',
        expiry: '60',
      },
      closeTopic: 'cellar/close',
      closePayload: 'bye',
      willTopic: 'cellar/will',
      willQos: '2',
      willPayload: 'gone',
      willMsg: { contentType: 'application/x-own', delay: '5' },
      userProps: '{"house":"1"}',
      sessionExpiry: '3600',
    }),
    mqttIn('in', 'cellar/+/state', 'nowhere', {
      broker: 'cores',
      nl: true,
      rap: false,
      rh: 1,
      datatype: 'json',
      name: 'State',
    }),
    mqttIn('dynamic', '', 'nowhere', { broker: 'cores', inputs: 1 }),
    mqttOut('out', {
      broker: 'cores',
      topic: 'cellar/light/set',
      qos: '1',
      retain: 'true',
      respTopic: 'cellar/answer',
      contentType: 'application/json',
      userProps: '{"by":"me"}',
      correl: 'abc',
      expiry: '30',
    }),
  ],
  TYPES,
);

/** A broker as it comes fresh from the dialog, so that nothing connects while it is looked at. */
const FRESH: Flow = [
  {
    id: 'fresh',
    type: 'dinox-broker',
    name: '',
    jid: '',
    usetls: true,
    protocolVersion: 'auto',
    configVersion: 1,
  },
  node('dinox-mqtt-in', 'fresh-in', {
    topic: 'home/#',
    qos: '1',
    datatype: 'auto-detect',
    broker: 'fresh',
    inputs: 0,
    y: 300,
  }),
  node('dinox-mqtt-out', 'fresh-out', { topic: '', qos: '', retain: '', broker: 'fresh', y: 400 }),
  node('dinox-history', 'fresh-history', { broker: 'fresh', topic: '', format: 'chart', y: 560 }),
  node('xmpp-in', 'fresh-chat-in', { broker: 'fresh', allow: '', maxAge: '5m', wires: [[], []], y: 500 }),
];

/** Together: both languages, light and dark. That every text has both is checked by `npm run check`. */
const LOOKS = {
  '4': { language: 'de', dark: false },
  '5': { language: 'en-US', dark: true },
} as const;

for (const version of NODE_RED_VERSIONS) {
  describe(`dialogs in Node-RED ${version}`, function () {
    this.timeout(60_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;

    before(async function () {
      this.timeout(180_000);
      nodeRed = await startNodeRed({
        version,
        linkPackage: true,
        flows: [...TAKEN_OVER, ...FRESH],
        credentials: { cores: { user: 'cellar', password: MQTT_PASSWORD } },
      });
      browser = await EditorBrowser.launch();
      editor = await browser.open(nodeRed.url);
    });

    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
    });

    afterEach(async function () {
      assert.deepEqual(editor.errors.splice(0), [], 'the page has errors');
      // What a failed test left open is not to fail the next one.
      if (this.currentTest?.state === 'failed') await editor.load(nodeRed.url);
    });

    /** Puts the flows back as they were, in Node-RED and in the editor. */
    const startAnew = async (flows: Flow = [...TAKEN_OVER, ...FRESH]): Promise<void> => {
      await nodeRed.deploy(flows, { cores: { user: 'cellar', password: MQTT_PASSWORD } });
      await editor.load(nodeRed.url);
    };

    it('shows the nodes in a category of their own, each with its icon', async () => {
      const palette = editor.page.locator('#red-ui-palette-DinoX .red-ui-palette-node');
      const labels = await palette.locator('.red-ui-palette-label').allTextContents();
      for (const label of ['dinox mqtt in', 'dinox mqtt out', 'xmpp in', 'history']) {
        assert.ok(labels.map((shown) => shown.replace(/\s+/g, ' ')).includes(label), label);
      }
      for (const type of [...Object.values(TYPES), 'xmpp-in', 'dinox-history']) {
        const icon = await editor.page.evaluate(`RED.nodes.getType('${type}').icon`);
        assert.equal(icon, `${type}.svg`);
        const { status } = await nodeRed.adminApi('GET', `/icons/@dinox/node-red-dinox/${icon}`);
        assert.equal(status, 200, `the icon of ${type}`);
      }
    });

    it('takes two fields: a JID and a password', async () => {
      await editor.edit('fresh-out');
      await editor.press('#node-input-btn-broker-add');
      await editor.settled('#node-config-dialog-ok');
      assert.equal(await editor.reasonFor('node-config-input-jid'), PROBLEM.accountOrHost);
      await editor.broker('jid').pressSequentially('nodered@dinox.invalid');
      assert.equal(await editor.reasonFor('node-config-input-jid'), '');
      assert.equal(await editor.reasonFor('node-config-input-password'), PROBLEM.password);
      await editor.broker('password').pressSequentially(PASSWORD);
      assert.equal(await editor.reasonFor('node-config-input-password'), '');
      await editor.saveBroker();
      await editor.node('topic').fill('home/actuators/light/kitchen/set');
      await editor.save();
      await editor.deploy();

      const { broker: id } = await editor.valueOf('fresh-out');
      const { json, text } = await nodeRed.adminApi('GET', '/flows');
      const stored = (json.flows as Flow).find((one) => one.id === id);
      assert.equal(stored?.jid, 'nodered@dinox.invalid');
      const { serverType, usetls, protocolVersion, transport, queueBytes, keepalive, configVersion } =
        stored ?? {};
      assert.deepEqual(
        {
          serverType,
          usetls,
          protocolVersion,
          transport,
          queueBytes: Number(queueBytes),
          keepalive: Number(keepalive),
          configVersion,
        },
        {
          serverType: 'auto',
          usetls: true,
          protocolVersion: 'auto',
          transport: 'auto',
          queueBytes: 16_777_216,
          keepalive: 60,
          configVersion: 1,
        },
      );
      for (const coresName of ['broker', 'usews', 'compatmode', 'verifyservercert']) {
        assert.ok(!(coresName in (stored ?? {})), `a new node does not say ${coresName}`);
      }
      for (const place of [text, await editor.exported(), nodeRed.logs()])
        assert.ok(!place.includes(PASSWORD));
      const credentials = JSON.parse(readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8'));
      assert.equal(credentials[id as string].password, PASSWORD);

      await editor.editBroker(id as string);
      assert.equal(await editor.broker('jid').inputValue(), 'nodered@dinox.invalid');
      assert.equal(await editor.broker('password').inputValue(), '__PWRD__');
      assert.equal(await editor.reasonFor('node-config-input-password'), '');
      await editor.cancelBroker();
    });

    const BAD: [field: string, values: Record<string, RegExp>][] = [
      [
        'jid',
        {
          '@': /the name before the @ is missing/,
          'a@': /the domain after the @ is missing/,
          'a@b/': /nothing follows the slash/,
          'a b@c': /^"a b@c" is not a JID: there is a space in the name before the @/,
          anna: /the @ between name and domain is missing/,
          'a@b@c': /more than one @/,
          'a@b..c': /two dots side by side/,
        },
      ],
      [
        'port',
        Object.fromEntries(['0', '70000', 'abc', '-1', '1.5'].map((port) => [port, /from 1 to 65,535/])),
      ],
      [
        'host',
        {
          'h/mqtt': /^"h\/mqtt" has a path but no scheme\. Write it as wss:\/\/h\/mqtt/,
          'a b': /neither a host name nor an address/,
          'h:1883': /Type the port into its own field/,
          'http://h': /^"http:\/\/" is not known here/,
          'mqtt://u:p@h': /into their own fields/,
          'wss://h:99999/mqtt': /The port in .* is not a whole number from 1 to 65,535/,
        },
      ],
      ['queueTtl', { '1 week': /such as 30s, 5m or 1h30m, but it is "1 week"/, '-5m': /a duration/ }],
      ['queueBytes', { '-1': /from 0 to 1,099,511,627,776/, '1.5': /a whole number/ }],
      ['keepalive', { '70000': /from 0 to 65,535/ }],
      ['xmppService', { 'example.org': /must be xmpp:\/\/host:port/, 'xmpp://h:0': /The port in/ }],
      ['watch', { 'home/#/x': /"home\/#\/x" # must stand alone/, 'home/a+': /\+ must stand alone/ }],
      ['birthTopic', { 'home/+': /holds a wildcard/ }],
      ['willTopic', { 'home/#': /holds a wildcard/ }],
    ];
    const GOOD: Record<string, string> = {
      jid: 'anna@example.org/node-red',
      port: '8883',
      host: 'wss://h:443/mqtt',
      queueTtl: '1h30m',
      queueBytes: '1048576',
      keepalive: '0',
      xmppService: 'xmpps://[::1]:5223',
      watch: 'home/+/x\n$share/g/home/#',
      birthTopic: 'home/birth',
      willTopic: '',
    };

    it('says while typing why a value cannot stay, and takes the next good one', async () => {
      await editor.editBroker('fresh');
      await editor.unfold();
      for (const [field, values] of BAD) {
        for (const [value, reason] of Object.entries(values)) {
          await editor.broker(field).fill(value);
          await editor.broker(field).press('End');
          assert.match(await editor.reasonFor(`node-config-input-${field}`), reason, `${field}: ${value}`);
          const classes = (await editor.broker(field).getAttribute('class')) ?? '';
          assert.match(classes, /input-error/, `${field}: ${value} is marked`);
        }
        await editor.broker(field).fill(GOOD[field] ?? '');
        assert.equal(await editor.reasonFor(`node-config-input-${field}`), '', `${field}: ${GOOD[field]}`);
      }
      await editor.cancelBroker();
    });

    it('marks what is not set up yet on the canvas, and opens the section with the fault', async () => {
      await editor.editBroker('fresh');
      await editor.unfold('broker');
      await editor.broker('jid').fill('a@b');
      await editor.broker('port').fill('0');
      await editor.saveBroker();
      assert.equal(await editor.page.evaluate("RED.nodes.node('fresh').valid"), false);
      assert.match(
        String(await editor.page.evaluate("RED.nodes.node('fresh').validationErrors")),
        /^This must be a whole number from 1 to 65,535, but it is "0"\.$/,
      );
      await editor.editBroker('fresh');
      assert.ok(await editor.broker('port').isVisible(), 'the section is open');
      await editor.cancelBroker();
    });

    it('takes an environment variable for any value', async () => {
      await editor.editBroker('fresh');
      await editor.unfold('broker');
      await editor.broker('port').fill('$' + '{MQTT_PORT}');
      assert.equal(await editor.reasonFor('node-config-input-port'), '');
      await editor.cancelBroker();
    });

    it('opens its sections with the keyboard', async () => {
      await editor.editBroker('fresh');
      const summary = editor.page.locator('details[data-section=session] > summary');
      await editor.broker('name').focus();
      for (
        let presses = 0;
        presses < 30 && !(await summary.evaluate((element) => element.matches(':focus')));
        presses += 1
      ) {
        await editor.page.keyboard.press('Tab');
      }
      assert.ok(!(await editor.broker('clientid').isVisible()));
      await editor.page.keyboard.press('Enter');
      assert.ok(await editor.broker('clientid').isVisible());
      await editor.cancelBroker();
    });

    it('keeps everything of a flow that comes from core, when it is opened and saved', async () => {
      await editor.editBroker('cores');
      assert.equal(await editor.broker('host').inputValue(), 'mqtt.invalid');
      assert.equal(await editor.broker('user').inputValue(), 'cellar');
      await editor.saveBroker();
      for (const id of ['in', 'dynamic', 'out']) {
        await editor.edit(id);
        await editor.save();
      }
      await editor.deploy();
      const { json } = await nodeRed.adminApi('GET', '/flows');
      for (const before of TAKEN_OVER) {
        const after = (json.flows as Flow).find(({ id }) => id === before.id) ?? {};
        const kept = Object.fromEntries(
          Object.keys(before).map((key) => [key, (after as Flow[number])[key]]),
        );
        assert.deepEqual(kept, before);
      }
      const credentials = JSON.parse(readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8'));
      assert.deepEqual(credentials.cores, { user: 'cellar', password: MQTT_PASSWORD });
    });

    it("shows core's defaults where an older flow says nothing", async () => {
      const old = { id: 'old', type: 'dinox-broker', broker: 'mqtt.invalid', autoConnect: false };
      await startAnew([tab(), old, mqttIn('in', 'x', 'in', { type: 'dinox-mqtt-in', broker: 'old' })]);
      await editor.editBroker('old');
      assert.equal(await editor.broker('protocolVersion').inputValue(), '4');
      assert.equal(await editor.broker('usetls').isChecked(), false);
      assert.equal(await editor.broker('cleansession').isChecked(), true);
      assert.equal(await editor.broker('useXmppCredentials').isChecked(), true);
      assert.equal(await editor.broker('keepalive').inputValue(), '60');
      assert.equal(await editor.broker('queueTtl').inputValue(), '1h');
      assert.equal(await editor.broker('history').inputValue(), '24h');
      await editor.cancelBroker();
      await startAnew();
    });

    it('asks for the password anew when a JID comes to a plain broker, or goes', async () => {
      await editor.editBroker('cores');
      assert.equal(await editor.broker('password').inputValue(), '__PWRD__');
      await editor.broker('jid').fill('anna@dinox.invalid');
      assert.equal(await editor.broker('password').inputValue(), '');
      assert.equal(await editor.reasonFor('node-config-input-password'), PROBLEM.password);
      assert.ok(await editor.page.locator('#dinox-note-ask-again').isVisible());
      await editor.broker('jid').fill('');
      assert.equal(await editor.broker('password').inputValue(), '__PWRD__', 'the same kind of login again');
      await editor.broker('jid').fill('anna@dinox.invalid');
      await editor.broker('password').fill(PASSWORD);
      await editor.saveBroker();
      const { broker: coresName, host } = await editor.valueOf('cores');
      assert.deepEqual({ coresName, host }, { coresName: undefined, host: 'mqtt.invalid' });
      await editor.deploy();
      const credentials = JSON.parse(readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8'));
      assert.equal(credentials.cores.password, PASSWORD);

      await editor.editBroker('cores');
      await editor.broker('jid').fill('');
      assert.equal(
        await editor.broker('password').inputValue(),
        '',
        "the account's password is not the broker's",
      );
      await editor.cancelBroker();
      await startAnew();
    });

    it('mqtt in: checks topic filters, and grows an input for topics that messages name', async () => {
      await editor.edit('fresh-in');
      const bad = {
        '': /^Type a topic\. \+ stands for one level/,
        'a/#/b': /# must stand alone/,
        'a/b#': /# must stand alone/,
        'a/b+/c': /\+ must stand alone/,
        '$share//x': /must be \$share\/<group>\/<filter>/,
      };
      for (const [filter, reason] of Object.entries(bad)) {
        await editor.node('topic').fill(filter);
        assert.match(await editor.reasonFor('node-input-topic'), reason, filter);
      }
      for (const filter of ['#', '+/x/#', '/', '$share/g/x/#', 'größe/+']) {
        await editor.node('topic').fill(filter);
        assert.equal(await editor.reasonFor('node-input-topic'), '', filter);
      }
      await editor.node('topicType').selectOption('dynamic');
      assert.ok(!(await editor.node('topic').isVisible()));
      await editor.save();
      const { inputs, topic, topicType } = await editor.valueOf('fresh-in');
      assert.deepEqual(
        { inputs: Number(inputs), topic, topicType },
        { inputs: 1, topic: '', topicType: 'dynamic' },
      );
      assert.equal(
        await editor.page.evaluate(
          "RED.nodes.node('fresh-in').valid === undefined || RED.nodes.node('fresh-in').validationErrors.length",
        ),
        1,
        'only the broker is not set up',
      );

      await editor.edit('fresh-in');
      await editor.node('topicType').selectOption('');
      assert.match(await editor.reasonFor('node-input-topic'), /^Type a topic/);
      await editor.node('topic').fill('home/#');
      await editor.save();
      assert.equal(Number((await editor.valueOf('fresh-in')).inputs), 0);
    });

    it('mqtt out: checks the topic and the MQTT 5 properties', async () => {
      await editor.edit('fresh-out');
      await editor.unfold();
      await editor.node('topic').fill('home/+/set');
      assert.match(await editor.reasonFor('node-input-topic'), /holds a wildcard/);
      await editor.node('topic').fill('');
      assert.equal(await editor.reasonFor('node-input-topic'), '', 'it may come with the message');
      await editor.node('respTopic').fill('a/#');
      assert.match(await editor.reasonFor('node-input-respTopic'), /holds a wildcard/);
      await editor.node('expiry').fill('-5');
      assert.match(await editor.reasonFor('node-input-expiry'), /0/);
      const drop = editor.node('dropOffline');
      assert.ok(!(await drop.isChecked()));
      for (const [qos, shown] of Object.entries({ '0': true, '1': false, '2': false, '': true })) {
        await editor.node('qos').selectOption(qos);
        assert.equal(await drop.isVisible(), shown, `dropping, at QoS ${qos || 'of the message'}`);
      }
      await editor.node('waitResponse').check();
      assert.ok(!(await drop.isVisible()), 'a request waits');
      await editor.cancel();
    });

    it('xmpp in: says who may speak, and checks lists and patterns', async () => {
      await editor.edit('fresh-chat-in');
      const own = editor.page.locator('#dinox-note-own');
      const everyone = editor.page.locator('#dinox-note-everyone');
      assert.deepEqual([await own.isVisible(), await everyone.isVisible()], [true, false]);
      await editor.node('allow').fill('anna@example.org\nexample.net, team@rooms.example.org');
      assert.equal(await editor.reasonFor('node-input-allow'), '');
      assert.deepEqual([await own.isVisible(), await everyone.isVisible()], [false, false]);
      await editor.node('allow').fill('anna@example.org, anna@');
      assert.match(
        await editor.reasonFor('node-input-allow'),
        /^"anna@" is not a JID: the domain after the @ is missing/,
      );
      await editor.node('allow').fill('*');
      assert.equal(await everyone.isVisible(), true);
      await editor.node('pattern').fill('(status');
      assert.equal(await editor.reasonFor('node-input-pattern'), '');
      await editor.node('patternType').selectOption('regex');
      assert.match(await editor.reasonFor('node-input-pattern'), /Unterminated group/);
      await editor.node('pattern').fill('^(status|help)$');
      assert.equal(await editor.reasonFor('node-input-pattern'), '');
      await editor.unfold();
      await editor.node('rooms').fill('team@rooms.example.org/nick');
      assert.match(await editor.reasonFor('node-input-rooms'), /leave out the nickname/);
      await editor.node('rooms').fill('team@rooms.example.org');
      await editor.node('maxAge').fill('soon');
      assert.match(await editor.reasonFor('node-input-maxAge'), /must be a duration/);
      await editor.node('maxAge').fill('');
      assert.equal(await editor.reasonFor('node-input-maxAge'), '');
      await editor.cancel();
    });

    const { language, dark } = LOOKS[version];
    it(`has words for everything in ${language}${dark ? ', dark' : ''}`, async function () {
      this.timeout(180_000);
      const other = await browser.open(nodeRed.url, { language, dark });
      const look = async (dialog: string): Promise<void> => {
        const name = `${version}-${language}-${dark ? 'dark' : 'light'}-${dialog}`;
        await other.picture(name);
        await other.unfold();
        const form = other.page.locator('.dinox-form').last();
        assert.doesNotMatch(
          (await form.textContent()) ?? '',
          /dinox-(broker|mqtt-in|mqtt-out|history)\.|xmpp-in\.|__\w+__/,
          dialog,
        );
        const excess = await form.evaluate((element) => element.scrollWidth - element.clientWidth);
        assert.ok(excess <= 1, `${dialog}: the form is ${excess} px too wide`);
        await other.picture(`${name}-unfolded`);
      };
      for (const id of ['fresh', 'cores']) {
        await other.editBroker(id);
        await look(`broker-${id}`);
        await other.cancelBroker();
      }
      for (const id of ['in', 'dynamic', 'out', 'fresh-chat-in', 'fresh-history']) {
        await other.edit(id);
        await look(id);
        await other.cancel();
      }
      for (const type of [...Object.values(TYPES), 'xmpp-in', 'dinox-history']) await assertHelp(other, type);
      assert.deepEqual(other.errors, []);
      await other.close();
    });
  });
}

/** The help is there and its Markdown was understood: a colon in a description makes the list fall apart. */
async function assertHelp(editor: Editor, type: string): Promise<void> {
  await editor.page.evaluate(`RED.sidebar.help.show('${type}')`);
  const help = editor.page.locator('.red-ui-help').last();
  await help.waitFor();
  const text = (await help.textContent()) ?? '';
  assert.ok(text.length > 200, `${type}: ${text}`);
  assert.equal(await help.locator('dl:not(.message-properties)').count(), 0, type);
  assert.doesNotMatch(text, /^: /m, type);
}
