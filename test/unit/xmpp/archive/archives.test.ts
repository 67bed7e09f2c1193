import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import { ArchivePositions, type PositionRecord } from '../../../../src/xmpp/archive/positions';
import { XmppError } from '../../../../src/xmpp/errors';
import { AllowList } from '../../../../src/xmpp/receiving/allow-list';
import { Inbox } from '../../../../src/xmpp/receiving/inbox';
import { mayAct } from '../../../../src/xmpp/receiving/lateness';
import type { ChatMessage } from '../../../../src/xmpp/receiving/stanza-reader';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../out-stanzas';
import { reader } from '../parse';

const ACCOUNT = 'bot@example.org';
const ANNA = 'anna@example.org';
const ROOM = 'team@rooms.example.org';
const MAM = 'urn:xmpp:mam:2';
const DISCO = 'http://jabber.org/protocol/disco#info';

interface Kept {
  id: string;
  stamp: number;
  message: string;
}

/** An archive as a server keeps it, and as a hostile one may answer. */
class FakeArchive {
  kept: Kept[] = [];
  questions: { before: string; max: number }[] = [];
  /** Changes a result before it goes out. */
  twist = (result: string): string => result;
  /** Sent before each answer. */
  beside: string[] = [];
  fails: Error | undefined;
  most = 50;

  constructor(
    private readonly parse: (xml: string) => Element,
    private readonly stanzas: OutStanzas,
    readonly jid: string,
    features = [MAM, 'muc_nonanonymous'],
  ) {
    const to = jid === ACCOUNT ? undefined : jid;
    stanzas.answers.set(`${jid} ${DISCO}`, () =>
      this.parse(
        `<iq type='result'><query xmlns='${DISCO}'>${features.map((one) => `<feature var='${one}'/>`).join('')}</query></iq>`,
      ),
    );
    stanzas.answers.set(`${to} ${MAM}`, (iq) => this.answer(iq));
  }

  say(id: string, stamp: number, body: string, from = `${ANNA}/phone`, more = ''): void {
    const to = this.jid === ACCOUNT ? `to='${ACCOUNT}' type='chat'` : "type='groupchat'";
    this.kept.push({
      id,
      stamp,
      message: `<message xmlns='jabber:client' from='${from}' ${to} id='m-${id}'><body>${body}</body>${more}</message>`,
    });
  }

  private async answer(iq: Element): Promise<Element> {
    if (this.fails) throw this.fails;
    const query = iq.getChild('query', MAM);
    const set = query?.getChild('set');
    const before = set?.getChildText('before') ?? '';
    const max = Math.min(this.most, Number(set?.getChildText('max')));
    this.questions.push({ before, max });
    const end = before === '' ? this.kept.length : this.kept.findIndex(({ id }) => id === before);
    const page = this.kept.slice(Math.max(0, end - max), Math.max(0, end));
    for (const one of this.beside) this.stanzas.receive(this.parse(one));
    for (const { id, stamp, message } of page) {
      const delay = `<delay xmlns='urn:xmpp:delay' stamp='${new Date(stamp).toISOString()}'/>`;
      const result = `<message from='${this.jid}'><result xmlns='${MAM}' queryid='${query?.attrs.queryid}' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'>${delay}${message}</forwarded></result></message>`;
      this.stanzas.receive(this.parse(this.twist(result)));
    }
    const ids = page.length > 0 ? `<first>${page[0]?.id}</first><last>${page.at(-1)?.id}</last>` : '';
    const complete = end - max <= 0 ? "complete='true'" : '';
    return this.parse(
      `<iq type='result'><fin xmlns='${MAM}' ${complete}><set xmlns='http://jabber.org/protocol/rsm'>${ids}</set></fin></iq>`,
    );
  }
}

