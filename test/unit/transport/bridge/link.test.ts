import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { BridgeLink } from '../../../../src/transport/bridge/link';
import type { Link, LinkListener, PublishFlags, SubscribeAnswer } from '../../../../src/transport/link';
import type { Publication } from '../../../../src/transport/messages';
import { XmppError } from '../../../../src/xmpp/errors';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';
import { FakeClock } from '../fake-clock';

const SERVICE = 'pubsub.example.org';
const FLAGS: PublishFlags = { qos: 0, retain: false, dup: false };

interface Heard {
  topic: string;
  payload: string;
  retain: boolean;
  pubsub: PublishFlags['pubsub'];
}

/** A bridge that a test plays, beside a session that it plays too. */
async function setUp() {
  const stanzas = await OutStanzas.make();
  const { xml } = stanzas;
  const clock = new FakeClock();
  const heard: Heard[] = [];
  const notices: string[] = [];
  const granted: string[] = [];
  const subscribed: string[] = [];
  const published: Publication[] = [];
  const session = { opened: 0, closed: 0 };
  /** Items by node, as XML. */
  const items = new Map<string, Element[]>();
  let bridge: LinkListener | undefined;
  const mqtt = {
    where: 'mqtt://bridge:1883',
    writable: true,
    sendsPassword: false,
    remoteAddress: undefined,
    inbound: { gate() {}, pause() {}, deferAck: () => undefined, inherit() {} },
    publish: (wire: Publication, sent: () => void) => {
      published.push(wire);
      sent();
    },
    subscribe: (
      wanted: { filter: string }[],
      _id: unknown,
      answered: (error: Error | undefined, codes: SubscribeAnswer[]) => void,
    ) => {
      subscribed.push(...wanted.map(({ filter }) => filter));
      answered(
        undefined,
        wanted.map(() => 0),
      );
    },
    unsubscribe: (filters: string[]) => subscribed.push(...filters.map((one) => `-${one}`)),
    ping() {},
    end: async () => {},
    release: () => ({ where: '', inbound: [], unreleased: new Set<number>() }),
  } as unknown as Link;
  const pubsub = 'http://jabber.org/protocol/pubsub';
  stanzas.answers.set(`${SERVICE} http://jabber.org/protocol/disco#info`, () =>
    xml(
      'iq',
      {},
      xml(
        'query',
        { xmlns: 'http://jabber.org/protocol/disco#info' },
        xml('identity', { category: 'pubsub', type: 'service' }),
      ),
    ),
  );
  stanzas.answers.set(`${SERVICE} http://jabber.org/protocol/disco#items`, () =>
    xml(
      'iq',
      {},
      xml(
        'query',
        { xmlns: 'http://jabber.org/protocol/disco#items' },
        ...[...items.keys()].map((node) => xml('item', { jid: SERVICE, node })),
      ),
    ),
  );
  stanzas.answers.set(`${SERVICE} ${pubsub}`, (iq) => {
    const asked = iq.getChild('pubsub', pubsub)?.getChild('items');
    const kept = asked && items.get(asked.attrs.node ?? '');
    if (!kept) return new StanzaError('item-not-found', 'cancel', words('not there'));
    const last = kept.slice(-Number(asked.attrs.max_items));
    return xml('iq', {}, xml('pubsub', { xmlns: pubsub }, xml('items', {}, ...last)));
  });
  const link = new BridgeLink(
    (listener) => {
      bridge = listener;
      return mqtt;
    },
    {
      session: {
        stanzas,
        receivesEvents: true,
        open: () => {
          session.opened += 1;
        },
        close: async () => {
          session.closed += 1;
        },
      },
      service: SERVICE,
      payloadType: 'json',
      typed: new Map(),
      poll: 60_000,
      clock,
      notice: (code, _note, level) => {
        if (level !== 'info') notices.push(code);
      },
    },
    {
      connected() {},
      down() {},
      retrying() {},
      drained() {},
      malformed() {},
      granted: (filter) => granted.push(filter),
      message: (topic, payload, { retain, pubsub: address }) =>
        heard.push({ topic, payload: payload.toString(), retain, pubsub: address }),
    },
  );
  const subscribe = (filter: string): Promise<SubscribeAnswer> =>
    new Promise((resolve, reject) =>
      link.subscribe([{ filter, qos: 0, nl: false, rap: false, rh: 0 }], undefined, (error, [code]) =>
        error || code === undefined ? reject(error) : resolve(code),
      ),
    );
  const has = (node: string, ...texts: string[]) =>
    items.set(
      node,
      texts.map((text, at) => xml('item', { id: `${at}` }, xml('json', { xmlns: 'urn:xmpp:json:0' }, text))),
    );
  const says = (node: string, payload: string, type = 'json') =>
    bridge?.message(`${SERVICE}/${type}/${node}`, Buffer.from(payload), FLAGS);
  bridge?.connected({ sessionPresent: false });
  return {
    stanzas,
    xml,
    clock,
    heard,
    notices,
    granted,
    subscribed,
    published,
    session,
    items,
    link,
    subscribe,
    has,
    says,
    bridge: () => bridge,
  };
}

