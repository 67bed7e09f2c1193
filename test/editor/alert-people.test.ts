/**
 * What holds messages of an alert back, and who answers: from an empty Node-RED, with mouse and keyboard. The alert is
 * dragged, wired and filled in; what was typed works in the running node, and the sidebar shows it.
 */
import assert from 'node:assert/strict';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { watchesDevices } from './alert-devices';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';

describe('an alert and its people, from an empty Node-RED', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed;
  let browser: EditorBrowser;
  let editor: Editor;
  let canvas: Canvas;
  const ids = { press: '', alert: '', seen: '' };

  before(async function () {
    this.timeout(180_000);
    [nodeRed, browser] = await Promise.all([
      startNodeRed({ version: '5', linkPackage: true }),
      EditorBrowser.launch(),
    ]);
    editor = await browser.open(nodeRed.url);
    editor.page.setDefaultTimeout(15_000);
    canvas = new Canvas(editor.page);
  });

  after(async () => {
    await editor?.close();
    await browser?.close();
    await nodeRed?.stop();
  });

  afterEach(() => assert.deepEqual(editor.errors.splice(0), [], 'the page has errors'));

  const limit = () => editor.page.locator('#node-input-limit + .red-ui-typedInput-container input').first();
  const card = () => editor.page.locator('#dinox-sidebar-alerts .dxs-alert');
  const told = (): Record<string, unknown>[] =>
    nodeRed.comms
      .debugMessages()
      .map(({ msg }) => (typeof msg === 'string' && msg.startsWith('{') ? JSON.parse(msg) : {}));
  const press = (id: string): Promise<void> => nodeRed.injectOnceThere(id);

  it('the sidebar acknowledges for a time, with a note, and says why a time cannot be', async () => {
    const { page } = editor;
    ids.press = await canvas.drag('inject', 130, 80);
    ids.alert = await canvas.drag('dinox-alert', 330, 80);
    ids.seen = await canvas.drag('debug', 560, 80);
    await canvas.wire(ids.press, ids.alert);
    await canvas.wire(ids.alert, ids.seen);
    await canvas.open(ids.alert, 'double click');
    await limit().fill('25');
    // The messages of a fresh inject node have no topic.
    await page.evaluate("$('#node-input-keyBy').typedInput('type', 'none')");
    await canvas.leave('#node-dialog-ok');
    await editor.deploy();
    await press(ids.press);
    await nodeRed.until('the alert', () => told().some(({ state }) => state === 'firing'));
    await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
    await page.locator('#dinox-sidebar-tab-alerts').click();
    await editor.picture('alert-people-open');
    const input = card().locator('.dxs-ack');
    await input.fill('400d');
    await card().locator('button', { hasText: 'Acknowledge' }).click();
    await page.locator('.dxs-note, .red-ui-notification', { hasText: 'at most 31 days' }).first().waitFor();
    await input.fill('4h plumber comes');
    await input.press('Enter');
    await card()
      .locator('.dxs-facts', { hasText: /acknowledged by .* until .*: plumber comes/ })
      .waitFor();
    const [, acked] = await nodeRed.until('the edited message', () => told().length === 2 && told());
    assert.match(String(acked?.text), /acknowledged by .* until \d\d:\d\d: plumber comes$/);
    const { at, until, note } = (acked?.acked ?? {}) as Record<string, string>;
    assert.equal(note, 'plumber comes');
    assert.equal(Date.parse(String(until)) - Date.parse(String(at)), 4 * 3_600_000);
    await editor.picture('alert-people-acked');
  });

  it('the dialog shows quiet hours as a week, and the sidebar names them as the reason', async () => {
    const { page } = editor;
    await editor.edit(ids.alert);
    await editor.unfold();
    const week = page.locator('#dinox-quiet-week');
    assert.equal(await week.isVisible(), false);
    await editor.node('quietHours').fill('Mon, Wed 22:00-06:30');
    assert.match(await editor.reasonFor('node-input-quietHours'), /Mon-Fri 22:00-06:30/);
    assert.equal(await week.isVisible(), false, 'nothing that is not understood is drawn');
    await editor.node('quietHours').fill('Mon-Fri 22:00-06:30, Sat-Sun 23:00-09:00, 2026-12-24..26');
    const bars = await week
      .locator('.dal-week-bar')
      .evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label')));
    assert.deepEqual(
      [bars[0], bars[4], bars[6]],
      ['Mon: 00:00–09:00, 22:00–24:00', 'Fri: 00:00–06:30, 22:00–24:00', 'Sun: 00:00–09:00, 23:00–24:00'],
    );
    assert.match((await week.textContent()) ?? '', /2026-12-24 – 2026-12-26/);
    await editor.picture('alert-people-week');
    await editor.node('quietHours').fill('2026-01-01..2099-12-31');
    await editor.save();
    await editor.deploy();
    await press(ids.press);
    await page.locator('#dinox-sidebar-tab-alerts').click();
    await card()
      .locator('.dxs-facts', { hasText: /quiet hours/ })
      .waitFor();
  });

  it('what an alert depends on is chosen in its dialog, a fault is named, and the alert works by it', async () => {
    const { page } = editor;
    const other = await canvas.drag('dinox-alert', 330, 200);
    await canvas.wire(ids.press, other);
    await canvas.wire(other, ids.seen);
    await editor.edit(other);
    await limit().fill('25');
    await page.evaluate("$('#node-input-keyBy').typedInput('type', 'none')");
    await editor.unfold('depends');
    await page.locator('#dinox-depends-add').click();
    const row = page.locator('.dal-depends li');
    const reason = page.locator('#dinox-depends-reason');
    assert.equal(await reason.textContent(), '', 'nothing is wrong before something was typed');
    await row.locator('.dal-depends-pattern').focus();
    await limit().focus();
    assert.match((await reason.textContent()) ?? '', /pattern of keys is missing/);
    await row.locator('.dal-depends-type').selectOption('connection');
    assert.match((await page.locator('#dinox-depends-reason').textContent()) ?? '', /connection is missing/);
    await row.locator('.dal-depends-type').selectOption('topic');
    await row.locator('.dal-depends-filter').fill('tele/+/LWT');
    assert.match((await page.locator('#dinox-depends-wildcard').textContent()) ?? '', /the same levels/);
    await row.locator('.dal-depends-type').selectOption('key');
    assert.equal(await page.locator('#dinox-depends-wildcard').textContent(), '');
    await row.locator('.dal-depends-node').selectOption(ids.alert);
    assert.match(
      (await page.locator('#dinox-depends-reason').textContent()) ?? '',
      /pattern of keys is missing/,
    );
    await row.locator('.dal-depends-pattern').fill('#');
    assert.equal(await page.locator('#dinox-depends-reason').textContent(), '');
    await editor.picture('alert-people-depends');
    await editor.save();
    await editor.deploy();
    assert.deepEqual((await editor.valueOf(other)).dependsOn, [
      { type: 'key', node: ids.alert, pattern: '#' },
    ]);
    await press(ids.press);
    await page.locator('#dinox-sidebar-tab-alerts').click();
    await page.locator('#dinox-sidebar-alerts .dxs-facts', { hasText: /held back by #\d/ }).waitFor();
    await editor.edit(ids.alert);
    await editor.unfold('depends');
    await page.locator('#dinox-depends-add').click();
    await row.locator('.dal-depends-type').selectOption('key');
    await row.locator('.dal-depends-node').selectOption(other);
    await row.locator('.dal-depends-pattern').fill('#');
    assert.match(
      (await page.locator('#dinox-depends-reason').textContent()) ?? '',
      new RegExp(`depend on each other: ${ids.alert} → ${other} → ${ids.alert}`),
    );
    await editor.cancel();
  });

  it('one node watches every device behind a wildcard, and the sidebar forgets what was removed', async () => {
    await watchesDevices(nodeRed, editor, canvas);
  });
});
