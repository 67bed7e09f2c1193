/**
 * Bots that tell their status: somebody begins with an empty Node-RED, makes a connection, ticks *Report this bot's
 * status*, and sees it in the sidebar beside those of others.
 */
import assert from 'node:assert/strict';
import { connect, type MqttClient } from 'mqtt';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';
import { AXE } from './in-page';

describe('bots, from an empty Node-RED', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let browser: EditorBrowser;
  let nodeRed: NodeRed;
  let editor: Editor;
  let canvas: Canvas;
  let other: MqttClient;

  const tell = (level: string, status: object) =>
    other.publishAsync(`dinox/bots/status/${level}`, JSON.stringify(status), { qos: 1, retain: true });

  before(async function () {
    this.timeout(180_000);
    mosquitto = await startMosquitto();
    other = connect(`mqtt://${mosquitto.host}:${mosquitto.port}`);
    const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
    await tell('garage', {
      id: 'garage',
      name: 'Garage',
      status: 'online',
      time: ago(3_600_000),
      interval: 300,
    });
    await tell('mine', {
      id: 'other',
      name: '<img src=x onerror=alert(1)>',
      status: 'online',
      interval: 300,
    });
    await other.publishAsync('dinox/desk/availability', 'online', { qos: 1, retain: true });
    nodeRed = await startNodeRed({ version: '4', linkPackage: true });
    browser = await EditorBrowser.launch();
    editor = await browser.open(nodeRed.url);
    editor.page.setDefaultTimeout(15_000);
    canvas = new Canvas(editor.page);
  });

  after(async () => {
    await other?.endAsync();
    await browser?.close();
    await nodeRed?.stop();
    await mosquitto?.stop();
  });

  afterEach(() => assert.deepEqual(editor.errors.splice(0), [], 'the page has errors'));

  it('a box in the dialog of the connection reports the status', async () => {
    const { page } = editor;
    const id = await canvas.drag('dinox-mqtt-in', 250, 100);
    await canvas.open(id, 'double click');
    await page.fill('#node-input-topic', 'home/#');
    await editor.typeNewBroker(canvas, mosquitto);
    assert.equal(await editor.broker('botId').isVisible(), false);
    await editor.broker('botStatus').check();
    await editor.broker('botId').fill('kitchen/1');
    await editor.broker('botName').fill('Kitchen bot');
    await editor.broker('willTopic').fill('my/will');
    await page.waitForSelector('#dinox-note-bot-will:not([hidden])');
    await editor.broker('willTopic').fill('');
    await page.waitForSelector('#dinox-note-bot-will[hidden]', { state: 'attached' });
    await canvas.leave('#node-config-dialog-ok');
    await canvas.leave('#node-dialog-ok');
    await editor.deploy();
    await nodeRed.until('connected', () => nodeRed.statusesOf(id).at(-1)?.fill === 'green', 15_000);
  });

  it('the sidebar shows it, and those of others: silent, forged, and DinoX itself', async () => {
    const { page } = editor;
    await page.evaluate(AXE);
    await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
    await page.click('#dinox-sidebar-tab-connections');
    const bots = page.locator('.dxs-heard-bots li');
    await page.locator('.dxs-heard-bots li[aria-label="Kitchen bot: online"]').waitFor();
    await page.waitForFunction("document.querySelectorAll('.dxs-heard-bots li').length === 4");
    const labels = await bots.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    assert.deepEqual(labels, ['desk: online', 'Garage: silent', 'Kitchen bot: online', 'mine: forged']);
    assert.match(String(await page.locator('.dxs-bot-silent').textContent()), /last seen: 1 h/);
    assert.match(String(await page.locator('.dxs-bot-forged').textContent()), /names another bot/);
    assert.match(String(await bots.nth(2).textContent()), /0 received, 0 sent, 0 errors · this Node-RED/);
    const heading = page.locator('section[aria-label="Bots on this server"] h2');
    assert.equal(await heading.textContent(), 'Bots on the server: 2 of 3 online');
    assert.deepEqual(await editor.faults('.dinox-sidebar'), [], 'axe on the bots');
    await editor.picture('bots-light');
    await editor.theme(true);
    await editor.picture('bots-dark');
    await editor.theme(false);
    await tell('garage', { id: 'garage', name: 'Garage', status: 'error', interval: 300 });
    await page.locator('.dxs-heard-bots li[aria-label="Garage: error"]').waitFor();
    await other.publishAsync('dinox/bots/status/mine', '', { qos: 1, retain: true });
    await page.waitForFunction("document.querySelectorAll('.dxs-heard-bots li').length === 3");
  });

  it('a bridge from the palette: a rule is typed, what is wrong is said at once, and what matters is shown', async () => {
    const { page } = editor;
    const id = await canvas.drag('dinox-bridge', 250, 200);
    await canvas.open(id, 'double click');
    const field = (name: string, rule = 1) => page.locator(`#dinox-rule-${rule}-${name}`);
    await field('to').fill('house@rooms.example.org/nick');
    await field('filter').fill('home/#/x');
    await page.waitForFunction("$('.dinox-rule-fault').text().includes('Topic filter')");
    assert.match(
      String(await page.locator('.dinox-rule-fault').textContent()),
      /Topic filter: .*Person or room: /,
    );
    await field('to').fill('house@rooms.example.org');
    await field('filter').fill('home/#');
    await page.waitForFunction("$('.dinox-rule-fault').text() === ''");
    await field('direction').selectOption('toMqtt');
    assert.equal(await field('filter').isVisible(), false);
    await field('direction').selectOption('toChat');
    assert.deepEqual([await field('topic').isVisible(), await field('filter').isVisible()], [false, true]);
    await page.click('#dinox-rule-add');
    await field('to', 2).fill('house@rooms.example.org');
    await field('filter', 2).fill('home/#');
    await page.waitForFunction("$('.dinox-rule-fault').last().text().includes('same pair as in rule 1')");
    assert.deepEqual(await editor.faults('.dinox-form'), [], 'axe on the rules');
    await editor.picture('bridge-dialog');
    await page.locator('.dinox-rule').nth(1).locator('.dinox-rule-head button').click();
    await canvas.leave('#node-dialog-ok');
    const rules = (await canvas.property(id, 'rules')) as Record<string, string>[];
    assert.deepEqual(
      rules.map(({ to, filter, direction, format }) => [to, filter, direction, format]),
      [['house@rooms.example.org', 'home/#', 'toChat', 'short']],
    );
    await editor.deploy();
    // The connection has no account.
    await nodeRed.until('it says so', () => nodeRed.statusesOf(id).at(-1)?.fill === 'grey', 15_000);
  });

  it('xmpp-in that answers: topics and devices are typed, what is wrong is said at once, and the table is kept', async () => {
    const { page } = editor;
    const id = await canvas.drag('xmpp-in', 250, 300);
    await canvas.open(id, 'double click');
    await page.locator('#node-input-allow').fill('anna@example.org');
    const topics = page.locator('#node-input-answerTopics');
    await topics.fill('home/#/x');
    assert.match(await editor.reasonFor('node-input-answerTopics'), /home\/#\/x/);
    await topics.fill('home/#\nzigbee2mqtt/#');
    const field = (name: string, row = 1) => page.locator(`#dinox-rule-${row}-${name}`);
    await field('name').fill('light living room');
    await field('topic').fill('home/+/set');
    await page.waitForFunction("$('.dinox-rule-fault').text().includes('Topic: ')");
    await field('topic').fill('home/light/set');
    await page.waitForFunction("$('.dinox-rule-fault').text() === ''");
    await field('allow').fill('anna@example.org');
    await page.click('#dinox-actuator-add');
    await page.keyboard.type('Wohnzimmerlicht');
    await page.keyboard.press('Tab');
    await page.keyboard.type('home/lamp/set');
    await page.waitForFunction("$('.dinox-rule-fault').last().text().includes('same name as in row 1')");
    await field('name', 2).fill('heating');
    await field('payload', 2).fill('{"target": {{value}}}');
    await field('retain', 2).selectOption('true');
    // A device that announces itself for Home Assistant is found by its name.
    const announced = { name: 'Lamp', unique_id: '0xa1', command_topic: 'k/lamp/set' };
    await other.publishAsync('homeassistant/light/a1/config', JSON.stringify(announced), { retain: true });
    await page.click('#dinox-actuator-add');
    await field('entity', 3).pressSequentially('lam');
    await page.locator('.red-ui-autoComplete-container').getByText('Lamp').click();
    await page.waitForFunction("$('#dinox-rule-3-name').val() === 'Lamp'");
    assert.equal(await field('entity', 3).inputValue(), 'light.0xa1');
    assert.equal(await field('topic', 3).isVisible(), false, 'its device says on which topic');
    await field('allow', 3).fill('anna@example.org');
    await page.locator('#node-input-publishAllow').fill('anna@example.org');
    await page.waitForFunction("$('.dinox-rule-fault').text() === ''");
    assert.deepEqual(await editor.faults('.dinox-form'), [], 'axe on the devices');
    await editor.picture('answers-dialog');
    await canvas.leave('#node-dialog-ok');
    assert.equal(await canvas.property(id, 'answerTopics'), 'home/#\nzigbee2mqtt/#');
    assert.deepEqual(await canvas.property(id, 'actuators'), [
      {
        ...{ name: 'light living room', topic: 'home/light/set', payload: '{{value}}' },
        ...{ allow: 'anna@example.org', qos: '1', retain: false },
      },
      {
        ...{ name: 'heating', topic: 'home/lamp/set', payload: '{"target": {{value}}}' },
        ...{ allow: '', qos: '1', retain: true },
      },
      { name: 'Lamp', entity: 'light.0xa1', allow: 'anna@example.org' },
    ]);
  });
});