describe('archives', () => {
  let parse: (xml: string) => Element;
  let stanzas: OutStanzas;
  let clock: FakeClock;
  /** The file. */
  let disk: PositionRecord[];
  let archive: FakeArchive;
  let notices: string[];
  let messages: ChatMessage[];
  let caughtUp: number;
  let failures: Error[];
  let inbox: Inbox | undefined;
  let behind = (): string[] => [];
  const now = (): number => clock.now();

  before(async () => {
    parse = await reader();
  });

  beforeEach(async () => {
    stanzas = await OutStanzas.make();
    clock = new FakeClock();
    disk = [];
    notices = [];
    failures = [];
    archive = new FakeArchive(parse, stanzas, ACCOUNT);
  });

  afterEach(() => {
    inbox?.close();
    inbox = undefined;
    assert.deepEqual(failures, []);
  });

  /** A new process: everything but the disk and the server is gone. */
  async function start(wants = true): Promise<void> {
    inbox?.close();
    messages = [];
    caughtUp = 0;
    const positions = new ArchivePositions((record) => disk.push(structuredClone(record)));
    positions.restore(disk);
    stanzas = Object.assign(await OutStanzas.make(), { answers: stanzas.answers });
    Object.assign(archive, { stanzas });
    inbox = new Inbox(
      stanzas,
      {
        isJoined: (room) => room === ROOM,
        isOwn: (_room, nick) => nick === 'bot',
        realJid: (_room, nick) => (nick === 'Anna' ? ANNA : undefined),
      },
      new SentMessages(),
      {
        clock,
        positions,
        cannotRead: '',
        flooded: () => {},
        failed: (error) => failures.push(error),
        caughtUp: () => {
          caughtUp += 1;
        },
        notice: (_level, said) => notices.push(JSON.stringify(said)),
      },
    );
    inbox.add({
      id: 'in',
      allow: new AllowList(ANNA, ACCOUNT),
      rooms: new Set([ROOM]),
      archive: wants,
      offer: (message) => {
        messages.push(message);
        return () => {};
      },
      event: () => {},
    });
    behind = () => [...(inbox?.behind ?? [])].map(({ id }) => id);
    await turns();
  }

  const live = (id: string, body: string, more = ''): void =>
    stanzas.receive(
      parse(
        `<message from='${ANNA}/phone' to='${ACCOUNT}' type='chat' id='m-${id}'><body>${body}</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='${id}'/>${more}</message>`,
      ),
    );
  const texts = (): string[] => messages.map(({ text }) => text);
  const settle = (): void => clock.advance(1_500);

  it('begins with the present: the first start reads nothing old', async () => {
    archive.say('1', now() - 1_000, 'old');
    await start();
    assert.deepEqual(texts(), []);
    assert.deepEqual(archive.questions, [{ before: '', max: 1 }]);
    archive.say('2', now(), 'meanwhile');
    await start();
    assert.deepEqual(texts(), ['meanwhile']);
    const [message] = messages;
    assert.deepEqual([message?.archived, message?.delayed, message?.stanzaId], [true, true, '2']);
  });

  it('kind: handed over counts as arrived. What the server delivers at the first start is heard', async () => {
    archive.say('1', now(), 'kept offline');
    archive.beside = [
      `<message from='${ANNA}/phone' type='chat' id='m-1'><body>kept offline</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='1'/></message>`,
    ];
    await start();
    assert.deepEqual(texts(), ['kept offline']);
    archive.beside = [];
    settle();
    await start();
    assert.deepEqual(texts(), []);
  });

  it('an empty archive at the first start is a beginning, too', async () => {
    await start();
    archive.say('1', now() + 1_000, 'meanwhile');
    clock.advance(60_000);
    await start();
    assert.deepEqual(texts(), ['meanwhile']);
  });

  it('kind: twice. What came live, from the archive, or offline beside it counts once, over any number of starts', async () => {
    await start();
    live('1', 'live');
    archive.say('1', now(), 'live');
    settle();
    archive.say('2', now(), 'meanwhile');
    await start();
    live('2', 'meanwhile');
    assert.deepEqual(texts(), ['meanwhile']);
    settle();
    await start();
    assert.deepEqual(texts(), []);
    live('2', 'meanwhile');
    live('3', 'new');
    assert.deepEqual(texts(), ['new']);
  });

  it('what arrives while the archive is read is held, and comes in its order', async () => {
    await start();
    archive.say('1', now(), 'one');
    archive.say('2', now() + 1, 'two');
    clock.advance(10_000);
    archive.beside = [
      `<message from='${ANNA}/phone' type='chat' id='m-2'><body>two</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='2'/></message>`,
      `<message from='${ANNA}/phone' type='chat' id='m-x'><body>in no archive</body><delay xmlns='urn:xmpp:delay' stamp='${new Date(now() - 10_000).toISOString()}'/></message>`,
      `<message from='${ANNA}/phone' type='chat' id='m-3'><body>three</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ACCOUNT}' id='3'/></message>`,
    ];
    await start();
    assert.deepEqual(texts(), ['one', 'in no archive', 'two', 'three']);
    assert.equal(caughtUp, 1);
    assert.deepEqual(
      messages.map((one) => one.archived),
      [true, undefined, undefined, undefined],
    );
  });

  it('kind: killed in the middle. What was only begun comes again, marked; what came before and after it once', async () => {
    await start();
    live('1', 'done');
    archive.say('1', now(), 'done');
    settle();
    live('2', 'begun');
    archive.say('2', now() + 1, 'begun');
    archive.say('3', now() + 2, 'after');
    // Killed: nothing is written any more.
    inbox = undefined;
    await start();
    assert.deepEqual(
      messages.map(({ text, interrupted }) => [text, interrupted]),
      [
        ['begun', true],
        ['after', undefined],
      ],
    );
  });

  it('kind: a million messages. The newest are read, within bounds, and it is said once', async () => {
    await start();
    for (let i = 0; i < 20_000; i++) archive.say(`n${i}`, now() + i, `n${i}`);
    clock.advance(60_000);
    await start();
    assert.equal(texts().length, 1_000);
    assert.equal(texts().at(-1), 'n19999');
    assert.equal(texts()[0], 'n19000');
    assert.ok(archive.questions.length < 40);
    assert.equal(notices.length, 1);
    await start();
    assert.deepEqual(texts(), []);
  });

  it('kind: an archive that never ends, repeats its page, or gives more than was asked for', async () => {
    await start();
    archive.say('1', now(), 'one');
    archive.twist = (result) => result.replace("id='1'", "id='same'");
    archive.most = 1;
    for (let i = 2; i < 9; i++) archive.say(String(i), now(), `body ${i}`);
    archive.twist = (result) => result.replace(/queryid='([^']*)' id='[^']*'/, "queryid='$1' id='same'");
    await start();
    assert.ok(texts().length <= 1, texts().join());
    assert.ok(archive.questions.length < 6);
  });

  it('kind: forged. Results of strangers, of other questions, without a time, and foreign messages are none', async () => {
    await start();
    const forged = (from: string, query: string, inner: string, stamp = new Date(now()).toISOString()) =>
      `<message from='${from}'><result xmlns='${MAM}' queryid='${query}' id='f${Math.random()}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='${stamp}'/>${inner}</forwarded></result></message>`;
    const inner = `<message xmlns='jabber:client' from='${ANNA}/x' to='${ACCOUNT}' type='chat'><body>forged</body></message>`;
    let query = '';
    archive.twist = (result) => {
      query = /queryid='([^']*)'/.exec(result)?.[1] ?? '';
      for (const [from, id, what, stamp] of [
        ['mallory@evil.example', query, inner],
        [`${ACCOUNT}/other`, query, inner],
        [ROOM, query, inner],
        [ACCOUNT, 'other', inner],
        [ACCOUNT, query, inner, 'yesterday'],
        [ACCOUNT, query, inner.replace("type='chat'", "type='groupchat'")],
        [ACCOUNT, query, inner.replace(`${ANNA}/x`, `${ROOM}/Anna`)],
        [ACCOUNT, query, inner.replace(`${ANNA}/x`, 'mallory@evil.example/x')],
        [
          ACCOUNT,
          query,
          inner.replace(`${ANNA}/x`, `${ACCOUNT}/old`).replace(`to='${ACCOUNT}'`, `to='${ANNA}'`),
        ],
        [ACCOUNT, query, inner.replace(` from='${ANNA}/x'`, '')],
      ] as [string, string, string, string?][])
        stanzas.receive(parse(forged(from, id, what, stamp)));
      return result;
    };
    archive.say('1', now(), 'real');
    await start();
    assert.deepEqual(texts(), ['real']);
    // Nobody asks any more.
    stanzas.receive(parse(forged(ACCOUNT, query, inner)));
    assert.deepEqual(texts(), ['real']);
  });

  it('out of order it is sorted by its time', async () => {
    await start();
    archive.say('2', now() + 2, 'two');
    archive.say('1', now() + 1, 'one');
    archive.say('3', now() + 3, 'three');
    clock.advance(1_000);
    await start();
    assert.deepEqual(texts(), ['one', 'two', 'three']);
  });

  it('without an archive everything is as it was, with one notice', async () => {
    archive = new FakeArchive(parse, stanzas, ACCOUNT, []);
    await start();
    live('1', 'one');
    live('1', 'other text, same id: nobody vouches for it');
    assert.deepEqual(texts(), ['one', 'other text, same id: nobody vouches for it']);
    assert.equal(notices.length, 1);
    stanzas.become({ phase: 'online', jid: `${ACCOUNT}/x`, resumed: false, where: '' });
    await turns();
    assert.equal(notices.length, 1);
    assert.deepEqual(disk, []);
  });

  it('an archive that cannot be read is tried again, and what was held comes', async () => {
    await start();
    archive.say('1', now(), 'archived');
    archive.fails = new StanzaError('internal-server-error', 'wait', words('broken'));
    await start();
    live('2', 'held');
    assert.deepEqual(texts(), []);
    archive.fails = undefined;
    clock.advance(5_000);
    await turns();
    assert.deepEqual(texts(), ['archived', 'held']);
    assert.deepEqual(notices, []);
    archive.fails = new StanzaError('internal-server-error', 'wait', words('broken'));
    await start();
    live('3', 'held in vain');
    clock.advance(5_000);
    await turns();
    assert.deepEqual(texts(), ['held in vain']);
    assert.equal(notices.length, 1);
  });

  it('kind: our clock is wrong. What was written after now may be of any age', async () => {
    await start();
    archive.say('1', now() + 3_600_000, 'light on');
    await start();
    const [message] = messages;
    assert.ok(message && !mayAct(message, 300_000, now()));
    assert.ok(mayAct(message, undefined, now()));
    assert.ok(!mayAct({ stamp: now(), interrupted: true }, undefined, now()));
    assert.ok(!mayAct({ stamp: now() - 2 }, 1, now()) && mayAct({ stamp: now() - 1 }, 1, now()));
  });

  it('says who may still hear what was written before: until the archives of account and room are read, or are none', async () => {
    const room = new FakeArchive(parse, stanzas, ROOM);
    archive.say('1', now(), 'one');
    await start();
    assert.deepEqual(behind(), ['in'], 'the room');
    inbox?.entered(ROOM);
    await turns();
    assert.deepEqual(behind(), []);
    assert.deepEqual(room.questions.length, 1);
    stanzas.become({ phase: 'online', jid: `${ACCOUNT}/x`, resumed: false, where: '' });
    assert.deepEqual(behind(), ['in'], 'another session');
    await turns();
    inbox?.entered(ROOM);
    await turns();
    assert.deepEqual(behind(), []);
    await start(false);
    assert.deepEqual(behind(), [], 'it does not want to hear it');
    const reason = new XmppError('login', words('no'));
    stanzas.become({ phase: 'waiting', at: 1, reason });
    assert.deepEqual(behind(), ['in']);
    stanzas.become({ phase: 'stopped', reason });
    assert.deepEqual(behind(), [], 'it never comes');
  });

  it('a resumed session missed nothing, a new one may have', async () => {
    await start();
    archive.say('1', now(), 'while the line was lost');
    stanzas.become({ phase: 'online', jid: `${ACCOUNT}/x`, resumed: true, where: '' });
    await turns();
    assert.deepEqual(texts(), []);
    stanzas.become({ phase: 'online', jid: `${ACCOUNT}/x`, resumed: false, where: '' });
    await turns();
    assert.deepEqual(texts(), ['while the line was lost']);
  });

  it('where nobody wants it, nothing is read, and a later wish begins anew', async () => {
    await start();
    archive.say('1', now(), 'one');
    await start(false);
    assert.deepEqual(texts(), []);
    clock.advance(60_000);
    await start(true);
    assert.deepEqual(texts(), []);
  });

  it('a room has its own archive, and a nick proves nothing there', async () => {
    const room = new FakeArchive(parse, stanzas, ROOM);
    const jid = (of: string) =>
      `<x xmlns='http://jabber.org/protocol/muc#user'><item jid='${of}' affiliation='none' role='participant'/></x>`;
    await start();
    Object.assign(room, { stanzas });
    inbox?.entered(ROOM);
    await turns();
    room.say('1', now(), 'of anna', `${ROOM}/Other`, jid(ANNA));
    room.say('2', now(), 'with her nick', `${ROOM}/Anna`, jid('mallory@evil.example'));
    room.say('3', now(), 'with two', `${ROOM}/Anna`, jid(ANNA) + jid('mallory@evil.example'));
    room.say('4', now(), 'without', `${ROOM}/Anna`);
    room.say('5', now(), 'of us', `${ROOM}/bot_2`, jid(ACCOUNT));
    room.say('6', now(), 'of the room', ROOM, jid(ANNA));
    room.say('7', now(), 'of another room', 'other@rooms.example.org/Anna', jid(ANNA));
    await start();
    Object.assign(room, { stanzas });
    inbox?.entered(ROOM);
    await turns();
    assert.deepEqual(
      messages.map(({ text, kind, room: at }) => [text, kind, at]),
      [['of anna', 'groupchat', ROOM]],
    );
  });
});
