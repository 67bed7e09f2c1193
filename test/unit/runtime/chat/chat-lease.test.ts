import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { TooOften } from '../../../../src/base/rate-limit';
import { CHAT_LEASE_MS, SessionLeases } from '../../../../src/runtime/chat/chat-lease';
import type { LeasedBroker } from '../../../../src/runtime/chat/leased-broker';
import { PresenceList } from '../../../../src/xmpp/contacts/presence';
import { XmppError } from '../../../../src/xmpp/errors';
import { NewAccountError, NewAccounts } from '../../../../src/xmpp/registration/new-account';
import { RegistrationError } from '../../../../src/xmpp/registration/register';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

const DISCO = 'http://jabber.org/protocol/disco#items';

async function setUp() {
  const stanzas = await OutStanzas.make();
  const { xml } = stanzas;
  const clock = new FakeClock();
  const users: string[] = [];
  const presences = new PresenceList(stanzas);
  const listeners = new Set<unknown>();
  const onStanza = stanzas.onStanza.bind(stanzas);
  stanzas.onStanza = (handler) => {
    const stop = onStanza(handler);
    listeners.add(handler);
    return () => {
      listeners.delete(handler);
      stop();
    };
  };
  const broker: LeasedBroker = {
    chat: {
      stanzas,
      presences,
      rooms: { joined: ['team@rooms.example.org'] },
      // The account itself, a contact, and one who only wrote.
      partners: ['bot@example.org', 'anna@example.org', 'dora@example.org'],
      register: ({ id }) => users.push(id),
      deregister: ({ id }) => {
        users.splice(users.indexOf(id), 1);
        return Promise.resolve();
      },
    },
    config: { presence: 'available' },
    found: { services: { muc: 'rooms.example.org', pubsub: 'pubsub.example.org' } },
  };
  stanzas.answers.set('undefined jabber:iq:roster', () =>
    xml(
      'iq',
      {},
      xml(
        'query',
        { xmlns: 'jabber:iq:roster' },
        xml('item', { jid: 'anna@example.org', subscription: 'both', name: 'Anna' }),
        xml('item', { jid: 'cleo@example.org', subscription: 'from' }),
      ),
    ),
  );
  const items = (...all: object[]) =>
    xml(
      'iq',
      {},
      xml('query', { xmlns: DISCO }, ...all.map((attributes) => xml('item', attributes as never))),
    );
  stanzas.answers.set(`rooms.example.org ${DISCO}`, () =>
    items(
      { jid: 'Home@rooms.example.org', name: 'Home (12)' },
      { jid: 'rooms.example.org' },
      { jid: 'home@rooms.example.org/nick', name: 'Home (12)' },
    ),
  );
  return { stanzas, xml, clock, users, listeners, broker, guides: new SessionLeases(clock) };
}

