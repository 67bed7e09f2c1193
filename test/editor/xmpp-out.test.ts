/** The dialogs of `xmpp-out` and `xmpp-in`, with a real server behind them: what a person types, sees and hears. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import germanTexts from '../../src/base/texts/de.json';
import englishTexts from '../../src/base/texts/en-US.json';
import germanBroker from '../../src/nodes/dinox-broker/locales/de.json';
import englishBroker from '../../src/nodes/dinox-broker/locales/en-US.json';
import german from '../../src/nodes/xmpp-out/locales/de.json';
import english from '../../src/nodes/xmpp-out/locales/en-US.json';
import { type Flow, node, tab } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { certificates, ensureServers, type Prosody, startProsody } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { type Editor, EditorBrowser } from './editor';
import { AXE } from './in-page';

const SECRET = 'rob0t-Zebra';
const PASSWORD = 'tr3ppe-Otter';
const ANNA = 'anna@localhost';
const ROOM = 'team@conference.localhost';
const HOSTILE = '<img src=x onerror=alert(1)>';
const GENERATION = { '4': 'debian12', '5': 'debian13' } as const;

const flowOf = (port: number): Flow => [
  tab(),
  { id: 'tls', type: 'tls-config', name: '', ca: certificates().caFile, verifyservercert: true },
  {
    ...{ id: 'account', type: 'dinox-broker', name: '', jid: 'bot@localhost', usetls: true, tls: 'tls' },
    ...{ xmppService: `xmpp://127.0.0.1:${port}`, autoConnect: false },
  },
  node('inject', 'inject', {
    ...{ topic: 'home/boiler/temperature', payload: '81.5', payloadType: 'num', repeat: '', once: false },
    wires: [['out']],
  }),
  node('inject', 'warmer', {
    ...{ topic: 'home/boiler/temperature', payload: '90.2', payloadType: 'num', repeat: '', once: false },
    wires: [['out']],
  }),
  node('xmpp-out', 'out', { broker: 'account', to: ANNA, x: 300, y: 100 }),
  node('xmpp-in', 'in', { broker: 'account', allow: '', x: 300, y: 200 }),
  node('dinox-bridge', 'bridge', {
    broker: 'account',
    rules: [{ filter: 'home/#', direction: 'toChat' }],
    x: 300,
    y: 300,
  }),
];

/** One of them is enough to see that everything fits together; the dialogs' own suite looks at both. */
const VERSIONS = process.env.DINOX_LONG ? NODE_RED_VERSIONS : (['5'] as const);

