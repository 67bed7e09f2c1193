/** `xmpp-in` and what people write: what arrives, what does not, and what it is about. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock';
import type { Broker } from '../../src/runtime/broker/broker';
import { SessionLeases } from '../../src/runtime/chat/chat-lease';
import { BROKER } from '../support/flows';
import { ANNA_JID, BEN_JID, BOT_JID, type ChatInPlace, eventOf, ROOM, WAIT, xmppOf } from './chat-in-support';
import { until } from './chat-support';

export function chatInPeopleSuite(place: ChatInPlace): void {
  it('what was said before the bot came is marked, and is too old for who wants only what is said now', async () => {
    const message = await place.heard('in', 'said before');
    const { delayed, stamp, id } = xmppOf(message);
    assert.deepEqual([delayed, id], [true, 'early']);
    assert.ok(Date.now() - Date.parse(String(stamp)) < 600_000);
    const late = eventOf(await place.event('now', 'late'));
    assert.equal(late.text, 'said before');
    assert.deepEqual(place.texts('now'), []);
  });

  it('a direct message, and an answer without a function node', async () => {
    place.say(place.anna, '<body>hello</body><thread>t1</thread>', 'h1');
    const message = await place.heard('in', 'hello');
    assert.deepEqual(
      [message.topic, message.to, message.kind, message.thread, message.alertId],
      [ANNA_JID, ANNA_JID, 'chat', 't1', undefined],
    );
    const { from, jid, type, id, delayed, room } = xmppOf(message);
    assert.deepEqual(
      [from, jid, type, id, delayed, room],
      [`${ANNA_JID}/phone`, ANNA_JID, 'chat', 'h1', false, undefined],
    );
    place.say(place.anna, '<body>Echo this one</body>');
    await until('the echo', () =>
      place.anna.messages.some((one) => one.getChildText('body') === 'Echo this one'),
    );
  });

  it('the guide and the dialogs know people with their presence, and rooms', async () => {
    const { dinox } = place.flow.node(BROKER) as unknown as { dinox: Broker };
    const { stanzas } = dinox.chat;
    const xml = await stanzas.load();
    const bookmarks = xml(
      'storage',
      { xmlns: 'storage:bookmarks' },
      xml('conference', { jid: 'kept@conference.localhost', name: 'Kept' }),
    );
    await stanzas.ask(xml('iq', { type: 'set' }, xml('query', { xmlns: 'jabber:iq:private' }, bookmarks)));
    for (const [jid, friend] of [
      [ANNA_JID, 'Anna Berg'],
      [BEN_JID, ''],
    ] as const) {
      const item = xml('item', { jid, ...(friend && { name: friend }) });
      await stanzas.ask(xml('iq', { type: 'set' }, xml('query', { xmlns: 'jabber:iq:roster' }, item)));
    }
    stanzas.send(xml('presence', { to: ANNA_JID, type: 'subscribe' }), () => {});
    await until('the bot asks', () =>
      place.anna.stanzas.some(({ name: kind, attrs }) => kind === 'presence' && attrs.type === 'subscribe'),
    );
    place.anna.write(`<presence to='${BOT_JID}' type='subscribed'/><presence><show>dnd</show></presence>`);
    let time = systemClock.now();
    // Asks again at once, and not only after its usual while.
    const guides = new SessionLeases({ ...systemClock, steady: () => (time += 60_000) });
    const seen = (): string => {
      const { contacts, rooms } = guides.renew(dinox, 'dialog');
      return JSON.stringify([contacts, rooms.filter(({ from }) => from !== 'server')]);
    };
    const wanted = JSON.stringify([
      [
        { jid: ANNA_JID, name: 'Anna Berg', show: 'dnd', known: true },
        { jid: BEN_JID, name: '', show: '', known: false },
      ],
      [
        { jid: ROOM, name: '', from: 'joined' },
        { jid: 'kept@conference.localhost', name: 'Kept', from: 'bookmark' },
      ],
    ]);
    await until(
      () => `people and rooms: ${seen()}`,
      () => seen() === wanted,
      WAIT,
      250,
    );
    guides.end(dinox, 'dialog');
    assert.equal(stanzas.state.phase, 'online', 'the place.flow goes on with its session');
    place.anna.write('<presence/>');
  });

  it('no echo of what the bot says to its own account', async () => {
    await place.nothingMore(async () => {
      const { error } = await place.flow.call('out', { payload: 'to myself', to: BOT_JID }, WAIT);
      assert.equal(error, undefined);
    });
  });

  it('nothing of strangers, however they write', async () => {
    const toAnna = await place.alert('🔥 Attic 60 °C', 'attic');
    await place.nothingMore(async () => {
      const inner = `<message xmlns='jabber:client' from='${ANNA_JID}/phone' to='${BOT_JID}' type='chat' id='f'><body>open</body></message>`;
      const forwarded = `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded>`;
      place.say(place.ben, '<body>open</body>');
      place.say(place.ben, "<body>open</body><stanza-id xmlns='urn:xmpp:sid:0' by='bot@localhost' id='x'/>");
      place.say(place.ben, '<body>open</body>', 'g', BOT_JID, 'groupchat');
      place.say(place.ben, "<body>open</body><replace xmlns='urn:xmpp:message-correct:0' id='early'/>");
      place.say(
        place.ben,
        `<reactions xmlns='urn:xmpp:reactions:0' id='${toAnna}'><reaction>👍</reaction></reactions>`,
      );
      for (const kind of ['received', 'sent']) {
        place.say(place.ben, `<${kind} xmlns='urn:xmpp:carbons:2'>${forwarded}</${kind}>`);
      }
      await place.flushed(place.ben);
      // Anna may speak, but not for others.
      place.say(
        place.anna,
        `<received xmlns='urn:xmpp:carbons:2'>${forwarded.replaceAll(ANNA_JID, BEN_JID)}</received>`,
      );
    });
  });

  it('a reaction finds its alert, and so does taking it back', async () => {
    const id = await place.alert('🔥 Boiler 81 °C', 'boiler');
    const react = (...emojis: string[]) =>
      place.say(
        place.anna,
        `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'>${emojis.map((one) => `<reaction>${one}</reaction>`).join('')}</reactions>`,
      );
    react('👍🏽');
    const message = await place.heard('in', '👍');
    assert.deepEqual([message.alertId, xmppOf(message).refersTo], ['boiler', id]);
    assert.deepEqual(xmppOf(message).reaction, { added: ['👍'], removed: [], all: ['👍'] });
    react();
    const back = await place.flow.until(
      'taken back',
      () => place.flow.at('in-sink').find(({ payload }) => payload === ''),
      WAIT,
    );
    assert.deepEqual(
      [back.alertId, xmppOf(back).reaction],
      ['boiler', { added: [], removed: ['👍'], all: [] }],
    );
  });

  it('a reply, a quote and a correction find it too', async () => {
    const id = await place.alert('Cellar is wet', 'cellar');
    const quoted = '&gt; Cellar is wet\n';
    place.say(
      place.anna,
      `<body>${quoted}ack</body><reply xmlns='urn:xmpp:reply:0' id='${id}' to='${BOT_JID}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='16'/></fallback>`,
      'reply',
    );
    const reply = await place.heard('in', 'ack');
    assert.deepEqual([reply.alertId, xmppOf(reply).quote], ['cellar', 'Cellar is wet']);
    place.say(place.anna, `<body>${quoted}ok by quote</body>`);
    const quote = await place.heard('in', 'ok by quote');
    assert.deepEqual([quote.alertId, xmppOf(quote).refersTo], ['cellar', id]);
    place.say(place.anna, "<body>ack all</body><replace xmlns='urn:xmpp:message-correct:0' id='reply'/>");
    const fixed = await place.heard('in', 'ack all');
    assert.deepEqual([fixed.alertId, xmppOf(fixed).replaces], ['cellar', 'reply']);
  });

  it('a reply keeps its words, however its client counts the quote', async () => {
    const text = '🟠 Attic 22.1 °C (limit 20) ▁▂▃▅▇';
    const id = await place.alert(text, 'counted');
    const quote = `> ${text}\n`;
    const counts = {
      right: [...quote].length,
      dino: Buffer.byteLength(quote),
      units: quote.length,
      movim: [...quote].length + 3,
    };
    for (const [who, end] of Object.entries(counts)) {
      place.say(
        place.anna,
        `<body>${quote.replaceAll('>', '&gt;')}ok ${who}</body><reply xmlns='urn:xmpp:reply:0' id='${id}' to='${BOT_JID}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${end}'/></fallback>`,
      );
      const reply = await place.heard('in', `ok ${who}`);
      assert.deepEqual([reply.alertId, xmppOf(reply).quote], ['counted', text], who);
    }
  });

  it('receipts and markers count from who got the message', async () => {
    const id = await place.alert('Door open', 'door');
    for (const who of [place.ben, place.anna]) {
      place.say(who, `<received xmlns='urn:xmpp:receipts' id='${id}'/>`);
      place.say(who, `<displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/>`);
      await place.flushed(who);
    }
    await place.event('in', 'displayed', { id, alertId: 'door' });
    const told = place.flow
      .at('in-events')
      .map(eventOf)
      .filter((one) => one.id === id)
      .map((one) => `${one.event} ${one.from}`);
    assert.deepEqual(told, [`receipt ${ANNA_JID}/phone`, `displayed ${ANNA_JID}/phone`]);
  });

  it('who asks for a receipt gets it', async () => {
    place.say(place.anna, "<body>got it?</body><request xmlns='urn:xmpp:receipts'/>", 'asks');
    await until('the receipt', () =>
      place.anna.messages.some((one) => one.getChild('received', 'urn:xmpp:receipts')?.attrs.id === 'asks'),
    );
  });

  it('an encrypted message is answered once, in both languages, and passes as an event', async () => {
    const before = place.anna.messages.length;
    await place.nothingMore(async () => {
      for (let n = 0; n < 3; n++) {
        place.say(
          place.anna,
          "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>QQ==</payload></encrypted><body>I sent you an OMEMO encrypted message</body>",
        );
      }
    });
    const told = place.flow
      .at('in-events')
      .map(eventOf)
      .filter((one) => one.event === 'encrypted');
    assert.deepEqual(
      told.map((one) => [one.encrypted, one.answered]),
      [
        ['omemo', true],
        ['omemo', false],
        ['omemo', false],
      ],
    );
    await place.alert('after the answer', 'after');
    const answers = place.anna.messages
      .slice(before)
      .map((one) => one.getChildText('body') ?? '')
      .filter((text) => text !== '' && text !== 'after the answer');
    assert.equal(answers.length, 1);
  });

  it('a request to see the presence is accepted for who may speak', async () => {
    for (const who of [place.anna, place.ben]) who.write(`<presence to='${BOT_JID}' type='subscribe'/>`);
    await place.event('in', 'subscribe', { from: ANNA_JID, accepted: true });
    await place.event('in', 'subscribe', { from: BEN_JID, accepted: false });
    await until('Anna is accepted', () =>
      place.anna.stanzas.some(({ attrs }) => attrs.type === 'subscribed'),
    );
    await place.flushed(place.ben);
    assert.ok(!place.ben.stanzas.some(({ attrs }) => attrs.type === 'subscribed'));
  });
}
