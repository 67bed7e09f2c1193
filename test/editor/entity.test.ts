/**
 * An entity of Home Assistant by its name: somebody begins with an empty Node-RED, drags the node, makes a connection,
 * finds *Kitchen window*, which a device has announced on a real Mosquitto, and gets `true`.
 */
import assert from 'node:assert/strict';
import { connect, type MqttClient } from 'mqtt';
import { type Flow, node } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';
import { AXE, NARROW } from './in-page';

const WINDOW = {
  name: 'Window',
  unique_id: '0xa1_contact',
  device_class: 'window',
  state_topic: 'home/kitchen/contact',
  payload_on: 'open',
  payload_off: 'closed',
  device: { identifiers: ['0xa1'], name: 'Kitchen', suggested_area: 'Ground floor' },
};

const battery = (room: string, id: string) => ({
  name: 'Battery',
  unique_id: `${id}_battery`,
  device_class: 'battery',
  unit_of_measurement: '%',
  state_topic: `home/${room.toLowerCase()}`,
  value_template: '{{ value_json.battery }}',
  device: { identifiers: [id], name: room },
});

for (const version of NODE_RED_VERSIONS) {
  describe(`an entity by its name, from an empty Node-RED ${version}`, function () {
    this.timeout(60_000);
    let mosquitto: Mosquitto;
    let browser: EditorBrowser;
    let nodeRed: NodeRed;
    let editor: Editor;
    let canvas: Canvas;
    let device: MqttClient;
    let id = '';

    const publish = (topic: string, payload: string | object) =>
      device.publishAsync(topic, typeof payload === 'string' ? payload : JSON.stringify(payload), {
        qos: 1,
        retain: true,
      });

    before(async function () {
      this.timeout(180_000);
      mosquitto = await startMosquitto();
      device = connect(`mqtt://${mosquitto.host}:${mosquitto.port}`);
      await publish('homeassistant/binary_sensor/0xa1/contact/config', WINDOW);
      await publish('home/kitchen/contact', 'open');
      await publish('homeassistant/sensor/0xa1/battery/config', battery('Kitchen', '0xa1'));
      await publish('home/kitchen', { battery: 80 });
      nodeRed = await startNodeRed({ version, linkPackage: true });
      browser = await EditorBrowser.launch();
      // As a person sees it: without the slide, Node-RED moves the focus while the search is being typed.
      editor = await browser.open(nodeRed.url, { moving: true });
      editor.page.setDefaultTimeout(10_000);
      canvas = new Canvas(editor.page);
    });

    after(async () => {
      await device?.endAsync();
      await browser?.close();
      await nodeRed?.stop();
      await mosquitto?.stop();
    });

    afterEach(() => assert.deepEqual(editor.errors.splice(0), [], 'the page has errors'));

    const stored = async () => (await nodeRed.adminApi('GET', '/flows')).json.flows as Flow;
    const about = () => editor.page.locator('#dinox-entities-state');

    it('with nothing: the dialog says what to do, and makes the connection', async () => {
      const { page } = editor;
      id = await canvas.drag('dinox-ha-entity', 250, 100);
      await canvas.open(id, 'double click');
      await page.waitForFunction("$('#dinox-entities-state').text().includes('Choose a connection')");
      await editor.typeNewBroker(canvas, mosquitto);
      await canvas.leave('#node-config-dialog-ok');
      await page.waitForFunction("$('#dinox-entities-state').text().startsWith('Deploy the connection')");
      await canvas.leave('#node-dialog-ok');
      await editor.deploy();
      await nodeRed.until('connected', () => nodeRed.statusesOf(id).at(-1)?.text === 'no entity yet', 15_000);
    });

    it('finds it by name, with its state, and takes it with the keyboard', async () => {
      const { page } = editor;
      await canvas.open(id, 'double click');
      await page.waitForFunction("$('#dinox-entities-state').text().startsWith('2 entities')");
      const offered = page.locator('.red-ui-autoComplete-container a');
      const search = editor.node('search');
      // An answer to what was typed before would take the place of the list.
      const answered = page.waitForResponse((answer) => /[?&]q=ground(?:\+|%20)win\b/.test(answer.url()));
      // The first question makes the state known, the next one shows it.
      await search.pressSequentially('ground win', { delay: 20 });
      await answered;
      await offered.first().waitFor();
      const words = await offered.allTextContents();
      assert.deepEqual(words.length, 1);
      assert.match(String(words[0]), /^Kitchen Window.*Ground floor/);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      const chosen = page.locator('#dinox-entities li');
      await page.waitForFunction("$('#dinox-entities li').text().includes('true')");
      assert.deepEqual(await chosen.allTextContents(), ['Kitchen WindowGround floor · binary_sensortrue']);
      assert.equal(await search.inputValue(), '', 'free for the next one');
      await canvas.leave('#node-dialog-ok');
      assert.deepEqual(await canvas.property(id, 'entities'), ['binary_sensor.0xa1_contact']);
      await editor.deploy();
    });

    it('true comes out', async () => {
      const flow = await stored();
      const mine = flow.find((one) => one.id === id);
      assert.ok(mine);
      await nodeRed.deploy([
        ...flow.map((one) => (one === mine ? { ...one, wires: [['seen']] } : one)),
        node('debug', 'seen', { z: mine.z, active: true, tosidebar: true, complete: 'true' }),
      ]);
      const seen = await nodeRed.until('the state', () => nodeRed.comms.debugMessages().at(-1));
      const msg = JSON.parse(String(seen.msg)) as Record<string, unknown>;
      assert.deepEqual(
        { ...msg, _msgid: '' },
        {
          _msgid: '',
          topic: 'binary_sensor.kitchen_window',
          payload: true,
          unit: '',
          name: 'Kitchen Window',
          entity: 'binary_sensor.0xa1_contact',
          device: 'Kitchen',
          area: 'Ground floor',
          available: true,
          attributes: {},
          raw: 'open',
          changed: true,
          known: true,
        },
      );
      await publish('home/kitchen/contact', 'closed');
      await nodeRed.until('closed', () =>
        nodeRed.comms.debugMessages().some(({ msg: one }) => JSON.parse(String(one)).payload === false),
      );
      // The name stands on the node, its state below.
      await nodeRed.until('the state below', () => nodeRed.statusesOf(id).at(-1)?.text === 'false');
    });

    it('all of a kind: the dialog says what it takes, and a new one is included', async () => {
      const { page } = editor;
      await editor.load(nodeRed.url);
      await canvas.open(id, 'keyboard');
      await page.selectOption('#node-input-mode', 'filter');
      const kind = editor.node('deviceClass');
      await kind.click();
      await kind.pressSequentially('bat', { delay: 20 });
      const offered = page.locator('.red-ui-autoComplete-container a');
      await offered.first().waitFor();
      assert.deepEqual(await offered.allTextContents(), ['battery']);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForFunction("$('#dinox-entities-state').text().startsWith('Matches 1 of 2')");
      assert.match(String(await about().textContent()), /Kitchen Battery/);
      await canvas.leave('#node-dialog-ok');
      await editor.deploy();
      const values = () =>
        nodeRed.comms
          .debugMessages()
          .map(({ msg }) => JSON.parse(String(msg)) as { name: string; payload: unknown })
          .map(({ name, payload }) => `${name} ${payload}`);
      await nodeRed.until('the battery', () => values().includes('Kitchen Battery 80'));
      await publish('homeassistant/sensor/0xb2/battery/config', battery('Bath', '0xb2'));
      await publish('home/bath', { battery: 9 });
      await nodeRed.until('the new one', () => values().includes('Bath Battery 9'));
    });

    it('a history finds the topic of an entity by its name, and offers the numbers in its JSON', async () => {
      const { page } = editor;
      await publish('home/kitchen', { battery: 80, voltage: 3.1 });
      const history = await canvas.drag('dinox-history', 250, 250);
      await canvas.open(history, 'double click');
      const offered = page.locator('.red-ui-autoComplete-container a:visible');
      const take = async (property: string, typed: string, offer: string): Promise<void> => {
        await editor.node(property).click();
        await editor.node(property).pressSequentially(typed, { delay: 20 });
        await offered.getByText(offer, { exact: true }).click();
        await offered.first().waitFor({ state: 'hidden' });
      };
      // The topic itself is offered, too, as far as it was received.
      await editor.node('topic').click();
      await editor.node('topic').pressSequentially('kitchen ba', { delay: 20 });
      await offered.getByText('home/kitchen · battery', { exact: true }).waitFor();
      let answer = (): void => {};
      const isTaken = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route('**/entities?*', (route) => isTaken.then(() => route.continue()));
      const asked = page.waitForRequest('**/entities?*');
      await editor.node('topic').pressSequentially('t');
      const late = (await asked).response();
      await offered.getByText('home/kitchen · battery', { exact: true }).click();
      await offered.first().waitFor({ state: 'hidden' });
      answer();
      await late;
      await page.waitForTimeout(200);
      assert.equal(await offered.count(), 0, 'an answer after the choice opens no list anew');
      await page.unroute('**/entities?*');
      assert.equal(await editor.node('topic').inputValue(), 'home/kitchen');
      assert.equal(await editor.node('field').inputValue(), 'battery');
      await editor.node('field').fill('');
      await take('field', 'vol', 'voltage');
      await canvas.leave('#node-dialog-ok');
      assert.equal(await canvas.property(history, 'field'), 'voltage');
    });

    describe('in the sidebar', () => {
      const lines = () => editor.page.locator('.dxs-devices .dxs-item:not([hidden])');
      const line = (name: string) =>
        editor.page.locator(`.dxs-devices .dxs-line[aria-label^=${JSON.stringify(`${name},`)}]:visible`);
      const foot = () => editor.page.locator('.dxs-devices .dxs-count');
      const search = () => editor.page.locator('.dxs-devices-tools .dxs-search');
      const axe = async (what: string): Promise<void> =>
        assert.deepEqual(await editor.faults('.dinox-sidebar'), [], `axe on ${what}`);

      it('devices stand below their area, with their entities, states and units', async () => {
        const { page } = editor;
        await page.evaluate(AXE);
        // As narrow as Node-RED 5 makes it, where two panels stand one above the other.
        await page.evaluate(NARROW);
        await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
        await page.click('#dinox-sidebar-tab-devices');
        await line('Battery, 80 %').waitFor();
        await line('Window, closed').waitFor();
        await line('Battery, 9 %').waitFor();
        const texts = (await lines().allTextContents()).map((text) => text.replace(/(now|\d+ s)$/, ''));
        assert.deepEqual(texts, [
          'Ground floor',
          'Kitchen',
          'Windowclosed',
          'Battery80%',
          'No area',
          'Bath',
          'Battery9%',
        ]);
        assert.equal(await foot().textContent(), '3 entities');
        await publish('home/kitchen', { battery: 79 });
        await line('Battery, 79 %').waitFor();
        await axe('devices');
        await editor.picture(`devices-${version}-light`);
        await editor.theme(true);
        await editor.picture(`devices-${version}-dark`);
        await editor.theme(false);
        assert.ok(
          await page.evaluate(
            "(() => { const list = document.querySelector('.dxs-devices .dxs-list'); return list.scrollWidth <= list.clientWidth; })()",
          ),
          'it fits',
        );
      });

      it('a device of several topics has one card among the topics, which lives, and opens to them', async () => {
        const { page } = editor;
        const announcement = 'homeassistant/sensor/0xa1/temperature/config';
        const card = (words = '') =>
          page.locator(`.dxs-device:not([hidden])[aria-label^="Kitchen, Ground floor, ${words}"]`);
        const seen = page.locator('.dxs-topics .dxs-tile:visible');
        const find = page.locator('.dxs-topics-tools .dxs-search');
        await page.click('#dinox-sidebar-tab-topics');
        await page.click('.dxs-menu-button');
        await page.locator('.dxs-menu button', { hasText: 'Explore' }).click();
        await card('Window closed, Battery 79 %').waitFor();
        await publish(announcement, {
          ...{ unique_id: '0xa1_t', device_class: 'temperature' },
          ...{ state_topic: 'home/kitchen/temperature', unit_of_measurement: '°C' },
          ...{ availability_topic: 'home/kitchen/there', device: WINDOW.device },
        });
        await publish('home/kitchen/there', 'online');
        await publish('tasmota/discovery/DC4F22AABBCC/config', { ip: '192.0.2.7', dn: 'Kitchen plug' });
        await publish('home/kitchen/temperature', '21.5');
        await card('Temperature 21.5 °C, Window closed, Battery 79 %').waitFor();
        await publish('home/kitchen/temperature', '22');
        await card('Temperature 22 °C').locator('.dxs-value', { hasText: /^22$/ }).waitFor();
        await page.waitForFunction(
          "document.querySelector('.dxs-device:not([hidden]) .dxs-spark-line')?.getAttribute('d')",
        );
        await axe('a card');
        await editor.picture(`card-${version}-light`);
        await editor.theme(true);
        await editor.picture(`card-${version}-dark`);
        await editor.theme(false);
        if (version === '4') {
          const german = await browser.open(nodeRed.url, { language: 'de' });
          await german.page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
          await german.page.locator('.dxs-device[aria-label*="Temperatur 22"]').waitFor();
          await german.page.click('#dinox-sidebar-tab-devices');
          await german.page.locator('.dxs-line[aria-label^="Temperatur, 22"]').waitFor();
          await german.picture('card-german');
          await german.close();
        }
        await publish('home/kitchen/there', 'offline');
        await card().locator('.dxs-age', { hasText: 'offline' }).waitFor();
        await axe('a card that is away');
        for (const [asked, found] of [
          ['DC4F22', 0],
          ['discovery/DC4F22', 1],
          ['contact', 1],
        ] as const) {
          await find.fill(asked);
          await page.waitForFunction(`$('.dxs-topics .dxs-tile:visible').length === ${found}`);
        }
        assert.match((await seen.getAttribute('aria-label')) ?? '', /^home\/kitchen\/contact,/);
        await find.fill('kitchen');
        await card().click();
        await page.waitForFunction("$('.dxs-topics .dxs-tile:visible').length === 4");
        assert.equal(await page.locator('.dxs-device-bar h3').textContent(), 'Kitchen');
        // What differs: the device's name stands above, and the whole one in the tooltip.
        const names = await seen.locator('.dxs-name').allTextContents();
        assert.ok(
          names.includes('Temperature') && !names.some((one) => one.startsWith('Kitchen ')),
          `${names}`,
        );
        assert.match(
          (await seen.locator(':scope[title*="Kitchen Temperature"]').first().getAttribute('title')) ?? '',
          /^home\/kitchen\/temperature\n/,
        );
        await axe('the topics of a device');
        await editor.picture(`card-topics-${version}`);
        await page.keyboard.press('Escape');
        await page.locator('.dxs-device-bar').waitFor({ state: 'hidden' });
        await page.keyboard.press('Enter');
        await page.locator('.dxs-device-bar .dxs-button').click();
        await card().and(page.locator('.dxs-active')).waitFor();
        await find.fill('');
        // The device takes its sensor away.
        const plug = 'tasmota/discovery/DC4F22AABBCC/config';
        for (const topic of [announcement, 'home/kitchen/there', 'home/kitchen/temperature', plug])
          await publish(topic, '');
        await card('Window closed, Battery 79 %').waitFor();
        await page.click('#dinox-sidebar-tab-devices');
      });

      it('an entity opens its topic, by mouse and keyboard; announcements are no topics', async () => {
        const { page } = editor;
        await search().fill('bath');
        await line('Battery, 9 %').click();
        await page.waitForSelector('.dxs-detail');
        assert.equal(await page.locator('.dxs-detail .dxs-large .dxs-value').textContent(), '9');
        await page.keyboard.press('Escape');
        await page.waitForSelector('.dxs-detail', { state: 'detached' });
        await search().fill('window');
        await search().press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.dxs-detail');
        assert.equal(await page.locator('.dxs-detail h3').textContent(), 'contact');
        await page.keyboard.press('Escape');
        await search().fill('homeassistant');
        await page.waitForSelector('.dxs-empty[data-why=noMatch]:visible');
        await search().fill('');
      });

      it('names that want to be markup, or to turn the text around, stay text', async () => {
        const { page } = editor;
        const name = `<img src=x onerror="window.dinoxEvil=1">\u202egnirts${'x'.repeat(5_000)}`;
        await publish('homeassistant/sensor/evil/config', {
          ...{ name, unique_id: 'evil', state_topic: 'evil/state' },
          device: { identifiers: ['evil'], name: `Evil ${name}`, suggested_area: '\u2067\u0000<i>' },
        });
        await publish('homeassistant/sensor/evil2/config', {
          ...{
            name: 'Unit',
            unique_id: 'evil2',
            state_topic: 'evil/unit',
            unit_of_measurement: '<b>V</b>\u202e',
          },
          device: { identifiers: ['evil'] },
        });
        await publish('evil/unit', '12');
        await publish('evil/state', `\u202e<s>${'y'.repeat(9_000)}`);
        await search().fill('evil');
        await page.waitForFunction(
          "$('.dxs-devices .dxs-line:visible').length === 3 && $('.dxs-devices .dxs-line:visible').text().includes('<s>')",
        );
        assert.equal(await page.locator('.dxs-devices :is(img, b, i:not(.fa), s)').count(), 0);
        assert.equal(await page.evaluate('window.dinoxEvil'), undefined);
        const shown = (await lines().allTextContents()).join('\n');
        assert.doesNotMatch(shown, /[\u202a-\u202e\u2066-\u2069\0]/);
        assert.ok(shown.length < 1_000, `${shown.length} characters`);
        await editor.picture(`devices-evil-${version}`);
        await search().fill('');
      });

      it('2,000 entities', async () => {
        const { page } = editor;
        for (let at = 0; at < 400; at++) {
          const id = `big${at}`;
          const components = Object.fromEntries(
            ['temperature', 'humidity', 'battery', 'power', 'voltage'].map((kind) => [
              kind,
              {
                ...{ platform: 'sensor', unique_id: `${id}_${kind}`, device_class: kind },
                ...{ state_topic: `big/${at}`, value_template: `{{ value_json.${kind} }}` },
              },
            ]),
          );
          await publish(`homeassistant/device/${id}/config`, {
            ...{ device: { identifiers: [id], name: `Sensor ${at}`, suggested_area: `Room ${at % 10}` } },
            ...{ origin: { name: 'test' }, components },
          });
        }
        await publish('big/399', { temperature: 21.5, humidity: 40, battery: 7, power: 1, voltage: 230 });
        await page.waitForFunction("$('.dxs-devices .dxs-count').text() === '2005 entities'");
        assert.ok((await lines().count()) < 80, 'only what is seen has an element');
        await search().fill('sensor 399');
        await line('Temperature, 21.5').waitFor();
        await line('Sensor 399').click();
        // Closed, a device says what counts most.
        await line('Sensor 399, 21.5 · 40 · 1').waitFor();
        await search().fill('');
        await axe('many devices');
        await editor.picture(`devices-many-${version}`);
      });
    });
  });
}
