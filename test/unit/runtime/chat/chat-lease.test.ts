import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { TooOften } from '../../../../src/base/rate-limit';
import { PubsubExplorer } from '../../../../src/recorder/pubsub-explorer';
import type { PubsubHost } from '../../../../src/recorder/pubsub-host';
import { CHAT_LEASE_MS, SessionLeases } from '../../../../src/runtime/chat/chat-lease';
import type { PubsubAddress } from '../../../../src/servers/profiles';
import { PresenceList } from '../../../../src/xmpp/contacts/presence';
import { XmppError } from '../../../../src/xmpp/errors';
import { NewAccountError, NewAccounts } from '../../../../src/xmpp/registration/new-account';
import { RegistrationError } from '../../../../src/xmpp/registration/register';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

const DISCO = 'http://jabber.org/protocol/disco#items';

async function setUp(wildcards: boolean | undefined = true) {
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
  const broker: PubsubHost = {
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
    wildcards,
    config: { payloadType: 'json', presence: 'available' },
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
  // What a connection test left there is offered to nobody.
  const probes = [{ node: 'dinox-nr/probe/test' }, { node: 'dinox-nr/probe/marker' }];
  stanzas.answers.set(`pubsub.example.org ${DISCO}`, () =>
    items({ node: 'home/a' }, { node: 'home/b' }, ...probes),
  );
  stanzas.answers.set('pubsub.example.org http://jabber.org/protocol/pubsub', (iq) => {
    const node = iq.getChild('pubsub')?.getChild('items')?.attrs.node;
    const content =
      node === 'home/a'
        ? xml('json', { xmlns: 'urn:xmpp:json:0' }, '{"value":21.5,"unit":"°C"}')
        : xml('data', { xmlns: 'https://prosody.im/protocol/data' }, 'open');
    const list = xml('items', {}, xml('item', { id: '1' }, content));
    return xml('iq', {}, xml('pubsub', { xmlns: 'http://jabber.org/protocol/pubsub' }, list));
  });
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
    assert.deepEqual(view.topics, [], 'MQTT explores here');
  });

  it('lists the topics of a server without wildcards, each once; another type of item is received by its full name', async () => {
    const { guides, broker } = await setUp(false);
    guides.renew(broker);
    await turns();
    const { topics } = guides.renew(broker);
    assert.deepEqual(
      topics.map(({ topic, filter, text, number, unit }) => [topic, filter, text, number, unit]),
      [
        ['home/a', undefined, '21.5', 21.5, '°C'],
        // The recorder has it by this name: else it stood there twice, once deaf.
        ['home/b', 'pubsub.example.org/utf8/home/b', 'open', 1, undefined],
      ],
    );
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
    const { guides, broker, stanzas } = await setUp(false);
    stanzas.answers.clear();
    guides.renew(broker);
    await turns();
    const { contacts, rooms, topics } = guides.renew(broker);
    assert.deepEqual([contacts.length, rooms.map(({ from }) => from), topics], [2, ['joined'], []]);
  });
});

describe('exploring a server without wildcards', () => {
  async function explore(others: string[] = []) {
    const all = await setUp(false);
    const filters: string[] = [];
    const taken = new Map<string, string>();
    const located: string[] = [];
    const broker = {
      ...all.broker,
      subscribe: ({ filter, passive }: { filter: string; passive?: boolean }) =>
        filters.push(`${filter} ${passive}`),
      unsubscribe: ({ filter }: { filter: string }) => filters.splice(filters.indexOf(`${filter} true`), 1),
      filtersBeside: () => new Set(others),
      recorder: {
        last: (topic: string) => taken.get(topic),
        take: ({ topic, payload }: { topic: string; payload: Buffer }, replay: boolean) => {
          assert.ok(replay);
          taken.set(topic, payload.toString());
        },
        locate: (topic: string, { service, type }: PubsubAddress) =>
          located.push(`${service}/${type}/${topic}`),
      },
    };
    return { ...all, filters, taken, located, explorer: new PubsubExplorer(broker, all.clock) };
  }

  it('subscribes the nodes, each in the type of its last item, shows that item, and lets go of all', async () => {
    const { explorer, filters, taken, users } = await explore();
    explorer.look();
    assert.deepEqual(explorer.state, { phase: 'on', filters: [] });
    await turns();
    const nodes = ['pubsub.example.org/json/home/a', 'pubsub.example.org/utf8/home/b'];
    assert.deepEqual(explorer.state, { phase: 'on', filters: nodes });
    assert.deepEqual(
      filters,
      nodes.map((one) => `${one} true`),
    );
    assert.deepEqual(
      [...taken],
      [
        ['home/a', '{"value":21.5,"unit":"°C"}'],
        ['home/b', 'open'],
      ],
    );
    explorer.end();
    assert.deepEqual([filters, users], [[], []]);
  });

  it('does not touch what a flow has subscribed, in whatever type', async () => {
    const { explorer, filters, taken, located } = await explore(['home/a', 'pubsub.example.org/json/home/b']);
    taken.set('home/b', 'closed');
    explorer.look();
    await turns();
    assert.deepEqual(filters, []);
    assert.deepEqual([...taken.keys()], ['home/b', 'home/a'], 'their last items are shown all the same');
    assert.deepEqual([taken.get('home/b'), located], ['closed', ['pubsub.example.org/utf8/home/b']]);
  });

  it('finds nodes that come later, and says why it cannot look', async () => {
    const { explorer, clock, stanzas, filters } = await explore();
    explorer.look();
    await turns();
    stanzas.answers.clear();
    clock.advance(10_000);
    explorer.look();
    await turns();
    assert.equal(explorer.state.phase, 'unable');
    assert.equal(filters.length, 2, 'what was found stays');
  });

  it('keeps only what is listed, and no name that is none of a topic', async () => {
    const { explorer, clock, stanzas, xml, filters } = await explore();
    const list = (...nodes: string[]) =>
      stanzas.answers.set(`pubsub.example.org ${DISCO}`, () =>
        xml('iq', {}, xml('query', { xmlns: DISCO }, ...nodes.map((node) => xml('item', { node })))),
      );
    for (const nodes of [
      ['home/#', '+', 'home/\u0085', 'a'],
      ['b', 'c'],
      ['c', 'd'],
    ]) {
      list(...nodes);
      explorer.look();
      await turns();
      clock.advance(10_000);
    }
    assert.deepEqual(filters, ['pubsub.example.org/utf8/c true', 'pubsub.example.org/utf8/d true']);
  });

  it('asks a slow server one question at a time', async () => {
    const { explorer, guides, broker, clock, stanzas } = await explore();
    let questions = 0;
    stanzas.ask = () => {
      questions += 1;
      return new Promise(() => {});
    };
    for (let i = 0; i < 5; i++) {
      explorer.look();
      guides.renew(broker);
      await turns();
      clock.advance(10_000);
    }
    // The explorer asks for nodes; the guide for contacts, two kinds of bookmarks, rooms and nodes.
    assert.equal(questions, 6);
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
    assert.deepEqual(asked, { jid, password: 'geheim', allowUnencrypted: false });
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
    const unchecked = make(() => Promise.reject(new XmppError('tls', words('signed by itself'))));
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
