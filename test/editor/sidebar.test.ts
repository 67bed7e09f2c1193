import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import german from '../../src/plugins/dinox-sidebar/locales/de.json';
import english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import { putRecord } from '../../src/transport/outbox/journal-record';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type PathProxy, startPathProxy } from '../support/path-proxy';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';
import { ownFolder } from '../support/servers/process';
import { type Editor, EditorBrowser } from './editor';
import { PAYLOADS, TOPICS } from './injections';
import { coreNodes, house } from './sidebar-flow';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TEXTS = { 'en-US': english['dinox-sidebar'], de: german['dinox-sidebar'] };
const MAX = 20_000;
const LAMP = {
  '~': 'home/kitchen/lamp',
  name: 'Lamp',
  stat_t: '~/state',
  cmd_t: '~/set',
  dev: { name: 'Kitchen <b>ceiling</b>' },
};

/** Node-RED 5 has a dark theme of its own. */
const LOOKS = { '4': { language: 'en-US', dark: false }, '5': { language: 'de', dark: true } } as const;

for (const version of NODE_RED_VERSIONS) {
  describe(`sidebar in Node-RED ${version}`, function () {
    this.timeout(90_000);
    const look = LOOKS[version];
    const texts = TEXTS[look.language];
    let mosquitto: Mosquitto;
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;
    let publisher: MqttClient;
    /** Node-RED 4 is looked at through it. */
    let proxy: PathProxy | undefined;

    const send = (topic: string, payload: string, retain = false) =>
      publisher.publishAsync(topic, payload, { qos: 1, retain });
    const sidebar = () => editor.page.locator('.dinox-sidebar').first();
    /** The tile of a topic, by the words that assistive technology reads. */
    const tile = (topic: string) =>
      editor.page.locator(`.dxs-tile[aria-label^=${JSON.stringify(`${topic},`)}]`);
    const search = () => editor.page.locator('.dxs-topics-tools .dxs-search');
    const button = (label: string) =>
      editor.page.locator(`.dxs-button[aria-label=${JSON.stringify(label)}]:visible`);
    /** Chooses tiles or the tree in the menu. */
    async function lay(layout: 'tiles' | 'tree'): Promise<void> {
      await button(texts.menu).click();
      await editor.page.locator(`.dxs-layout-${layout}`).click();
    }
    const tabOf = (view: 'topics' | 'connections' | 'alerts') =>
      editor.page.locator(`#dinox-sidebar-tab-${view}`);

    async function axe(what: string): Promise<void> {
      assert.deepEqual(await editor.faults('.dinox-sidebar'), [], `axe on ${what}`);
    }

    before(async () => {
      mosquitto = await startMosquitto();
      // What waited when the connection House still named another server.
      const userDir = ownFolder(tmpdir());
      const queues = join(userDir, 'dinox/queues');
      mkdirSync(queues, { recursive: true });
      writeFileSync(join(queues, 'house.server'), 'old.lan');
      const publication = { topic: 'held/gate', payload: 'open', qos: 1, retain: false } as const;
      writeFileSync(join(queues, 'house.log'), putRecord({ number: 1, due: 4e12, publication }));
      [nodeRed, browser] = await Promise.all([
        startNodeRed({
          version,
          userDir,
          linkPackage: true,
          isNewcomer: true,
          flows: [...house(mosquitto.port), ...coreNodes(mosquitto.port)],
          credentials: { bot: { password: 'x' } },
        }),
        EditorBrowser.launch(),
      ]);
      publisher = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
      if (version === '4') proxy = await startPathProxy(nodeRed.url);
      editor = await browser.open(proxy?.url ?? nodeRed.url, look);
      await editor.page.evaluate(AXE);
    });

    after(async () => {
      await publisher?.endAsync(true);
      await browser?.close();
      await proxy?.close();
      await nodeRed?.stop();
      await mosquitto?.stop();
    });

    it('says what to do while nothing has come yet', async () => {
      await editor.page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
      await editor.page.waitForSelector('.dxs-empty[data-why=silent]', { timeout: MAX });
      assert.equal(
        await editor.page.locator('.dxs-topics .dxs-empty[data-why] > p').textContent(),
        texts.empty.silent,
      );
      await axe('the empty list');
    });

    it('shows a tile for each topic, and its new values', async () => {
      await send('home/kitchen/temperature', '{"value":21.5,"unit":"°C"}');
      await send('home/kitchen/window', 'open', true);
      await send('home/kitchen/plug', '{"power":12.5,"battery":80}');
      await tile('home/kitchen/temperature').waitFor({ timeout: MAX });
      assert.equal(await tile('home/kitchen/temperature').locator('.dxs-value').textContent(), '21.5');
      assert.equal(await tile('home/kitchen/temperature').locator('.dxs-unit').textContent(), '°C');
      await tile('home/kitchen/window').waitFor({ timeout: MAX });
      await send('home/kitchen/temperature', '{"value":22,"unit":"°C"}');
      await tile('home/kitchen/temperature')
        .locator('.dxs-value', { hasText: /^22$/ })
        .waitFor({ timeout: MAX });
      // The line of the day has been asked for and drawn.
      await editor.page.waitForFunction(
        "[...document.querySelectorAll('.dxs-tile .dxs-spark-line')].some((line) => line.getAttribute('d'))",
        undefined,
        { timeout: MAX },
      );
      await axe('tiles');
      await editor.picture(`sidebar-tiles-${version}`);
    });

    it('finds while one types: words, a filter, an expression', async () => {
      const shown = async (text: string, topics: string[]): Promise<void> => {
        await search().fill(text);
        const names = await editor.page.evaluate(
          "[...document.querySelectorAll('.dxs-tile:not([hidden])')].map((tile) => tile.title.split('\\n')[0]).sort()",
        );
        assert.deepEqual(names, topics);
      };
      await shown('kitchen temp', ['home/kitchen/temperature']);
      await shown('home/+/window', ['home/kitchen/window']);
      await shown('/wind.w$/', ['home/kitchen/window']);
      await search().fill('/[/');
      assert.equal(await search().getAttribute('aria-invalid'), 'true');
      await search().fill('nothing of the kind');
      await editor.page.waitForSelector('.dxs-empty[data-why=search]', { timeout: MAX });
      await search().fill('');
    });

    it('opens a topic with the keyboard, and goes back', async () => {
      await search().fill('kitchen/temperature');
      await search().press('ArrowDown');
      await editor.page.keyboard.press('ArrowDown');
      await editor.page.keyboard.press('Enter');
      await editor.page.waitForSelector('.dxs-detail', { timeout: MAX });
      assert.equal(await editor.page.locator('.dxs-detail h3').textContent(), 'temperature');
      await editor.page.waitForSelector('.dxs-detail .dinox-chart svg', { timeout: MAX });
      await axe('a topic');
      await editor.picture(`sidebar-topic-${version}`);
      await editor.page.keyboard.press('Escape');
      await editor.page.waitForSelector('.dxs-detail', { state: 'detached' });
      await search().fill('');
    });

    it('has a limit that one drags in the chart, with the pointer and with keys, and an alert takes it', async () => {
      const { page } = editor;
      const slider = page.locator('.dinox-limit');
      const limit = async (): Promise<number> => Number(await slider.getAttribute('aria-valuenow'));
      const typed = page.locator(`.dxs-form input[aria-label=${JSON.stringify(texts.alert.limit)}]`);
      await tile('home/kitchen/temperature').click();
      await page.locator('.dxs-actions .dxs-button', { hasText: texts.alert.make }).click();
      await slider.waitFor({ timeout: MAX });
      const before = await limit();
      await editor.picture(`sidebar-limit-${version}`);
      await slider.hover({ position: { x: 40, y: 8 }, timeout: 5_000 });
      const box = await slider.boundingBox();
      assert.ok(box);
      await page.mouse.down();
      await page.mouse.move(box.x + 60, box.y + 48, { steps: 4 });
      const dragged = await limit();
      assert.ok(dragged < before, `${dragged} < ${before}`);
      await page.mouse.up();
      assert.equal(Number(await typed.inputValue()), dragged);
      await slider.press('ArrowUp');
      const higher = await limit();
      assert.ok(higher > dragged, `${higher} > ${dragged}`);
      await slider.press('End');
      const highest = await limit();
      await slider.press('PageUp');
      assert.ok((await limit()) > highest);
      const most = Number(await slider.getAttribute('aria-valuemax'));
      assert.ok(most > (await limit()), 'the chart makes room');
      await axe('the limit');
      await button(texts.chart.enlarge).click();
      await page.locator('dialog .dinox-limit').press('PageDown');
      await editor.picture(`sidebar-limit-${version}`);
      const chosen = await typed.inputValue();
      await page.locator('dialog .dxs-primary').click();
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.mouse.move(500, 560);
      await page.mouse.click(520, 560);
      assert.deepEqual(
        await page.evaluate(
          "RED.nodes.filterNodes({ type: 'dinox-alert' }).map(({ limit, condition }) => [limit, condition])",
        ),
        [[chosen, 'above']],
      );
      const wire = `(() => {
        const [{ source, target }] = RED.nodes.filterLinks({ target: RED.nodes.filterNodes({ type: 'dinox-alert' })[0] });
        return target.x - target.w / 2 - source.x - source.w / 2;
      })()`;
      await page.waitForFunction(`${wire} >= 20`);
      await page.evaluate('RED.history.pop()');
      await button(texts.detail.back).click();
    });

    it('saves a day as CSV and as a picture', async () => {
      const { page } = editor;
      const saved = async (label: string): Promise<[string, Buffer]> => {
        const [file] = await Promise.all([page.waitForEvent('download'), button(label).click()]);
        return [file.suggestedFilename(), readFileSync(await file.path())];
      };
      await tile('home/kitchen/temperature').click();
      await page.waitForSelector('.dxs-detail .dinox-chart svg', { timeout: MAX });
      const [name, csv] = await saved(texts.chart.csv);
      assert.equal(name, 'home-kitchen-temperature.csv');
      const [head, ...lines] = csv.toString().trimEnd().split('\r\n');
      const topic = 'home/kitchen/temperature';
      assert.equal(head, `time,${topic},${topic} min,${topic} max`);
      for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z(,-?[\d.]+){3}$/);
      const values = lines.flatMap((line) => line.split(',').slice(1).map(Number));
      assert.ok(values.includes(22), csv.toString());
      // What came within the same second as the next value is not kept of JSON.
      for (const value of values) assert.ok(value === 21.5 || value === 22, csv.toString());
      const [picture, png] = await saved(texts.chart.png);
      assert.equal(picture, 'home-kitchen-temperature.png');
      assert.equal(png.toString('latin1', 1, 4), 'PNG');
      assert.ok(png.readUInt32BE(16) > 100 && png.length > 1_000, 'a chart is in it');
      await button(texts.detail.back).click();
    });

    it('calls topics what Home Assistant calls them, and finds them by that', async () => {
      await send('homeassistant/light/kitchen/config', JSON.stringify(LAMP), true);
      await send('home/kitchen/lamp/state', 'ON');
      await search().fill('ceiling');
      const found = tile('home/kitchen/lamp/state');
      await found.waitFor({ timeout: MAX });
      assert.equal(await found.locator('.dxs-name').textContent(), 'Kitchen <b>ceiling</b> Lamp');
      assert.equal(await found.locator('b').count(), 0, 'a name is text');
      await editor.picture(`sidebar-names-${version}`);
      await search().fill('homeassistant');
      await editor.page.waitForSelector('.dxs-empty[data-why=search]', { timeout: MAX });
      await search().fill('');
      await editor.edit('in');
      await editor.node('topic').fill('');
      await editor.node('topic').pressSequentially('ceil');
      const offered = editor.page.locator('.dinox-completion');
      await offered.first().waitFor({ timeout: MAX });
      assert.match(
        (await offered.allTextContents()).join('\n'),
        /home\/kitchen\/lamp\/stateKitchen <b>ceiling<\/b> Lamp/,
      );
      await editor.page.keyboard.press('Escape');
      await editor.cancel();
    });

    it('core\u2019s own nodes are offered the topics of the same server, with names and values, as text', async () => {
      const offered = editor.page.locator('.red-ui-autoComplete-completion');
      const typed = async (id: string, text: string): Promise<void> => {
        await editor.page.evaluate(`RED.editor.edit(RED.nodes.node(${JSON.stringify(id)}))`);
        await editor.page.waitForSelector('#node-dialog-ok', { state: 'visible' });
        await editor.node('topic').fill('');
        await editor.node('topic').pressSequentially(text);
      };
      await typed('core-in', 'CEILING');
      await offered.first().waitFor({ timeout: MAX });
      assert.deepEqual(await offered.allTextContents(), [
        'home/kitchen/lamp/state · Kitchen <b>ceiling</b> Lamp · ON',
      ]);
      assert.equal(await editor.page.locator('.red-ui-autoComplete-container b').count(), 0);
      await editor.picture(`core-topics-${version}`);
      await offered.first().click();
      assert.equal(await editor.node('topic').inputValue(), 'home/kitchen/lamp/state');
      await editor.node('topic').fill('');
      await editor.node('topic').pressSequentially('home/kitchen/plu');
      // The list of a shorter beginning may still be there.
      await editor.page.waitForFunction(
        "document.querySelectorAll('.red-ui-autoComplete-completion').length === 1",
      );
      assert.deepEqual(await offered.allTextContents(), ['home/kitchen/plug · {"power":12.5,"battery":80}']);
      await editor.page.keyboard.press('Tab');
      assert.equal(await editor.node('topic').inputValue(), 'home/kitchen/plug');
      await editor.cancel();
      const answered = editor.page.waitForResponse('**/dinox/core-topics');
      await typed('core-away', 'h');
      assert.deepEqual((await (await answered).json()).rows, []);
      assert.equal(await offered.count(), 0);
      await editor.cancel();
    });

    it('publishes from a topic, and remembers what was sent', async () => {
      await tile('home/kitchen/window').click();
      await editor.page.locator('.dxs-detail .dxs-publish > summary').click();
      const kept = () =>
        editor.page.evaluate("localStorage.getItem('dinox-sidebar') ?? ''") as Promise<string>;
      await editor.page.locator('.dxs-detail textarea').fill('code 4711');
      await editor.page.locator('.dxs-detail .dxs-primary').click();
      await editor.page.locator('.dxs-large .dxs-value', { hasText: '4711' }).waitFor({ timeout: MAX });
      // Without being asked it keeps where something went, and not what: that may be the code of a door.
      await editor.page.waitForFunction("(localStorage.getItem('dinox-sidebar') ?? '').includes('window')");
      assert.ok(!(await kept()).includes('4711'));
      await editor.page.locator('.dxs-detail').getByLabel(texts.publish.keep).check();
      await editor.page.locator('.dxs-detail textarea').fill('closed');
      await editor.page.locator('.dxs-detail .dxs-primary').click();
      await editor.page.locator('.dxs-large .dxs-value', { hasText: 'closed' }).waitFor({ timeout: MAX });
      await editor.page
        .locator('.dxs-detail select option', { hasText: 'closed' })
        .waitFor({ state: 'attached' });
      assert.match(await kept(), /closed/);
      await editor.page.locator('.dxs-detail').getByLabel(texts.publish.keep).uncheck();
      assert.doesNotMatch(await kept(), /closed/, 'and forgets it where it no longer may');
      await button(texts.detail.back).click();
    });

    it('saves a publication by name, for everybody, and fills the form with it', async () => {
      const { page } = editor;
      const form = page.locator('dialog .dxs-form');
      const open = async (): Promise<void> => {
        await button(texts.menu).click();
        await page.locator('.dxs-menu-item', { hasText: texts.publish.label }).click();
      };
      const field = (label: string) => form.locator(`[aria-label=${JSON.stringify(label)}]`);
      await open();
      await field(texts.publish.topic).fill('home/kitchen/lamp/set');
      await field(texts.publish.payload).fill('OFF');
      await form.locator('.dxs-preset summary').click();
      await field(texts.preset.name).fill('Good night <b>');
      await page.keyboard.press('Enter');
      await form.locator('.dxs-preset').getByText(texts.preset.saved, { exact: true }).waitFor();
      assert.deepEqual(await editor.faults('dialog.dxs-dialog'), [], 'axe on the saved message');
      await editor.picture(`sidebar-preset-${version}`);
      await page.keyboard.press('Escape');
      await open();
      await field(texts.preset.list).selectOption({ label: 'Good night <b>' });
      assert.equal(await field(texts.publish.topic).inputValue(), 'home/kitchen/lamp/set');
      assert.equal(await field(texts.publish.payload).inputValue(), 'OFF');
      await form.locator('.dxs-preset summary').click();
      await form.locator('.dxs-preset button', { hasText: texts.preset.forget }).click();
      await form.locator('.dxs-preset').getByText(texts.preset.forgotten, { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('dialog.dxs-dialog').waitFor({ state: 'detached' });
    });

    it('puts a node that receives the topic into the flow', async () => {
      await tile('home/kitchen/window').click();
      await editor.page.locator('.dxs-actions .dxs-button').first().click();
      await editor.page.mouse.move(500, 500);
      await editor.page.mouse.click(520, 500);
      const found = (await editor.page.evaluate(
        "RED.nodes.filterNodes({ type: 'dinox-mqtt-in' }).map(({ topic, broker }) => [topic, broker])",
      )) as string[][];
      assert.ok(
        found.some(([topic, broker]) => topic === 'home/kitchen/window' && broker === 'house'),
        String(found),
      );
      await editor.page.evaluate('RED.history.pop()');
      await button(texts.detail.back).click();
    });

    it('begins a rule that forwards the topic to a chat, in a new bridge and then in the one that is there', async () => {
      const { page } = editor;
      const bridges = () =>
        page.evaluate(
          "RED.nodes.filterNodes({ type: 'dinox-bridge' }).map(({ broker, rules }) => [broker, rules.map(({ to, filter, direction }) => [to, filter, direction].join(' '))])",
        );
      const forward = async (topic: string): Promise<void> => {
        await tile(topic).click();
        await page.locator('.dxs-actions .dxs-button', { hasText: texts.forward.make }).click();
        await editor.settled('#node-dialog-ok');
      };
      const before = await page.evaluate('RED.history.depth()');
      await forward('home/kitchen/window');
      assert.equal(await page.locator('.dinox-rule').count(), 1);
      assert.equal(await page.locator('[data-field=filter] input').inputValue(), 'home/kitchen/window');
      await page.locator('[data-field=to] input').fill('anna@example.org');
      await editor.picture(`forward-${version}`);
      await editor.save();
      const first = 'anna@example.org home/kitchen/window toChat';
      assert.deepEqual(await bridges(), [['house', [first]]]);
      await button(texts.detail.back).click();
      // Nothing is there before *Done*.
      await forward('home/kitchen/lamp/state');
      assert.equal(await page.locator('.dinox-rule').count(), 2);
      await editor.cancel();
      assert.deepEqual(await bridges(), [['house', [first]]]);
      await page.locator('.dxs-actions .dxs-button', { hasText: texts.forward.make }).click();
      await editor.settled('#node-dialog-ok');
      await page.locator('[data-field=to] input').nth(1).fill('house@rooms.example.org');
      await editor.save();
      assert.deepEqual(await bridges(), [
        ['house', [first, 'house@rooms.example.org home/kitchen/lamp/state toChat']],
      ]);
      await page.evaluate(`while (RED.history.depth() > ${before}) RED.history.pop()`);
      assert.deepEqual(await bridges(), []);
      await button(texts.detail.back).click();
    });

    it('clears a retained message after asking, and brings it back', async () => {
      await send('home/kitchen/window', 'open', true);
      await tile('home/kitchen/window').click();
      const clear = button(texts.clear.one);
      await editor.page.waitForFunction(
        `!document.querySelector('.dxs-detail .dxs-button[aria-label=${JSON.stringify(texts.clear.one)}]').disabled`,
      );
      await clear.click();
      const note = editor.page.locator('.red-ui-notification');
      await note.locator('button.primary').click();
      const undo = note.locator('button', { hasText: texts.clear.undo });
      await undo.click({ timeout: MAX });
      await note.getByText(texts.clear.undone.replace('__count__', '1')).waitFor({ timeout: MAX });
      await button(texts.detail.back).click();
      await tile('home/kitchen/window').locator('.dxs-value', { hasText: 'open' }).waitFor({ timeout: MAX });
    });

    if (version === '4')
      it('clears the retained messages of a filtered set in steps, and brings all back', async () => {
        const topics = Array.from({ length: 1_100 }, (_, i) => `home/bulk/${i}`);
        const notes = editor.page.locator('.red-ui-notification');
        const counted = async (): Promise<number> => {
          const reader = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
          let count = 0;
          reader.on('message', (_topic, payload) => {
            count += payload.length > 0 ? 1 : 0;
          });
          // At QoS 1 Mosquitto queues no more than a thousand.
          await reader.subscribeAsync('home/bulk/#', { qos: 0 });
          // Mosquitto sends what is retained before what comes now.
          const last = new Promise((resolve) =>
            reader.on('message', (topic) => topic === 'home/bulk' && resolve(0)),
          );
          await send('home/bulk', '');
          await last;
          await reader.endAsync();
          return count;
        };
        await Promise.all(topics.map((topic, i) => send(topic, String(i), true)));
        await search().fill('home/bulk/#');
        await editor.page.waitForFunction("/1.?100/.test(document.querySelector('.dxs-foot').textContent)");
        await button(texts.menu).click();
        await editor.page.locator('.dxs-menu .dxs-danger').click();
        await notes.locator('button.primary', { hasText: '1100' }).click();
        await notes.getByText(texts.clear.done.replace('__count__', '1100')).waitFor({ timeout: MAX });
        assert.equal(await counted(), 0);
        await notes.locator('button', { hasText: texts.clear.undo }).click();
        await notes.getByText(texts.clear.undone.replace('__count__', '1100')).waitFor({ timeout: MAX });
        assert.equal(await counted(), 1_100);
        await Promise.all(topics.map((topic) => send(topic, '', true)));
        await search().fill('');
      });

    it('shows the tree and the connection, both for everybody', async () => {
      await lay('tree');
      await editor.page.locator('.dxs-line', { hasText: 'temperature' }).waitFor({ timeout: MAX });
      await axe('the tree');
      await editor.picture(`sidebar-tree-${version}`);
      await lay('tiles');
      await tabOf('connections').click();
      await editor.page.locator('.dxs-connection .dxs-connected').waitFor({ timeout: MAX });
      // The bot, whose server does not answer, and the node that speaks through it.
      const bot = editor.page.locator('.dxs-connection', { has: editor.page.locator('.dxs-users') });
      await bot.locator('.dxs-reason').waitFor({ timeout: MAX });
      assert.equal(await bot.locator('h3').textContent(), 'bot@localhost');
      assert.equal(await bot.locator('.dxs-users').textContent(), 'Say');
      const held = editor.page.locator('.dxs-held');
      await held.locator('p', { hasText: 'old.lan' }).waitFor({ timeout: MAX });
      await axe('connections');
      await editor.picture(`sidebar-connections-${version}`);
      const arrived = new Promise((resolve) => publisher.once('message', resolve));
      await publisher.subscribeAsync('held/#');
      await held.locator('button', { hasText: texts.connection.heldSend }).click();
      assert.equal(await arrived, 'held/gate');
      await held.waitFor({ state: 'detached', timeout: MAX });
      await tabOf('alerts').click();
      await editor.page.locator('#dinox-sidebar-alerts .dxs-empty').waitFor({ timeout: MAX });
      await axe('alerts');
      await tabOf('topics').click();
    });

    it('shows 50 payloads and topics of an attacker as text, and runs none', async () => {
      for (const [i, payload] of PAYLOADS.entries()) await send(`evil/payload/${i}`, payload);
      for (const topic of TOPICS) await send(`evil/topic/${topic}`, 'x');
      await search().fill('evil');
      const total = PAYLOADS.length + TOPICS.length;
      await editor.page.waitForFunction(
        `document.querySelector('.dxs-count').textContent.includes('${total}')`,
        undefined,
        { timeout: MAX },
      );
      assert.equal(PAYLOADS.length, 50);
      for (const layout of ['tree', 'tiles'] as const) {
        // Each is painted once, and the last ones stay.
        for (let top = 0; top < 12; top++) {
          await editor.page.evaluate(`document.querySelector('.dxs-list').scrollTop = ${top * 450}`);
          await editor.page.evaluate(
            'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
          );
        }
        await lay(layout);
      }
      // The full payload and the title of the worst ones.
      await search().fill('onerror=');
      for (let i = 0; i < 3; i++) {
        await editor.page.locator('.dxs-tile:visible').nth(i).click();
        await editor.page.waitForFunction(
          "document.querySelector('.dxs-payload pre')?.textContent === 'x'",
          undefined,
          { timeout: MAX },
        );
        await button(texts.detail.back).click();
      }
      await search().fill('/payload.3$/');
      await editor.page.locator('.dxs-tile:visible').first().click();
      await editor.page.waitForFunction(
        `document.querySelector('.dxs-payload pre')?.textContent === ${JSON.stringify(PAYLOADS[3])}`,
        undefined,
        { timeout: MAX },
      );
      await button(texts.detail.back).click();
      assert.equal(await editor.page.evaluate('window.dinoxHacked'), undefined);
      const intruders = await editor.page.evaluate(
        "document.querySelectorAll('.dinox-sidebar :is(script, iframe, object, embed, base, meta, link, form:not(.dxs-form), video)').length + document.querySelectorAll('.dinox-sidebar img:not([alt])').length",
      );
      assert.equal(intruders, 0);
      await search().fill('');
    });

    it('holds at 320 px and with text at 200 %', async () => {
      const widths = async (what: string): Promise<void> => {
        for (const style of ['width: 320px', 'width: 320px; zoom: 2']) {
          const [scroll, client] = (await editor.page.evaluate(`(() => {
            document.querySelector('.dinox-sidebar').setAttribute('style', '${style}');
            const views = [...document.querySelectorAll('.dxs-view, .dxs-detail-body')].filter((one) => one.clientWidth);
            const { scrollWidth, clientWidth } = views.sort((a, b) => b.scrollWidth - b.clientWidth - a.scrollWidth + a.clientWidth)[0];
            return [scrollWidth, clientWidth];
          })()`)) as [number, number];
          assert.ok(scroll <= client, `${what}, ${style}: ${scroll} > ${client}`);
        }
        await editor.page.evaluate("document.querySelector('.dinox-sidebar').removeAttribute('style')");
      };
      await widths('topics');
      await tabOf('connections').click();
      await widths('connections');
      await tabOf('topics').click();
      await search().fill('kitchen/temperature');
      await tile('home/kitchen/temperature').click();
      await widths('a topic');
      await button(texts.detail.back).click();
      await search().fill('');
    });

    it('shows four tiles, or ten lines, in 300 px: a tab of Node-RED 5 on a small screen', async () => {
      await editor.page.evaluate(
        "document.querySelector('.dinox-sidebar').setAttribute('style', 'width: 294px; height: 282px')",
      );
      const seen = (kind: string, least: number) =>
        editor.page.waitForFunction(`(() => {
          const { top, bottom } = document.querySelector('.dxs-topics .dxs-list').getBoundingClientRect();
          return [...document.querySelectorAll('.dxs-topics .dxs-${kind}:not([hidden])')].filter((one) => {
            const place = one.getBoundingClientRect();
            return place.top >= top - 1 && place.bottom <= bottom + 1;
          }).length >= ${least};
        })()`);
      await seen('tile', 4);
      await lay('tree');
      // The tree opens the first level only of many topics, unless one searches.
      await search().fill('evil/payload');
      await seen('line', 10);
      await search().fill('');
      await lay('tiles');
      await editor.page.evaluate("document.querySelector('.dinox-sidebar').removeAttribute('style')");
    });

    it('moves nothing where people do not want it', async () => {
      const moves = async (reducedMotion: 'reduce' | 'no-preference'): Promise<unknown> => {
        await editor.page.emulateMedia({ reducedMotion });
        return await editor.page.evaluate(`(() => {
          const place = document.querySelector('.dinox-sidebar');
          const empty = document.createElement('div');
          empty.className = 'dxs-empty';
          empty.dataset.why = 'loading';
          empty.innerHTML = '<i class="fa fa-refresh"></i>';
          place.append(empty);
          const running = place.getAnimations({ subtree: true }).length;
          const still = [...place.querySelectorAll('*')].every((one) => getComputedStyle(one).transitionDuration === '0s');
          empty.remove();
          return [running, still];
        })()`);
      };
      assert.deepEqual(await moves('reduce'), [0, true]);
      assert.deepEqual(await moves('no-preference'), [1, true]);
    });

    it('asks nothing while it is hidden', async () => {
      await search().fill('kitchen/temperature');
      let asked = 0;
      editor.page.on('request', (request) => {
        if (request.url().includes('/dinox/')) asked += 1;
      });
      await editor.page.evaluate("RED.sidebar.show('info')");
      await sidebar().waitFor({ state: 'hidden' });
      await editor.page.waitForTimeout(600);
      const before = asked;
      await send('home/kitchen/temperature', '25');
      await send('home/kitchen/temperature', '26');
      await editor.page.waitForTimeout(800);
      assert.equal(asked, before);
      await editor.page.evaluate("RED.sidebar.show('dinox')");
      await tile('home/kitchen/temperature')
        .locator('.dxs-value', { hasText: /^26$/ })
        .waitFor({ timeout: MAX });
    });

    it('has made no error in the page, and did not welcome somebody who has nodes of ours', async () => {
      assert.equal(
        await editor.page.locator('.red-ui-notification', { hasText: texts.welcome.text }).count(),
        0,
      );
      assert.ok(version === '5' || (proxy?.count() ?? 0) > 50, 'the proxy was in between');
      assert.deepEqual(editor.errors, []);
    });
  });
}
