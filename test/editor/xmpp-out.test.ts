import assert from 'node:assert/strict';
import german from '../../src/nodes/xmpp-out/locales/de.json';
import english from '../../src/nodes/xmpp-out/locales/en-US.json';
import { type Flow, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Editor, EditorBrowser } from './editor';

const FLOW: Flow = [
  tab({ disabled: true }),
  { id: 'account', type: 'dinox-broker', name: '', jid: 'bot@example.org', usetls: true, autoConnect: false },
  node('xmpp-out', 'out', { broker: 'account', to: 'anna@example.org', x: 300, y: 100 }),
];

/** One of them is enough to see that everything fits together; the dialogs' own suite looks at both. */
const VERSIONS = process.env.DINOX_LONG ? NODE_RED_VERSIONS : (['5'] as const);

for (const version of VERSIONS) {
  describe(`dialog of xmpp-out in Node-RED ${version}`, function () {
    this.timeout(90_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;
    const language = version === '5' ? 'de' : 'en-US';
    const texts = version === '5' ? german['xmpp-out'] : english['xmpp-out'];

    before(async function () {
      this.timeout(180_000);
      nodeRed = await startNodeRed({ version, linkPackage: true, flows: FLOW });
      browser = await EditorBrowser.launch();
      editor = await browser.open(nodeRed.url, { language, dark: version === '5' });
    });
    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
    });

    it('has words for everything, says what is wrong, and that no phone rings for a message to oneself', async () => {
      await editor.edit('out');
      await editor.unfold();
      const form = editor.page.locator('.dinox-form').last();
      assert.doesNotMatch((await form.textContent()) ?? '', /xmpp-out\.|__\w+__/);
      const excess = await form.evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok(excess <= 1, `the form is ${excess} px too wide`);
      await editor.picture(`xmpp-out-${version}-${language}`);

      const { fault } = texts;
      for (const [typed, reason] of [
        ['anna', fault.jidAt],
        ['anna@example.org ben@example.org', fault.jidSpace],
        ['anna@example.org, @example.org', fault.jidLocal],
        ['anna@example.org, room@conference.example.org', ''],
        ['', ''],
      ] as const) {
        await editor.node('to').fill(typed);
        assert.equal(await editor.reasonFor('node-input-to'), reason, typed);
      }
      await editor.node('nick').fill('a\u0007b');
      assert.equal(await editor.reasonFor('node-input-nick'), fault.nick);
      await editor.node('nick').fill('robot');
      await editor.node('rate').fill('0');
      assert.match(await editor.reasonFor('node-input-rate'), /6000/);
      await editor.node('rate').fill('5');

      const note = editor.page.locator('#dinox-note-self');
      assert.equal(await note.isVisible(), false);
      await editor.node('to').fill('anna@example.org, Bot@example.org/x');
      assert.equal(await note.isVisible(), true);
      assert.equal(await note.textContent(), texts.note.self);
      await editor.node('password').fill('Gehe1m-4711');
      await editor.save();
      const saved = await editor.valueOf('out');
      assert.deepEqual(
        [
          saved.to,
          saved.kind,
          saved.format,
          saved.receipts,
          saved.nick,
          String(saved.rate),
          saved.attachmentDir,
        ],
        ['anna@example.org, Bot@example.org/x', 'auto', 'payload', true, 'robot', '5', ''],
      );
      assert.doesNotMatch(await editor.exported(), /Gehe1m/);
      assert.deepEqual(editor.errors, []);
    });

    it('has a help whose lists are understood', async () => {
      await editor.page.evaluate("RED.sidebar.help.show('xmpp-out')");
      const help = editor.page.locator('.red-ui-help').last();
      await help.waitFor();
      const text = (await help.textContent()) ?? '';
      assert.ok(text.includes('XEP-0363') && text.includes('displayed'), text);
      assert.equal(await help.locator('dl:not(.message-properties)').count(), 0);
      assert.doesNotMatch(text, /^: /m);
      await editor.picture(`xmpp-out-${version}-help`);
    });
  });
}
