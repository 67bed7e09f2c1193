/** axe in every dialog: nothing serious, nothing critical. And what a server cannot do is greyed with its reason. */
import assert from 'node:assert/strict';
import englishIn from '../../src/nodes/dinox-mqtt-in/locales/en-US.json';
import englishOut from '../../src/nodes/dinox-mqtt-out/locales/en-US.json';
import { broker, type Flow, mqttIn, mqttOut, node, tab, withTypes } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Editor, EditorBrowser } from './editor';
import { AXE } from './in-page';
import { PreviewDay } from './preview-day';

const CANNOT_IN = englishIn['dinox-mqtt-in'].cannot;
const TOPIC_IN = englishIn['dinox-mqtt-in'].topic;
const CANNOT_OUT = englishOut['dinox-mqtt-out'].cannot;
const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out' };

const FLOWS: Flow = [
  ...withTypes(
    [
      tab(),
      broker(1, 5, { id: 'house', name: 'House', autoConnect: false }),
      { ...mqttIn('in', 'home/#', 'out', { broker: 'house' }), wires: [['out', 'alert']] },
      mqttOut('out', { broker: 'house', topic: 'home/light/set', y: 200 }),
    ],
    TYPES,
  ),
  node('dinox-alert', 'alert', {
    condition: 'above',
    limit: '24',
    hysteresis: '1',
    critical: '25',
    wires: [[], [], []],
    y: 500,
  }),
  {
    id: 'fresh',
    type: 'dinox-broker',
    name: '',
    jid: '',
    usetls: true,
    protocolVersion: 'auto',
    configVersion: 1,
  },
  mqttOut('core', { broker: 'cores', y: 300 }),
  broker(1, 4, { id: 'cores', name: 'Core', autoConnect: false }),
  node('xmpp-out', 'chat-out', { broker: 'chat', to: 'bot@example.org, anna@example.org', y: 500 }),
  node('dinox-history', 'history', { broker: 'house', topic: 'home/#', format: 'chart', y: 700 }),
  node('dinox-history', 'history-alert', { broker: '', alert: 'alert', format: 'table', y: 760 }),
  node('dinox-ha-entity', 'entity', {
    broker: 'house',
    mode: 'entities',
    entities: ['binary_sensor.0xa1', 'light.lamp'],
    names: { 'binary_sensor.0xa1': 'Kitchen window', 'light.lamp': '<b>Lamp</b>' },
    y: 820,
  }),
  node('dinox-ha-entity', 'every', { broker: 'house', mode: 'filter', deviceClass: 'battery', y: 880 }),
  node('dinox-bridge', 'bridge', {
    broker: 'chat',
    rules: [
      { to: 'house@rooms.example.org', direction: 'both', filter: 'home/#', topic: 'said', rate: '20' },
    ],
    y: 940,
  }),
  node('xmpp-in', 'chat-in', { broker: 'chat', allow: '', y: 600 }),
  { id: 'chat', type: 'dinox-broker', name: '', jid: 'bot@example.org', autoConnect: false },
  node('dinox-mqtt-in', 'dynamic', { topic: '', inputs: 1, topicType: 'dynamic', broker: 'house', y: 400 }),
];

/** What axe asks of colours. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What Prosody's bridge can do, as the runtime would say it. */
const PROSODY = {
  connected: true,
  topics: true,
  server: 'Prosody',
  serverType: 'prosody',
  software: 'Prosody 0.12.3',
  where: 'mqtts://mqtt.example.org:8883',
  version: 4,
  services: { pubsub: 'pubsub.example.org' },
  capabilities: { maxQos: 0, retain: false, wildcards: false, shared: false, persistentSessions: false },
};
const ROWS = [
  {
    topic: 'home/kitchen/temperature',
    text: '22.1',
    number: 22.1,
    unit: '°C',
    at: Date.now(),
    retained: true,
  },
  { topic: 'home/<img src=x onerror=alert(1)>', text: '<b>1</b>', at: Date.now() - 120_000 },
];

/** Entities of a connection, as the runtime would report them. */
const ENTITIES = {
  connected: true,
  total: 2,
  count: 1,
  kinds: { component: ['light'], deviceClass: ['battery'], device: ['<b>Lamp</b>'], area: ['Kitchen'] },
  entities: [],
  chosen: [
    {
      ...{ key: 'light.lamp', name: '<b>Lamp</b>', entityId: 'light.lamp', component: 'light', device: '' },
      ...{ area: 'Kitchen', unit: '', state: 'true', available: true },
    },
  ],
};