describe('bridge: helped by XMPP', () => {
  it('subscribes to the nodes that are there, but to no name that the bridge cannot carry', async () => {
    const { has, subscribe, subscribed, notices, heard, session } = await setUp();
    for (const node of [
      'home/a',
      'garden/b',
      `home/${'x'.repeat(250)}`,
      'home/#',
      'home/\n',
      'dinox-nr/probe/test',
    ])
      has(node, '1');
    assert.equal(session.opened, 0, 'nobody wants it yet');
    assert.equal(await subscribe('home/#'), 0);
    await turns();
    assert.deepEqual(subscribed, [`${SERVICE}/json/home/a`]);
    assert.deepEqual(notices, ['bridge-name']);
    assert.deepEqual(
      heard.map(({ topic, payload, retain }) => [topic, payload, retain]),
      [['home/a', '1', true]],
    );
    assert.equal(session.opened, 1);
  });

  it('takes what came while the last item was read for the newer one', async () => {
    const { has, subscribe, says, heard, stanzas } = await setUp();
    has('a', '1');
    let answer = (): void => {};
    const ask = stanzas.ask.bind(stanzas);
    stanzas.ask = async (iq) => {
      const result = await ask(iq);
      if (iq.toString().includes('max_items')) await new Promise<void>((resolve) => (answer = resolve));
      return result;
    };
    await subscribe('a');
    await turns();
    says('a', '2');
    answer();
    await turns();
    assert.deepEqual(
      heard.map(({ payload, retain }) => [payload, retain]),
      [['2', false]],
    );
  });

  it('keeps the order while an item of another type is read', async () => {
    const { has, items, xml, subscribe, says, heard } = await setUp();
    has('a', '1');
    await subscribe('a');
    await turns();
    const plain = xml(
      'item',
      { id: 'p' },
      xml('data', { xmlns: 'https://prosody.im/protocol/data' }, 'plain'),
    );
    items.get('a')?.push(plain);
    says('a', '');
    says('a', '2');
    assert.equal(heard.length, 1, 'the second waits behind the first');
    await turns();
    assert.deepEqual(
      heard.map(({ payload, pubsub }) => [payload, pubsub?.type, pubsub?.itemId]),
      [
        ['1', 'json', '0'],
        ['plain', 'utf8', 'p'],
        ['2', 'json', undefined],
      ],
    );
  });

  it('marks what cannot be read, so that it goes to nobody, and holds nothing back', async () => {
    const { subscribe, says, heard, stanzas } = await setUp();
    await subscribe('a');
    await turns();
    says('a', '');
    await turns();
    const reason = new XmppError('network', words('cut'));
    stanzas.become({ phase: 'waiting', at: 0, reason });
    says('a', '');
    says('a', '3');
    assert.deepEqual(
      heard.map(({ payload, pubsub }) => [payload, pubsub?.unread]),
      [
        ['', true],
        ['', true],
        ['3', undefined],
      ],
    );
  });

  it('says within seconds that wildcards wait for the session, and tells when they work', async () => {
    const { has, subscribe, granted, stanzas, clock, heard } = await setUp();
    has('a', '1');
    const reason = new XmppError('network', words('no route'));
    stanzas.become({ phase: 'waiting', at: 0, reason });
    const answer = subscribe('#');
    await turns();
    clock.advance(5_000);
    const refusal = await answer;
    assert.ok(refusal instanceof Error);
    assert.match(
      inEnglish((refusal as XmppError).text),
      /Wildcards need the account's XMPP session.*no route/,
    );
    stanzas.become({ phase: 'online', jid: 'bot@example.org/x', resumed: false, where: 'x' });
    await turns();
    assert.deepEqual([granted, heard.length], [['#'], 1]);
  });

  it('subscribes to a node before the message that makes it, and lets go of everything', async () => {
    const { subscribe, subscribed, published, link, clock, session } = await setUp();
    await subscribe('#');
    await turns();
    const retained = { topic: 'new', payload: '1', qos: 0, retain: true } as const;
    await new Promise((resolve) => link.publish(retained, resolve));
    assert.deepEqual(subscribed, [`${SERVICE}/json/new`]);
    assert.deepEqual(published, [{ ...retained, topic: `${SERVICE}/json/new`, retain: false }]);
    link.unsubscribe(['#']);
    clock.advance(3_000);
    await turns();
    assert.deepEqual(subscribed.at(-1), `-${SERVICE}/json/new`);
    assert.equal(session.closed, 1);
  });

  it('refuses an empty payload that is no JSON, and says who may not remove what is kept', async () => {
    const { link, stanzas, xml } = await setUp();
    const publish = (retain: boolean): Promise<Error | undefined> =>
      new Promise((resolve) => link.publish({ topic: 'a', payload: '', qos: 0, retain }, resolve));
    assert.match(String(await publish(false)), /empty payload is no JSON/);
    const error = xml(
      'iq',
      {},
      xml('error', { type: 'auth' }, xml('forbidden', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
    );
    const forbidden = () => new StanzaError('forbidden', 'auth', words('no'), error);
    stanzas.answers.set(`${SERVICE} http://jabber.org/protocol/pubsub#owner`, forbidden);
    stanzas.answers.set(`${SERVICE} http://jabber.org/protocol/pubsub`, forbidden);
    assert.match(String(await publish(true)), /may not publish to the node/);
  });
});