describe('guide: the account looks around', () => {
  it('tells contacts with their presence, rooms, and who writes', async () => {
    const { guides, broker, stanzas, xml, users } = await setUp();
    const { ready, contacts } = guides.renew(broker);
    // Before the list of contacts is there: whom it wrote to, and who wrote.
    const partners = contacts.map(({ jid }) => jid);
    assert.deepEqual([ready, partners], [false, ['anna@example.org', 'dora@example.org']]);
    assert.deepEqual(users, ['dinox-guide']);
    await turns();
    stanzas.receive(xml('presence', { from: 'anna@example.org/phone' }, xml('show', {}, 'away')));
    const message = xml('message', { from: 'ben@example.org/x', type: 'chat' }, xml('body', {}, 'hi'));
    stanzas.receive(message);
    const view = guides.renew(broker);
    assert.equal(view.ready, true);
    assert.deepEqual(view.contacts, [
      { jid: 'anna@example.org', name: 'Anna', show: 'away', known: true },
      { jid: 'cleo@example.org', name: '', show: '', known: false },
      { jid: 'dora@example.org', name: '', show: '', known: false },
    ]);
    assert.deepEqual(view.rooms, [
      { jid: 'team@rooms.example.org', name: '', from: 'joined' },
      { jid: 'home@rooms.example.org', name: 'Home', from: 'server' },
    ]);
    assert.deepEqual(
      view.callers.map(({ jid, text }) => [jid, text]),
      [['ben@example.org', 'hi']],
    );
    assert.equal(view.link, 'xmpp:bot@example.org?message');
  });

  it('lets go of the session when nobody looks any more, and takes it anew', async () => {
    const { guides, broker, clock, users, listeners, stanzas, xml } = await setUp();
    guides.renew(broker);
    clock.advance(CHAT_LEASE_MS - 1);
    guides.renew(broker);
    clock.advance(CHAT_LEASE_MS - 1);
    assert.equal(users.length, 1);
    clock.advance(1);
    assert.deepEqual([users, listeners.size], [[], 0]);
    stanzas.receive(xml('message', { from: 'ben@example.org/x', type: 'chat' }, xml('body', {}, 'hi')));
    assert.deepEqual(guides.renew(broker).callers, [], 'what came meanwhile is not offered');
    assert.equal(users.length, 1);
    guides.end(broker);
    assert.deepEqual(users, []);
  });

  it('a server that answers nothing leaves the lists empty, and nothing is thrown', async () => {
    const { guides, broker, stanzas } = await setUp();
    stanzas.answers.clear();
    guides.renew(broker);
    await turns();
    const { contacts, rooms } = guides.renew(broker);
    assert.deepEqual([contacts.length, rooms.map(({ from }) => from)], [2, ['joined']]);
  });

  it('asks a slow server one question at a time', async () => {
    const { guides, broker, clock, stanzas } = await setUp();
    let questions = 0;
    stanzas.ask = () => {
      questions += 1;
      return new Promise(() => {});
    };
    for (let i = 0; i < 5; i++) {
      guides.renew(broker);
      await turns();
      clock.advance(10_000);
    }
    // For contacts, two kinds of bookmarks, and rooms.
    assert.equal(questions, 4);
  });
});

describe('guide: a new account', () => {
  const srv = () => Promise.resolve({ kind: 'none' as const });
  const make = (register: (account: { password: string }) => Promise<void>) =>
    new NewAccounts({ clock: new FakeClock(), random: Math.random, srv, register: register as never });
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'made',
      (error: NewAccountError) => {
        assert.ok(error instanceof NewAccountError);
        return error.code;
      },
    );

  it('is asked for once at a time, with what was typed', async () => {
    let asked: unknown;
    let finish = (): void => {};
    const accounts = make((account) => {
      asked = account;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const first = code(accounts.make(' Bot@Example.org ', 'geheim'));
    assert.equal(await code(accounts.make('bot@example.org', 'geheim')), 'busy');
    finish();
    assert.equal(await first, 'made');
    const jid = { local: 'bot', domain: 'example.org', bare: 'bot@example.org' };
    assert.deepEqual(asked, { jid, password: 'geheim', allowUnencrypted: false, tls: { pins: [] } });
  });

  it('a server is asked a few times, and no other one suffers for it', async () => {
    let asked = 0;
    const accounts = make(() => Promise.resolve(void asked++));
    for (let at = 0; at < 5; at += 1) await accounts.make(`bot${at}@example.org`, 'x');
    const often = (error: Error): boolean => error instanceof TooOften && error.seconds === 600;
    await assert.rejects(accounts.make('bot@Example.org', 'x'), often);
    assert.equal(asked, 5);
    await accounts.make('bot@example.com', 'x');
  });

  it('says why there is none', async () => {
    const refuse = make(() => Promise.reject(new RegistrationError('taken', words('exists'))));
    assert.equal(await code(refuse.make('bot@example.org', 'x')), 'taken');
    assert.equal(await code(refuse.make('bot@example.org', 'x')), 'taken', 'it is free again');
    const unchecked = make(() => Promise.reject(new XmppError('tls', words('self-signed'))));
    assert.equal(await code(unchecked.make('bot@example.org', 'x')), 'tls');
    const lost = make(() => Promise.reject(new Error('gone')));
    assert.equal(await code(lost.make('bot@example.org', 'x')), 'network');
    for (const bad of ['', 'example.org', 'a b@c', 7, undefined]) {
      assert.equal(await code(lost.make(bad, 'x')), 'jid', String(bad));
    }
    for (const bad of ['', 'x'.repeat(300), undefined]) {
      assert.equal(await code(lost.make('bot@example.org', bad)), 'password');
    }
  });
});
