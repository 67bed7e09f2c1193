/** *DinoX: take over the selected MQTT nodes*, and a deploy of what comes of it on a broker that wants a login. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import english from '../../src/nodes/dinox-broker/locales/en-US.json';
import { broker, type Flow, mqttIn, mqttOut, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { ensureServers, type Mosquitto, startMosquitto } from '../support/servers/index';
import { type Editor, EditorBrowser } from './editor';

const TEXT = english['dinox-broker'].takeOver;
const LOGIN = { user: 'house', password: 'only-mosquitto-knows' };
const TYPES = { cellar: 'mqtt-broker', in: 'mqtt in', far: 'mqtt in', out: 'mqtt out' };
const OURS = { cellar: 'dinox-broker', in: 'dinox-mqtt-in', far: 'dinox-mqtt-in', out: 'dinox-mqtt-out' };

const BY_NAME = '$' + '{BROKER}';

/** A subflow that hands its broker down to core's nodes; one instance has another broker. One node has none at all. */
const handedDown = (port: number): Flow => [
  tab(),
  broker(port, 5, { id: 'cellar', name: 'Cellar' }),
  broker(port, 4, { id: 'attic', name: 'Attic' }),
  {
    ...{
      id: 'sub',
      type: 'subflow',
      name: 'Both',
      info: '',
      category: '',
      in: [],
      out: [],
      meta: {},
      color: '#DDAA99',
    },
    env: [{ name: 'BROKER', type: 'mqtt-broker', value: 'cellar', ui: { type: 'conf-types' } }],
  },
  mqttIn('inner-in', 'handed/asked', 'inner-change', { z: 'sub', broker: BY_NAME }),
  node('change', 'inner-change', {
    ...{ z: 'sub', x: 300, wires: [['inner-out']] },
    rules: [{ t: 'set', p: 'topic', pt: 'msg', to: 'handed/answer', tot: 'str' }],
  }),
  mqttOut('inner-out', { z: 'sub', x: 500, broker: BY_NAME, qos: '1', topic: '' }),
  node('subflow:sub', 'first', { env: [] }),
  node('subflow:sub', 'second', { y: 200, env: [{ name: 'BROKER', type: 'conf-type', value: 'attic' }] }),
  mqttIn('lonely', 'x', '', { broker: '', y: 300 }),
  mqttIn('elsewhere', 'x', '', { broker: '$' + '{NOT_SET_HERE}', y: 400 }),
];
const OF_HANDED_DOWN = ['cellar', 'attic', 'inner-in', 'inner-out', 'lonely', 'elsewhere'];

const flowsFor = (port: number): Flow => [
  tab(),
  { id: 'attic', type: 'tab', label: 'Attic' },
  broker(port, 5, { id: 'cellar', name: 'Cellar' }),
  broker(port, 4, { id: 'foreign', name: 'Foreign', autoConnect: false }),
  { id: 'group', type: 'group', z: 'tab', name: 'G', style: {}, nodes: ['in'], x: 60, y: 60, w: 200, h: 80 },
  mqttIn('in', 'cellar/+', 'through', { broker: 'cellar', g: 'group', name: 'All of it', qos: '1' }),
  mqttIn('far', 'cellar/far', 'junction', { z: 'attic', broker: 'cellar' }),
  node('junction', 'junction', { z: 'attic', wires: [[]] }),
  node('change', 'through', {
    x: 300,
    rules: [{ t: 'set', p: 'topic', pt: 'msg', to: 'answer/back', tot: 'str' }],
    wires: [['out']],
  }),
  node('inject', 'inject', {
    y: 300,
    props: [{ p: 'payload' }],
    payload: '1',
    payloadType: 'str',
    once: false,
    wires: [['out']],
  }),
  mqttOut('out', { x: 500, broker: 'cellar', qos: '1', topic: 'answer/back' }),
];

