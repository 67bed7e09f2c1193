/** The dialog of `dinox-alert`: four fields, the rest folded; what cannot work is said while typing. */
import assert from 'node:assert/strict';
import { node, tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Editor, EditorBrowser } from './editor';

describe('dialog of dinox-alert', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed;
  let browser: EditorBrowser;
  let editor: Editor;

  before(async function () {
    this.timeout(180_000);
    nodeRed = await startNodeRed({ version: '5', linkPackage: true });
    await nodeRed.deploy([tab(), node('dinox-alert', 'alert', { name: '', wires: [[], [], []] })]);
    browser = await EditorBrowser.launch();
    editor = await browser.open(nodeRed.url);
  });

  after(async () => {
    await editor?.close();
    await browser?.close();
    await nodeRed?.stop();
  });

  it('shows what matters, says why a value cannot stay, and stores what was typed', async () => {
    await editor.edit('alert');
    const visible = (await editor.page.evaluate(
      "[...document.querySelectorAll('.dinox-form > .form-row')].filter((row) => !row.hidden).map((row) => row.querySelector('label').textContent.trim())",
    )) as string[];
    assert.deepEqual(visible, ['Alert when the value is', 'Limit', 'Hysteresis', 'For at least', 'Name']);
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
});
