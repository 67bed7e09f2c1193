/** The dialog of `dinox-alert`: four fields, the rest folded; what cannot work is said while typing. */
import assert from 'node:assert/strict';
import { node, tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Editor, EditorBrowser } from './editor';
import { DOOR, KITCHEN, PreviewDay } from './preview-day';

describe('dialog of dinox-alert', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed;
  let browser: EditorBrowser;
  let editor: Editor;

  before(async function () {
    this.timeout(180_000);
    nodeRed = await startNodeRed({ version: '5', linkPackage: true });
    const topic = (id: string, filter: string, to: string) =>
      node('dinox-mqtt-in', id, { topic: filter, broker: 'house', inputs: 0, wires: [[to]] });
    await nodeRed.deploy([
      tab(),
      node('dinox-alert', 'alert', { name: '', wires: [[], [], []] }),
      { id: 'house', type: 'dinox-broker', name: 'House', host: '127.0.0.1', port: '1', autoConnect: false },
      topic('in', 'home/#', 'junction'),
      node('junction', 'junction', { wires: [['watched']] }),
      node('dinox-alert', 'watched', { condition: 'above', limit: '24', wires: [['told'], [], []] }),
      node('debug', 'told', { wires: [] }),
      topic('air', 'home/climate', 'climate'),
      node('dinox-alert', 'climate', { condition: 'above', wires: [[], [], []] }),
      topic('hall', 'zigbee/+', 'doors'),
      node('dinox-alert', 'doors', { condition: 'above', wires: [[], [], []] }),
    ]);
    browser = await EditorBrowser.launch();
    editor = await browser.open(nodeRed.url);
  });

  after(async () => {
    await editor?.close();
    await browser?.close();
    await nodeRed?.stop();
  });

  it('labels a node without a name with what it does', async () => {
    const label = (id: string): Promise<unknown> =>
      editor.page.evaluate(`RED.utils.getNodeLabel(RED.nodes.node('${id}'))`);
    assert.deepEqual([await label('watched'), await label('alert')], ['home/# > 24', 'alert']);
  });

  it('shows what matters, says why a value cannot stay, and stores what was typed', async () => {
    await editor.edit('alert');
    const visible = (await editor.page.evaluate(
      "[...document.querySelectorAll('.dinox-form > .form-row')].filter((row) => !row.hidden).map((row) => row.querySelector('label').textContent.trim())",
    )) as string[];
    assert.deepEqual(visible, [
      'Name',
      'Watch',
      'Alert when the value is',
      'Limit',
      'Hysteresis',
      'For at least',
      'Message',
    ]);
    const limitOf = (property: string) =>
      editor.page.locator(`#node-input-${property} + .red-ui-typedInput-container input`).first();
    assert.match(await editor.reasonFor('node-input-limit'), /A limit is missing/);
    await limitOf('limit').fill('25');
    assert.equal(await editor.reasonFor('node-input-limit'), '');
    await editor.picture('dinox-alert');
    await editor.node('hysteresis').fill('-2');
    assert.match(await editor.reasonFor('node-input-hysteresis'), /such as 2, .*5%/);
    await editor.node('hysteresis').fill('5%');
    await editor.node('holdFor').fill('abc');
    assert.match(await editor.reasonFor('node-input-holdFor'), /duration/);
    await editor.node('holdFor').fill('5m');

    await editor.node('condition').selectOption('outside');
    await limitOf('limit2').fill('20');
    assert.match(await editor.reasonFor('node-input-limit2'), /above the lower/);
    await limitOf('limit2').fill('30');
    await editor.unfold();
    await editor.node('quietHours').fill('22-7');
    assert.match(await editor.reasonFor('node-input-quietHours'), /22:00-07:00/);
    await editor.node('quietHours').fill('22:00-07:00');
    await editor.picture('dinox-alert-all');
    await editor.save();
    const stored = await editor.valueOf('alert');
    const { condition, limit, limitType, limit2, hysteresis, holdFor, quietHours, keyBy } = stored;
    assert.deepEqual(
      { condition, limit, limitType, limit2, hysteresis, holdFor, quietHours, keyBy },
      {
        condition: 'outside',
        limit: '25',
        limitType: 'num',
        limit2: '30',
        hysteresis: '5%',
        holdFor: '5m',
        quietHours: '22:00-07:00',
        keyBy: 'topic',
      },
    );
    assert.deepEqual(editor.errors, []);
  });

  describe('with the day of its topics', () => {
    const day = new PreviewDay();
    let mode: 'day' | 'forbidden' | 'nothing' = 'day';
    const text = async (selector: string) =>
      (await editor.page.locator(selector).textContent())?.replaceAll('\u00a0', ' ') ?? '';
    const says = (selector: string, words: RegExp) =>
      editor.page.locator(selector).filter({ hasText: words }).waitFor();
    const handle = (field: string) => editor.page.locator(`.dinox-limit[data-field=${field}]`);
    const limitOf = (property: string) =>
      editor.page.locator(`#node-input-${property} + .red-ui-typedInput-container input`).first();

    before(async () => {
      await editor.page.route('**/dinox/alerts/*/preview', async (route) => {
        const body = route.request().postDataJSON();
        if (mode === 'forbidden') return route.fulfill({ status: 401, body: '' });
        const json = await day.answer(mode === 'nothing' ? { ...body, sources: [] } : body);
        return route.fulfill({ json });
      });
    });

    it('draws it, says where it would have fired, and follows each field', async () => {
      await editor.edit('watched');
      await editor.page.locator('.dal-keys').selectOption(KITCHEN);
      // Over all that stands behind the wildcard; the one that is shown stands for itself alone.
      await says(
        '.dal-verdict',
        /^Of 2 topics, 2 would have fired \(.+, .+\)\. Alerts in total: 4\. Firing now: 1\. The one shown: It would have fired 3 times\.$/,
      );
      assert.deepEqual(day.asked[0]?.rule.keyBy, 'topic');
      assert.equal(await editor.page.locator('.dal-keys option').count(), 2, 'topics with numbers');
      assert.match(await text('.dal-sentence'), /^Alert when home\/# is above 24 °C\.$/);
      const span = editor.page.locator('.dinox-chart-span:not(.dinox-chart-edge)');
      assert.equal(await span.count(), 3);
      await editor.node('holdFor').fill('3h');
      await says('.dal-verdict', /The one shown: It would have fired 3 times/);
      await editor.node('holdFor').fill('6h');
      await says('.dal-verdict', /^Of 2 topics, 1 would have fired .+The one shown: It would not have fired/);
      assert.match(await text('.dal-sentence'), /24 °C for 6 h\./);
      assert.equal(await span.count(), 0);
      await editor.node('holdFor').fill('5x');
      await says('.dal-verdict', /as soon as the fields are valid/);
      await editor.node('holdFor').fill('');
      await editor.node('hysteresis').fill('1');
      await says('.dal-sentence', /It resolves at 23.°C or less\./);
      assert.equal(await editor.page.locator('.dinox-chart-band').count(), 1);
      const points = day.asked.map((one) => one.points);
      assert.equal(points.at(-1), 0, 'the curve is not sent again');
    });

    it('moves the limit with the pointer and the keyboard, and the field moves the line', async () => {
      const grip = handle('limit');
      const at = async (): Promise<number> => (await grip.boundingBox())?.y ?? 0;
      const before = await at();
      const box = (await grip.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      await editor.page.mouse.move(box.x + 100, box.y + box.height / 2);
      await editor.page.mouse.down();
      await editor.page.mouse.move(box.x + 100, box.y + 30, { steps: 4 });
      await editor.page.mouse.up();
      const dragged = Number(await limitOf('limit').inputValue());
      assert.ok(dragged < 24 && dragged > 20, `${dragged}`);
      assert.equal(await grip.getAttribute('aria-valuenow'), String(dragged));
      assert.ok((await at()) > before);
      assert.equal(await editor.page.evaluate('document.activeElement.dataset.field'), 'limit');
      await editor.page.keyboard.press('ArrowUp');
      const stepped = Number(await limitOf('limit').inputValue());
      assert.ok(stepped > dragged && stepped < dragged + 1, `${dragged} ${stepped}`);
      assert.equal(await grip.getAttribute('aria-valuetext'), `${stepped} °C`.replace(' ', '\u00a0'));
      await limitOf('limit').fill('25');
      await says('.dinox-limit[data-field=limit]', /^25.°C$/);

      await editor.node('condition').selectOption('outside');
      await says('.dinox-limit[data-field=limit2]', /\?$/);
      await handle('limit2').focus();
      await editor.page.keyboard.press('Enter');
      assert.equal(await limitOf('limit2').inputValue(), '28', 'what was offered');
      await handle('limit').focus();
      for (let press = 0; press < 3; press++) await editor.page.keyboard.press('PageUp');
      assert.ok(Number(await limitOf('limit').inputValue()) < 28, 'the lower one stays below the upper one');
      await editor.node('condition').selectOption('above');
      await editor.unfold('value');
      await limitOf('limit').fill('24');
      await limitOf('critical').fill('25');
      await editor.page.locator('.dinox-chart-span.dinox-chart-severe').first().waitFor();
      await handle('critical').focus();
      await editor.page.keyboard.press('ArrowUp');
      assert.ok(Number(await limitOf('critical').inputValue()) > 25);
    });

    it('suggests what fits to what was seen, also for texts, silence and numbers in JSON', async () => {
      const offer = (words: RegExp) => editor.page.locator('.dal-offers button').filter({ hasText: words });
      await limitOf('critical').fill('');
      await limitOf('limit').fill('');
      assert.match(await text('.dal-offers'), /28 °C\s*above the highest value so far, 26.°C/);
      assert.equal(await limitOf('limit').getAttribute('placeholder'), '28');
      assert.equal(await editor.node('unit').getAttribute('placeholder'), '°C');
      await offer(/28/).click();
      assert.equal(await limitOf('limit').inputValue(), '28');
      await says('.dal-verdict', /would not have fired/);
      await editor.node('condition').selectOption('nodata');
      await offer(/5.min/).click();
      assert.equal(await editor.node('noDataAfter').inputValue(), '5m');
      await editor.node('condition').selectOption('equals');
      await editor.page.locator('.dal-keys').selectOption(DOOR);
      await editor.page.locator('.dinox-chart-state').first().waitFor();
      assert.equal(await editor.page.locator('.dal-keys img, .dal-box img').count(), 0, 'a topic is text');
      await offer(/ajar/).click();
      assert.equal(await limitOf('limit').inputValue(), 'ajar');
      await says('.dal-verdict', /fired 3 times\. It would be firing now/);
      await says('.dal-said', /^🟠 #1 home\/door\/<img.* is ajar$/);
      // The message in one's own words, by a button and by keyboard; what is wrong with it loses no alert.
      await editor.node('message').fill('Look at');
      await editor.page.locator('.dinox-placeholders button', { hasText: /^name$/ }).focus();
      await editor.page.keyboard.press('Enter');
      await editor.page.keyboard.type('!');
      await says('.dal-said', /^🟠 #1 Look at home\/door\/<img.*>!$/);
      await editor.node('message').fill('{{ nmae }}');
      await says('.dal-said', /plain words: 🟠 #1 .* is ajar$/);
      assert.match(await editor.reasonFor('node-input-message'), /"nmae" has no value/);
      await editor.page.locator('.dal-said').scrollIntoViewIfNeeded();
      await editor.picture('dinox-alert-message');
      await editor.node('message').fill('');
      await editor.cancel();

      await editor.edit('climate');
      await says('.dal-empty', /msg\.payload does not fit this condition/);
      await offer(/payload\.humidity/).click();
      assert.equal(await editor.node('property').inputValue(), 'payload.humidity');
      await says('.dal-sentence', /home\/climate › humidity/);
      await says('.dinox-limit[data-field=limit]', /65\?/);
      assert.match(await text('.dal-offers'), /above 65\s*usual for the humidity of a room/);
      await offer(/above 65/).click();
      assert.deepEqual(
        [await limitOf('limit').inputValue(), await editor.node('hysteresis').inputValue()],
        ['65', '3'],
      );
      await editor.cancel();

      // What is on or off in JSON: a door as the guide has it, and both words of all else.
      await editor.edit('doors');
      await offer(/payload\.contact “false” for 10.min/).waitFor();
      await says('.dal-offers', /a door or a window that was left open/);
      await editor.picture('dinox-alert-doors');
      await offer(/^payload\.occupancy$/).click();
      await offer(/^“true”$/).click();
      assert.deepEqual(
        [await editor.node('condition').inputValue(), await limitOf('limit').inputValue()],
        ['equals', 'true'],
      );
      await offer(/^payload\.contact$/).click();
      await offer(/^“false” for 10.min$/).click();
      await says('.dal-sentence', /zigbee\/\+ › contact is false for 10.min/);
      await says('.dal-empty', /msg\.payload\.contact was last “true”/);
      await editor.cancel();
    });

    it('says what is missing, and lets a deployed node send a test alert', async () => {
      await editor.edit('alert');
      await says('.dal-empty', /Nothing is wired to this node yet/);
      await says('.dal-test', /Deploy first/);
      await editor.cancel();
      await editor.edit('climate');
      await editor.page.click('#dinox-alert-test');
      await says('.dal-test', /is not configured correctly/);
      await editor.cancel();
      mode = 'forbidden';
      await editor.edit('watched');
      await says('.dal-empty', /may not see values here: it needs the permission dinox\.read/);
      await editor.page.click('#dinox-alert-test');
      await says('.dal-test', /Sent: Test: .*24/);
      mode = 'nothing';
      await limitOf('limit').fill('24.5');
      await says('.dal-test', /Deploy first/);
      await says('.dal-empty', /Nothing seen for home\/#/);
      await editor.cancel();
      // Two of the answers were refusals, which the browser notes.
      assert.deepEqual(
        editor.errors.filter((error) => !/status of 4(01|09)/.test(error)),
        [],
      );
    });
  });
});