for (const version of NODE_RED_VERSIONS) {
  describe(`take over in Node-RED ${version}`, function () {
    this.timeout(90_000);
    let mosquitto: Mosquitto;
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;
    let flows: Flow;

    before(async function () {
      this.timeout(180_000);
      const { available, missing } = (await ensureServers()).debian12;
      if (!available) {
        process.stdout.write(`SKIPPED SUITE: take over: ${missing.join('; ')}\n`);
        this.skip();
      }
      mosquitto = await startMosquitto({ users: { [LOGIN.user]: LOGIN.password } });
      flows = flowsFor(mosquitto.port);
      [nodeRed, browser] = await Promise.all([
        startNodeRed({ version, linkPackage: true, flows, credentials: { cellar: LOGIN } }),
        EditorBrowser.launch(),
      ]);
      editor = await browser.open(nodeRed.url);
    });

    after(async () => {
      await browser?.close();
      await Promise.all([nodeRed?.stop(), mosquitto?.stop()]);
    });

    afterEach(() => assert.deepEqual(editor.errors.splice(0), [], 'the page has errors'));

    const types = async (): Promise<Record<string, string>> => {
      const nodes = JSON.parse(await editor.exported()) as Flow;
      return Object.fromEntries(nodes.filter(({ id }) => id in TYPES).map(({ id, type }) => [id, type]));
    };
    const content = () => editor.page.locator('.dinox-take-over');
    const button = (text: string) =>
      editor.page.locator('.ui-dialog:has(.dinox-take-over) .ui-dialog-buttonpane button', { hasText: text });
    const select = (...ids: string[]) =>
      editor.page.evaluate(
        `RED.view.select({ nodes: ${JSON.stringify(ids)}.map((id) => RED.nodes.node(id)) })`,
      );
    const act = () => editor.page.evaluate("RED.actions.invoke('dinox:take-over-mqtt')");

    it('says what changes, what differs and what comes along before it does anything', async () => {
      const actions = (await editor.page.evaluate('RED.actions.list()')) as { id: string; label?: string }[];
      assert.ok(actions.some(({ id }) => id === 'dinox:take-over-mqtt'));
      await select('in', 'through');
      await editor.page.click('#red-ui-header-button-sidemenu');
      await editor.page.hover('#menu-item-edit-menu');
      await editor.page.click('#menu-item-dinox-take-over');
      await content().waitFor();
      const text = (await content().textContent()) ?? '';
      for (const words of [
        'Cellar',
        'All of it',
        'mqtt in → dinox-mqtt-in',
        TEXT.changes.replace('__count__', '4'),
        TEXT.drawnIn.replace('__count__', '2'),
        TEXT.difference.queue,
      ]) {
        assert.ok(text.includes(words), `${words}: ${text}`);
      }
      assert.ok(!text.includes('Foreign'));
      await editor.picture(`${version}-take-over`);
      await button(TEXT.cancel).click();
      await content().waitFor({ state: 'detached' });
      assert.deepEqual(await types(), TYPES);
      assert.equal(await editor.page.evaluate('RED.nodes.dirty()'), false);
    });

    it('exchanges the types and nothing else, and takes it back in one step', async () => {
      const before = JSON.parse(await editor.exported()) as Flow;
      await select('in');
      await act();
      await button(TEXT.confirm).click();
      assert.deepEqual(await types(), OURS);
      const after = JSON.parse(await editor.exported()) as Flow;
      for (const one of before) {
        const now = after.find(({ id }) => id === one.id) ?? {};
        const type = one.id in OURS ? OURS[one.id as keyof typeof OURS] : one.type;
        const kept = Object.fromEntries(Object.keys(one).map((key) => [key, (now as Flow[number])[key]]));
        assert.deepEqual(kept, { ...one, type });
      }
      assert.equal(await editor.page.evaluate("RED.nodes.node('cellar').users.length"), 3);
      assert.equal(
        await editor.page.evaluate("RED.nodes.group('group').nodes[0] === RED.nodes.node('in')"),
        true,
      );
      const colour = () =>
        editor.page
          .locator('#in .red-ui-flow-node, .red-ui-flow-node-group#in rect.red-ui-flow-node')
          .first()
          .getAttribute('fill');
      const ours = await colour();
      await editor.page.evaluate("RED.actions.invoke('core:undo')");
      assert.deepEqual(await types(), TYPES);
      const sorted = (all: Flow): Flow => [...all].sort((a, b) => a.id.localeCompare(b.id));
      assert.deepEqual(sorted(JSON.parse(await editor.exported()) as Flow), sorted(before));
      assert.notEqual(await colour(), ours, 'the node looks like its kind again');
      assert.equal(await editor.page.evaluate("RED.nodes.node('cellar').users.length"), 3);
      await editor.page.evaluate("RED.actions.invoke('core:redo')");
      assert.deepEqual(await types(), OURS);
      assert.equal(await colour(), ours);
      assert.deepEqual(sorted(JSON.parse(await editor.exported()) as Flow), sorted(after));
      await editor.picture(`${version}-taken-over`);
    });

    it('still logs in after the deploy, with the login that the browser never saw', async () => {
      await editor.deploy();
      const { json } = await nodeRed.adminApi('GET', '/flows');
      const deployed = (json.flows as Flow).filter(({ id }) => id in OURS);
      assert.deepEqual(Object.fromEntries(deployed.map(({ id, type }) => [id, type])), OURS);
      const stored = JSON.parse(readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8'));
      assert.deepEqual(stored.cellar, LOGIN);
      await nodeRed.until(
        'ours is connected',
        () =>
          nodeRed.logLines('info').some(({ text }) => text.includes('[dinox-broker:Cellar] Connected to')),
        30_000,
      );
      // In by ours, through the wires that were there before, and out by ours; retained, should it not listen yet.
      const house = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, {
        username: LOGIN.user,
        password: LOGIN.password,
      });
      try {
        await house.subscribeAsync('answer/back');
        const answer = new Promise((resolve) => house.once('message', resolve));
        await house.publishAsync('cellar/asked', '1', { retain: true });
        await answer;
      } finally {
        await house.endAsync(true);
      }
      await editor.editBroker('cellar');
      assert.equal(await editor.broker('user').inputValue(), LOGIN.user);
      assert.equal(await editor.broker('password').inputValue(), '__PWRD__');
      await editor.cancelBroker();
    });

    it('takes all there is where nothing is selected, and leaves a broker that others use too', async () => {
      await nodeRed.deploy(
        [
          ...flows,
          mqttIn('other', 'x', 'through', { broker: 'foreign', y: 400 }),
          node('dinox-mqtt-in', 'ours', { topic: 'x', broker: '', y: 500 }),
        ],
        { cellar: LOGIN },
      );
      await editor.load(nodeRed.url);
      // As a node of another package does that names core's broker.
      await editor.page.evaluate("RED.nodes.node('foreign').users.push(RED.nodes.node('through'))");
      await act();
      const text = (await content().textContent()) ?? '';
      assert.ok(text.includes(TEXT.leadAll), text);
      assert.match(text, /Foreign stays/);
      await button(TEXT.confirm).click();
      assert.deepEqual(await types(), OURS);
      assert.equal(await editor.page.evaluate("RED.nodes.node('foreign').type"), 'mqtt-broker');
      assert.equal(await editor.page.evaluate("RED.nodes.node('other').type"), 'mqtt in');
    });

    it('takes along what hands a broker down, and nodes without one; only a name that nobody sets stays', async () => {
      await editor.page.goto('about:blank');
      await nodeRed.deploy(handedDown(mosquitto.port), { cellar: LOGIN, attic: LOGIN });
      await editor.load(nodeRed.url);
      const all = async (): Promise<Flow> => JSON.parse(await editor.exported()) as Flow;
      const typesOf = async (): Promise<string[]> => {
        const nodes = await all();
        return OF_HANDED_DOWN.map((id) => nodes.find((one) => one.id === id)?.type ?? '');
      };
      const variable = async () => (await all()).find(({ id }) => id === 'sub')?.env;
      const before = { types: await typesOf(), variable: await variable() };
      await act();
      const text = (await content().textContent()) ?? '';
      assert.match(text, /Both passes its broker on/);
      assert.ok(text.includes(TEXT.left.unknown.replace('__name__', 'x')), text);
      await button(TEXT.confirm).click();
      const ours = [
        'dinox-broker',
        'dinox-broker',
        'dinox-mqtt-in',
        'dinox-mqtt-out',
        'dinox-mqtt-in',
        'mqtt in',
      ];
      assert.deepEqual(await typesOf(), ours);
      assert.equal(((await variable()) as Flow)[0]?.type, 'dinox-broker');
      assert.equal(await editor.page.evaluate("RED.nodes.node('attic').users.length"), 1);
      await editor.page.evaluate("RED.actions.invoke('core:undo')");
      assert.deepEqual({ types: await typesOf(), variable: await variable() }, before);
      await editor.page.evaluate("RED.actions.invoke('core:redo')");
      assert.deepEqual(await typesOf(), ours);
      assert.equal(((await variable()) as Flow)[0]?.type, 'dinox-broker');

      await editor.deploy();
      const house = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, {
        username: LOGIN.user,
        password: LOGIN.password,
      });
      try {
        await house.subscribeAsync('handed/answer');
        let answers = 0;
        house.on('message', () => {
          answers += 1;
        });
        await house.publishAsync('handed/asked', '1', { retain: true });
        await nodeRed.until('both instances answer', () => answers === 2, 20_000);
      } finally {
        await house.endAsync(true);
      }
    });

    it('takes a selected node that has no broker, and does not say that there is none', async () => {
      await editor.page.goto('about:blank');
      await nodeRed.deploy([tab(), mqttIn('lonely', 'x', '', { broker: '' })]);
      await editor.load(nodeRed.url);
      await select('lonely');
      await act();
      await button(TEXT.confirm).click();
      assert.equal(await editor.page.evaluate("RED.nodes.node('lonely').type"), 'dinox-mqtt-in');
    });
  });
}