/** Contacts of an account, as the runtime would report them. */
const PEOPLE = {
  phase: 'online',
  account: 'bot@example.org',
  ready: true,
  callers: [{ jid: 'cleo@example.org', text: 'hello', at: 0 }],
  contacts: [
    { jid: 'anna@example.org', name: 'Anna', show: 'available', known: true },
    { jid: 'ben@example.org', name: '', show: 'dnd', known: true },
    { jid: 'dora@example.org', name: 'Dora', show: '', known: true },
    { jid: 'emil@example.org', name: 'Emil', show: '', known: false },
  ],
  rooms: [{ jid: 'team@conference.example.org', name: 'Team', from: 'joined' }],
};

for (const version of NODE_RED_VERSIONS) {
  describe(`accessible dialogs in Node-RED ${version}`, function () {
    this.timeout(180_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;

    before(async () => {
      [nodeRed, browser] = await Promise.all([
        startNodeRed({ version, linkPackage: true, flows: FLOWS }),
        EditorBrowser.launch(),
      ]);
    });
    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
    });

    /** What axe finds serious or critical below an element, in words. */
    async function faults({ page }: Editor, below: string, rules?: string[]): Promise<string[]> {
      // Node-RED's page has a body without height that hides what overflows: axe then takes every text for invisible.
      await page.evaluate(
        "for (const part of [document.documentElement, document.body]) part.style.height = '100%'",
      );
      if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
      const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
      const found = (await page.evaluate(
        `axe.run(${JSON.stringify(below)}, ${JSON.stringify(options)})`,
      )) as {
        violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
      };
      return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
        );
    }

    it(`has nothing for axe to say${version === '5' ? ', dark neither' : ''}`, async () => {
      const editor = await browser.open(nodeRed.url);
      /** The same dialog in the other theme, as Node-RED 5 itself changes it: only colours are new. */
      const inDark = async (name: string, below: string): Promise<void> => {
        const turn = (dark: boolean) =>
          editor.page.evaluate(`document.documentElement.classList.toggle('nr-theme-dark', ${dark})`);
        await turn(true);
        await editor.page.waitForFunction(
          "document.getAnimations().every((one) => one.playState !== 'running')",
        );
        assert.deepEqual(await faults(editor, below, COLOURS), [], `${name}, dark`);
        await editor.picture(`${version}-dark-${name}`);
        await turn(false);
      };
      const look = async (name: string, below = '.dinox-form'): Promise<void> => {
        await editor.unfold();
        assert.deepEqual(await faults(editor, below), [], name);
        await editor.picture(`${version}-light-${name}`);
        if (version === '5') await inDark(name, below);
      };
      await editor.editBroker('fresh');
      await editor.page.click('#dinox-test-button');
      await look('a broker with faults');
      await editor.page.locator('#node-config-input-host').fill('127.0.0.1');
      await editor.page.locator('#node-config-input-port').fill('1');
      await editor.page.click('#dinox-test-button');
      await editor.page.waitForSelector('#dinox-test[data-state=failed] pre', { timeout: 60_000 });
      await look('a failed test');
      await editor.cancelBroker();
      await editor.page.route('**/capabilities', (route) => route.fulfill({ json: PROSODY }));
      await editor.page.route('**/topics?*', (route) => route.fulfill({ json: { rows: ROWS } }));
      await editor.page.route('**/entities?*', (route) => route.fulfill({ json: ENTITIES }));
      for (const id of ['in', 'dynamic', 'out', 'history', 'history-alert', 'entity', 'every']) {
        await editor.edit(id);
        await look(id);
        await editor.cancel();
      }
      const day = new PreviewDay();
      await editor.page.route('**/alerts/*/preview', (route) =>
        day.answer(route.request().postDataJSON()).then((json) => route.fulfill({ json })),
      );
      await editor.edit('alert');
      await editor.page.locator('.dal-verdict.dal-fired').waitFor();
      await look('alert');
      await editor.cancel();
      await editor.page.route('**/people', (route) => route.fulfill({ json: PEOPLE }));
      for (const [id, field] of [
        ['chat-out', 'to'],
        ['chat-in', 'allow'],
      ] as const) {
        await editor.edit(id);
        await editor.node(field).locator('xpath=following-sibling::button').click();
        await editor.page.locator(`#node-input-${field}-people [role=option]`).first().waitFor();
        await look(id);
        await editor.cancel();
      }
      await editor.page.evaluate("RED.actions.invoke('dinox:take-over-mqtt')");
      await editor.page.waitForSelector('.dinox-take-over');
      await look('take over', '.ui-dialog:has(.dinox-take-over)');
      assert.deepEqual(editor.errors, []);
      await editor.close();
    });

    /** Visible text fields of the open dialog in which a text typed key by key does not arrive whole. */
    async function deaf({ page }: Editor): Promise<string[]> {
      const found: string[] = [];
      const fields = page.locator('.dinox-form').locator('input:visible, textarea:visible');
      for (const field of await fields.elementHandles()) {
        const isText = await field.evaluate(
          (one: HTMLInputElement) => /^(text|textarea|password|number)$/.test(one.type) && !one.readOnly,
        );
        if (!isText || !(await field.isEnabled())) continue;
        const before = await field.inputValue();
        await field.focus();
        await page.keyboard.press('Control+A');
        await page.keyboard.type('123');
        const value = await field.inputValue();
        if (!value.endsWith('123')) found.push(`${await field.getAttribute('id')}: "${value}"`);
        // Other fields come and go with it.
        await field.fill(before);
      }
      return found;
    }

    // The dialogs of both are the same ones.
    if (version === '5')
      it('takes what is typed, key by key, in every field', async () => {
        const editor = await browser.open(nodeRed.url);
        for (const id of ['house', 'chat']) {
          await editor.editBroker(id);
          await editor.unfold();
          assert.deepEqual(await deaf(editor), [], id);
          await editor.cancelBroker();
        }
        const nodes = ['in', 'out', 'alert', 'chat-out', 'chat-in', 'history', 'entity', 'every', 'bridge'];
        for (const id of nodes) {
          await editor.edit(id);
          await editor.unfold();
          assert.deepEqual(await deaf(editor), [], id);
          await editor.cancel();
        }
        assert.deepEqual(editor.errors, []);
        await editor.close();
      });

    it('greys out what the server cannot do, says why, and loses nothing of what was set', async () => {
      const editor = await browser.open(nodeRed.url);
      await editor.page.route('**/capabilities', (route) => route.fulfill({ json: PROSODY }));
      await editor.page.route('**/topics?*', (route) => route.fulfill({ json: { rows: ROWS } }));
      const server = (text: string, most = '0') =>
        text.replace('__server__', 'Prosody').replace('__most__', most);
      const note = (id: string) => editor.page.locator(`#node-input-${id}`);
      await editor.edit('in');
      await editor.unfold();
      await note('qos-limit').getByText(server(CANNOT_IN.qosLowered)).waitFor();
      assert.equal(await note('topic-limit').textContent(), server(CANNOT_IN.wildcards));
      assert.equal(await editor.node('qos').inputValue(), '2', 'what was chosen stays chosen');
      assert.equal(await editor.page.locator('#node-input-qos option[value="1"]').isDisabled(), true);
      assert.equal(await editor.node('nl').isDisabled(), true);
      assert.equal(await editor.node('manualAck').isDisabled(), true);
      await note('topic-about').getByText(TOPIC_IN.matches.replace('__count__', '2')).waitFor();
      assert.match(
        (await note('topic-about').textContent()) ?? '',
        /# stands for home and everything below it/,
      );
      const preview = editor.page.locator('.dinox-preview');
      assert.match((await preview.textContent()) ?? '', /home\/kitchen\/temperature: 22\.1 °C/);
      await editor.node('topic').fill('');
      await editor.node('topic').pressSequentially('home/');
      const offered = editor.page.locator('.dinox-completion');
      await offered.first().waitFor();
      assert.match((await offered.allTextContents()).join('\n'), /home\/<img src=x onerror=alert\(1\)>/);
      assert.equal(await editor.page.locator('.dinox-completion img').count(), 0, 'a topic is text');
      await editor.page.keyboard.press('Escape');
      await editor.node('topic').fill('home/#');
      await editor.save();
      const { qos, nl, rap } = await editor.valueOf('in');
      assert.deepEqual({ qos, nl, rap }, { qos: '2', nl: false, rap: true });
      await editor.edit('out');
      await editor.unfold();
      await note('retain-limit').getByText(server(CANNOT_OUT.retain)).waitFor();
      assert.equal(await editor.page.locator('#node-input-retain option[value="true"]').isDisabled(), true);
      assert.equal(await editor.node('contentType').isDisabled(), true);
      await editor.cancel();
      await editor.close();
    });
  });
}