for (const version of VERSIONS) {
  describe(`dialogs of chat in Node-RED ${version}`, function () {
    this.timeout(120_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;
    let prosody: Prosody;
    const ends: (() => Promise<unknown>)[] = [];
    let anna: XmppPeer;
    const language = version === '5' ? 'de' : 'en-US';
    const broker = (version === '5' ? germanBroker : englishBroker)['dinox-broker'];
    const texts = version === '5' ? german['xmpp-out'] : english['xmpp-out'];
    const { jid, chatBridge } = version === '5' ? germanTexts : englishTexts;

    before(async function () {
      this.timeout(180_000);
      const { available, missing } = (await ensureServers())[GENERATION[version]];
      if (!available) {
        process.stdout.write(`SKIPPED SUITE: dialogs of chat: ${missing.join('; ')}\n`);
        this.skip();
      }
      const users = { bot: SECRET, anna: PASSWORD, ben: PASSWORD };
      [browser, prosody] = await Promise.all([
        EditorBrowser.launch(),
        startProsody({ generation: GENERATION[version], users, bridge: 'none' }),
      ]);
      const credentials = { account: { password: SECRET } };
      [nodeRed] = await Promise.all([
        startNodeRed({ version, linkPackage: true, flows: flowOf(prosody.c2sPort), credentials }),
        befriend(),
      ]);
      editor = await browser.open(nodeRed.url, { language, dark: version === '5' });
    });
    after(async () => {
      await browser?.close();
      await Promise.all(ends.map((end) => end()));
      await Promise.all([nodeRed?.stop(), prosody?.stop()]);
    });

    function peer(user: string, password: string): XmppPeer {
      const made = new XmppPeer({ port: prosody.c2sTlsPort, user, password });
      ends.push(() => made.end());
      return made;
    }

    async function wait(what: string, look: () => unknown): Promise<void> {
      const deadline = Date.now() + 30_000;
      while (!look()) {
        if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    /** The bot's contacts: Anna, who is away and says so, and Ben, who lets nobody see; a room, and another one kept. */
    async function befriend(): Promise<void> {
      anna = peer('anna', PASSWORD);
      const bot = peer('bot', SECRET);
      await wait('both are there', () => anna.ready && bot.ready);
      const set = (id: string, content: string) => `<iq type='set' id='${id}'>${content}</iq>`;
      const item = (jid: string, name: string) =>
        set(jid, `<query xmlns='jabber:iq:roster'><item jid='${jid}' name='${name}'/></query>`);
      const field = (key: string, value: string) => `<field var='${key}'><value>${value}</value></field>`;
      const kept = `<storage xmlns='storage:bookmarks'><conference jid='kept@conference.localhost' name='Kept room'/></storage>`;
      bot.write(item(ANNA, 'Anna Berg') + item('ben@localhost', HOSTILE.replace('<', '&lt;')));
      bot.write(set('kept', `<query xmlns='jabber:iq:private'>${kept}</query>`));
      bot.write(`<presence type='subscribe' to='${ANNA}'/>`);
      await wait('asked', () => anna.stanzas.some(({ attrs }) => attrs.type === 'subscribe'));
      anna.write(`<presence type='subscribed' to='bot@localhost'/><presence><show>away</show></presence>`);
      anna.write(`<presence to='${ROOM}/Anna'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);
      await wait('a room', () => anna.stanzas.some(({ attrs }) => attrs.from === `${ROOM}/Anna`));
      anna.write(
        `<iq type='set' to='${ROOM}' id='form'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}${field('muc#roomconfig_publicroom', '1')}</x></query></iq>`,
      );
      await wait('the room is open', () => anna.stanzas.some(({ attrs }) => attrs.id === 'form'));
      await wait('Anna is seen', () =>
        bot.stanzas.some((one) => one.name === 'presence' && one.getChildText('show') === 'away'),
      );
      await bot.end();
    }

    /** What axe finds serious or critical in the open dialog. */
    async function axe({ page }: Editor): Promise<void> {
      await page.evaluate(
        "for (const part of [document.documentElement, document.body]) part.style.height = '100%'",
      );
      if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
      const bad = await page.evaluate(`axe.run('.dinox-form').then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + failureSummary).join(' ')))`);
      assert.deepEqual(bad, []);
    }

    it('has words for everything, says what is wrong, and that no phone rings for a message to oneself', async () => {
      await editor.edit('out');
      await editor.unfold();
      const form = editor.page.locator('.dinox-form').last();
      assert.doesNotMatch((await form.textContent()) ?? '', /xmpp-out\.|__\w+__/);
      const excess = await form.evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.ok(excess <= 1, `the form is ${excess} px too wide`);
      await editor.picture(`xmpp-out-${version}-${language}`);

      for (const [typed, reason] of [
        ['anna', jid.atMissing],
        ['anna@example.org ben@example.org', jid.domainSpace],
        ['anna@example.org, @example.org', jid.localMissing],
        ['anna@example.org, room@conference.example.org', ''],
        ['', ''],
      ] as const) {
        await editor.node('to').fill(typed);
        const said = await editor.reasonFor('node-input-to');
        if (reason === '') assert.equal(said, '', typed);
        else assert.ok(said.includes(reason), `${typed}: ${said}`);
      }
      await editor.node('nick').fill('a\u0007b');
      assert.equal(
        await editor.reasonFor('node-input-nick'),
        jid.nick.replace('__most__', (1_023).toLocaleString(language)),
      );
      await editor.node('nick').fill('robot');
      await editor.node('rate').fill('0');
      assert.match(await editor.reasonFor('node-input-rate'), /6[.,]000/);
      await editor.node('rate').fill('5');

      const note = editor.page.locator('#dinox-note-self');
      assert.equal(await note.isVisible(), false);
      await editor.node('to').fill('anna@example.org, Bot@localhost/x');
      assert.equal(await note.isVisible(), true);
      assert.equal(await note.locator('p').textContent(), texts.note.self);
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
        ['anna@example.org, Bot@localhost/x', 'auto', 'payload', true, 'robot', '5', ''],
      );
      assert.doesNotMatch(await editor.exported(), /Gehe1m/);
      assert.deepEqual(editor.errors, []);
    });

    it('chooses from contacts and rooms with their presence, by keyboard and by typing', async () => {
      const { people } = broker;
      const { page } = editor;
      await editor.edit('out');
      await editor.node('to').fill(ANNA);
      const list = page.locator('#node-input-to-people');
      const row = (name: string) => list.locator('[role=option]', { hasText: name });
      await page.locator('.dinox-people-button').click();
      await row('Anna Berg').getByText(people.word.away).waitFor();
      assert.equal(await row('Anna Berg').getAttribute('aria-selected'), 'true');
      assert.match((await row(HOSTILE).textContent()) ?? '', new RegExp(people.word.unknown));
      assert.equal(await list.locator('img').count(), 0, 'a name is text');
      assert.match((await row(ROOM).textContent()) ?? '', new RegExp(people.word.server));
      assert.match((await row('Kept room').textContent()) ?? '', new RegExp(people.word.bookmark));
      await editor.picture(`chat-${version}-choose`);
      // Off with Anna, on with Ben: the first and the second of them.
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      await list.waitFor({ state: 'hidden' });
      assert.equal(await editor.node('to').inputValue(), 'ben@localhost');
      await editor.node('to').press('End');
      await editor.node('to').pressSequentially(', berg');
      await row('Anna Berg').waitFor();
      assert.equal(await list.locator('[role=option]').count(), 1);
      await page.keyboard.press('ArrowDown');
      assert.equal(await editor.node('to').getAttribute('aria-activedescendant'), 'node-input-to-people-0');
      await page.keyboard.press('Enter');
      assert.equal(await editor.node('to').inputValue(), `ben@localhost, ${ANNA}`);
      const chips = page.locator('.dinox-chip');
      assert.equal(await chips.count(), 2);
      assert.match((await chips.last().textContent()) ?? '', new RegExp(people.word.away));
      await editor.picture(`chat-${version}-chosen`);
      await editor.cancel();

      await editor.edit('in');
      await editor.unfold();
      await editor.node('rooms').fill('ke');
      const rooms = page.locator('#node-input-rooms-people');
      await rooms.getByText('Kept room').click();
      assert.equal(await editor.node('rooms').inputValue(), 'kept@conference.localhost');
      await page.locator('.dinox-people-button').first().click();
      await page.locator('#node-input-allow-people').getByText('Anna Berg').click();
      assert.equal(await editor.node('allow').inputValue(), ANNA);
      await editor.picture(`chat-${version}-in`);
      // A flow from before the field catches up, too.
      assert.equal(await editor.node('archive').isChecked(), true);
      await editor.node('archive').uncheck();
      await editor.save();
      assert.equal((await editor.valueOf('in')).archive, false);
      await editor.edit('in');
      assert.equal(await editor.node('archive').isChecked(), false);
      await editor.cancel();

      // A rule of a bridge has one: the next choice takes the place of the first.
      await editor.edit('bridge');
      const to = page.locator('[data-field=to] input');
      await page.locator('[data-field=to] .dinox-people-button').click();
      await page.locator('[data-field=to] [role=option]', { hasText: 'Anna Berg' }).click();
      assert.equal(await to.inputValue(), ANNA);
      await page.locator('[data-field=to] .dinox-people-button').click();
      await page.locator('[data-field=to] [role=option]', { hasText: 'Kept room' }).click();
      assert.equal(await to.inputValue(), 'kept@conference.localhost');
      await axe(editor);
      await editor.picture(`chat-${version}-bridge`);
      await editor.cancel();
      assert.deepEqual(editor.errors, []);
    });

    it('shows what the phone will, sends a test, and tells what became of it', async () => {
      const { page } = editor;
      const body = page.locator('.dinox-bubble-body');
      await nodeRed.inject('inject');
      await wait('the message', () =>
        anna.messages.some((message) => message.getChildText('body') === '81.5'),
      );
      await editor.edit('out');
      await body.getByText('81.5').waitFor();
      for (const [format, shown] of [
        ['full', 'MQTT [home/boiler/temperature]\n81.5'],
        ['short', '[home/boiler/temperature] 81.5'],
        ['payload', '81.5'],
      ] as const) {
        await editor.node('format').selectOption(format);
        assert.equal(await page.locator('.dinox-bubble-text').textContent(), shown);
      }
      await editor.node('format').selectOption('file');
      assert.match((await body.textContent()) ?? '', /temperature\.txt.*4 Bytes/);
      await editor.node('format').selectOption('full');
      await editor.node('to').fill(`${ANNA}, nobody@localhost`);
      anna.onStanza = ({ name, attrs }) => {
        if (name !== 'message' || attrs.type === 'error') return;
        anna.write(
          `<message to='${attrs.from}'><received xmlns='urn:xmpp:receipts' id='${attrs.id}'/></message>`,
        );
      };
      await page.locator('#dinox-send-test').focus();
      await page.keyboard.press('Enter');
      const results = page.locator('.dinox-phone-results');
      await results.getByText(`${ANNA}: ${texts.test.at.received}`).waitFor();
      await results.locator('[data-state=failed]', { hasText: 'nobody@localhost' }).waitFor();
      await page
        .locator('.dinox-phone-told')
        .getByText(texts.test.some.replace('__count__', '1').replace('__of__', '2'))
        .waitFor();
      const got = anna.messages.map((message) => message.getChildText('body'));
      assert.ok(
        got.includes(`${english['xmpp-out'].test.head}\nMQTT [home/boiler/temperature]\n81.5`),
        `${got}`,
      );
      await axe(editor);
      await editor.picture(`chat-${version}-test`);
      await editor.node('to').fill('');
      await page.locator('#dinox-send-test').click();
      await page.locator('.dinox-phone-told').getByText(texts.test.nobody).waitFor();
      await editor.cancel();
      assert.deepEqual(editor.errors, []);
    });

    it('says what a template makes of a message, and only what changes', async () => {
      const { page } = editor;
      const shown = page.locator('.dinox-bubble-text');
      await editor.edit('out');
      await shown.getByText('81.5').waitFor();
      await editor.node('message').pressSequentially('Kessel {{ payload ? heiss : kalt }}');
      const { choice } = germanTexts.template;
      await page.locator('#node-input-message-reason').getByText(choice).waitFor();
      assert.equal(await editor.node('message').getAttribute('aria-invalid'), 'true');
      await editor.node('message').fill('Kessel');
      // The value, by keyboard.
      await page.locator('.dinox-placeholders button').first().focus();
      await page.keyboard.press('Enter');
      await page.keyboard.type(' °C');
      await shown.getByText('Kessel 81.5 °C').waitFor();
      assert.equal(await editor.reasonFor('node-input-message'), '');
      await editor.node('onlyChanges').check();
      await editor.node('to').fill(ANNA);
      await axe(editor);
      await editor.picture(`chat-${version}-message`);
      await editor.save();
      assert.equal((await editor.valueOf('out')).message, 'Kessel {{ payload }} °C');
      await editor.deploy();
      for (const id of ['inject', 'inject', 'warmer', 'warmer']) await nodeRed.inject(id);
      const said = () =>
        anna.messages
          .map((one) => one.getChildText('body') ?? '')
          .filter((body) => body.startsWith('Kessel'));
      await wait('both', () => said().includes('Kessel 90.2 °C'));
      await nodeRed.inject('inject');
      await wait('the change back', () => said().length > 2);
      assert.deepEqual(said(), ['Kessel 81.5 °C', 'Kessel 90.2 °C', 'Kessel 81.5 °C']);
      assert.deepEqual(editor.errors, []);
    });

    it('warns of one\u2019s own account, and makes one for the bot', async () => {
      const { page } = editor;
      const { bot } = broker;
      let asked: { jid?: string; password?: string } = {};
      // What the server does stands in the tests of the guided start.
      await page.route('**/dinox/guide/account', (route) => {
        asked = route.request().postDataJSON();
        const taken = asked.jid === 'bot@localhost';
        return route.fulfill(
          taken ? { status: 409, json: { code: 'taken', error: '' } } : { json: { made: true } },
        );
      });
      await editor.edit('out');
      await editor.node('to').fill('bot@localhost');
      const caution = page.locator('#dinox-note-self');
      await caution.locator('summary').click();
      assert.match((await caution.textContent()) ?? '', /prosodyctl adduser node-red@localhost/);
      await caution.locator('input').fill('bot@localhost');
      await caution.locator('button').click();
      await caution.getByText(bot.made.taken).waitFor();
      // So says Chromium of every answer 409.
      editor.errors.length = 0;
      await editor.picture(`chat-${version}-self`);
      await caution.locator('input').fill('robot@localhost');
      await page.keyboard.press('Enter');
      await caution.waitFor({ state: 'hidden' });
      assert.equal(await page.locator('#node-input-broker option:checked').textContent(), 'robot@localhost');
      assert.match(asked.password ?? '', /^\w{24}$/);
      await page
        .locator('#node-input-to-people-state')
        .getByText(/Deploy/)
        .waitFor();
      await editor.save();
      const saved = await editor.valueOf('out');
      assert.equal((await editor.valueOf(String(saved.broker))).jid, 'robot@localhost');
      assert.ok(!(await editor.exported()).includes(asked.password ?? '-'));
      assert.deepEqual(editor.errors, []);
    });

    it('stores passwords of rooms, never shows them, keeps them and forgets them', async () => {
      const { page } = editor;
      const passwords = editor.node('roomPasswords');
      const stored = () => readFileSync(join(nodeRed.userDir, 'flows_cred.json'), 'utf8');
      await editor.edit('bridge');
      await editor.unfold('roomPasswords');
      await passwords.fill('open sesame');
      assert.equal(
        await editor.reasonFor('node-input-roomPasswords'),
        chatBridge.roomPassword.replace('__number__', '1'),
      );
      await passwords.fill('kept@conference.localhost open sesame');
      assert.equal(await editor.reasonFor('node-input-roomPasswords'), '');
      await editor.save();
      await editor.deploy();
      assert.match(stored(), /"roomPasswords": ?"kept@conference.localhost open sesame"/);
      assert.doesNotMatch(await editor.exported(), /sesame/);
      for (const keeps of [true, false]) {
        await editor.edit('bridge');
        await editor.unfold('roomPasswords');
        assert.equal(await passwords.inputValue(), '');
        await page.locator('#dinox-note-stored').waitFor();
        if (!keeps) await page.click('#dinox-passwords-forget');
        assert.equal(await page.locator('#dinox-note-stored').isVisible(), keeps);
        await editor.node('name').fill(`keeps ${keeps}`);
        await editor.save();
        await editor.deploy();
        assert.equal(/sesame/.test(stored()), keeps);
      }
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
