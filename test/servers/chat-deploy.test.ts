/** What waits in chat while a `dinox-broker` is deployed anew, gets another account, or is deleted. */
import assert from 'node:assert/strict';
import { BROKER, type Flow } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import { type Proxy as Line, type Prosody, startProsody, startProxy } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { account, chatFlow, SLOW_MS, startChat } from './chat-out-support';
import { Ends, until } from './chat-support';
import { OTHER, OTHER_PASSWORD, USER, users } from './nodes-support';

const ROOM = 'home@conference.localhost';

describe('chat: deploys while messages wait', function () {
  this.timeout(2 * SLOW_MS);
  const ends = new Ends();
  let server: Prosody;
  let line: Line;
  let ben: XmppPeer;
  before(async () => {
    server = await startProsody({ users });
  });
  beforeEach(async () => {
    line = ends.add(await startProxy({ target: { port: server.c2sPort } }));
    ben = new XmppPeer({ port: server.c2sTlsPort, user: OTHER, password: OTHER_PASSWORD, stays: true });
    ends.add(ben);
    await until('ben is there', () => ben.ready);
  });
  afterEach(() => ends.all());
  after(() => server?.kill());

  /** A flow that is online; `send` hands messages over, numbered by their payloads. */
  async function begin(out: object = {}) {
    let version = 0;
    const flow = (properties: object = {}): Flow =>
      chatFlow(line.port, out).map((one) =>
        one.id === BROKER ? account(line.port, { name: `v${++version}`, ...properties }) : one,
      );
    const running: RunningFlow = ends.add(await startChat(flow()));
    const sent: Message[] = [];
    const send = (count: number): void => {
      for (let number = 0; number < count; number++) {
        const msg = { payload: `n${sent.length}` };
        sent.push(msg);
        running.send('out', msg);
      }
    };
    /** The test helper gives up waiting after 300 ms, which a busy machine may take. */
    const deploy = (next: Flow, type: 'full' | 'nodes' = 'full'): Promise<void> =>
      running.deploy(next, type).catch((error: Error) => {
        if (!/timeout waiting/.test(error.message)) throw error;
      });
    /** How often each outcome was: `{ open: 3, done: 1 }`. */
    const count = (): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const msg of sent) {
        const calls = running.completionsOf(msg).map(({ error }) => (error ? 'error' : 'done'));
        const outcome = calls.join() || 'open';
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
      return counts;
    };
    const came = () => ben.messages.filter((one) => /^n\d+$/.test(one.getChildText('body') ?? ''));
    /** All came, once, in order, with the ids that output 1 names; and all are done, once. */
    const allIsWell = async (): Promise<void> => {
      const all = sent.length;
      await until(
        () => `all is done and came: ${JSON.stringify(count())}, ${came().length} of ${all}`,
        () => count().done === all && came().length >= all,
        SLOW_MS,
      );
      // What came twice would be behind the others.
      send(1);
      // A message can arrive before the server has acknowledged it.
      await until(
        'the last one, and its done',
        () => came().at(-1)?.getChildText('body') === `n${all}` && count().done === sent.length,
        SLOW_MS,
      );
      assert.deepEqual(
        came().map((one) => one.getChildText('body')),
        sent.map(({ payload }) => payload),
      );
      assert.deepEqual(count(), { done: sent.length });
      const told = await running.messages('sent', sent.length, SLOW_MS);
      assert.deepEqual(
        new Map(told.map(({ payload, xmpp }) => [payload, (xmpp as Message).id])),
        new Map(came().map((one) => [one.getChildText('body'), one.attrs.id])),
      );
    };
    return { running, flow, deploy, sent, send, count, allIsWell };
  }

  it('while the server is away: all arrive through the successor, in order, once', async () => {
    const { running, flow, deploy, send, count, allIsWell } = await begin();
    send(2);
    await until('they are done', () => count().done === 2, SLOW_MS);
    await server.stop();
    await running.shows('out', 'yellow', SLOW_MS);
    send(15);
    await deploy(flow());
    send(15);
    await deploy(flow(), 'nodes');
    assert.deepEqual(count(), { done: 2, open: 30 });
    send(5);
    await server.restart();
    await allIsWell();
  });

  it('to a room: the successor goes in first; what waits before the room is known goes over, too', async () => {
    const muc = 'http://jabber.org/protocol/muc';
    ben.write(`<presence to='${ROOM}/ben'><x xmlns='${muc}'/></presence>`);
    ben.write(
      `<iq type='set' id='own' to='${ROOM}'><query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
    );
    await until('the room is open', () => ben.stanzas.some(({ attrs }) => attrs.id === 'own'), SLOW_MS);
    const { running, flow, deploy, send, count, allIsWell } = await begin({ to: ROOM, nick: 'robot' });
    send(2);
    await until('they are done', () => count().done === 2, SLOW_MS);
    await line.refuse(true);
    line.cut();
    await running.shows('out', 'yellow', SLOW_MS);
    send(5);
    await deploy(flow());
    // This one does not know yet whether that is a room.
    send(5);
    await deploy(flow());
    assert.deepEqual(count(), { done: 2, open: 10 });
    await line.refuse(false);
    await allIsWell();
    const [first] = ben.messages.filter((one) => one.getChild('body'));
    assert.equal(first?.attrs.from, `${ROOM}/robot`);
  });

  it('to a room that takes the account in no more: the successor says what came back', async () => {
    const muc = 'http://jabber.org/protocol/muc';
    const room = 'closed@conference.localhost';
    const ask = async (id: string, query: string): Promise<void> => {
      ben.write(`<iq type='set' id='${id}' to='${room}'>${query}</iq>`);
      const isAnswer = ({ attrs }: { attrs: { id?: string } }) => attrs.id === id;
      await until(id, () => ben.stanzas.some(isAnswer), SLOW_MS);
      assert.equal(ben.stanzas.find(isAnswer)?.attrs.type, 'result');
    };
    ben.write(`<presence to='${room}/ben'><x xmlns='${muc}'/></presence>`);
    await ask('own', `<query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'/></query>`);
    const { running, flow, deploy, send, count } = await begin({ to: room, nick: 'robot' });
    send(1);
    await until('it is done', () => count().done === 1, SLOW_MS);
    // On a line that is dead nobody hears of the ban, and what is said there goes to the successor.
    line.hold(true);
    line.hold(false);
    send(3);
    await ask(
      'ban',
      `<query xmlns='${muc}#admin'><item affiliation='outcast' jid='${USER}@localhost'/></query>`,
    );
    await deploy(flow());
    await until(
      () => `it is said: ${JSON.stringify([count(), running.complaints()])}`,
      () =>
        running.complaints().some(({ node, text }) => node === BROKER && /came back undelivered/.test(text)),
      SLOW_MS,
    );
    // Nobody else can say it.
    assert.deepEqual(count(), { done: 4 });
  });

  it('a deleted node, or another account: the reason at once, and nothing is sent', async () => {
    for (const last of [
      (flow: Flow) => flow.filter(({ type }) => type !== 'dinox-broker' && type !== 'xmpp-out'),
      (flow: Flow) => flow.map((one) => (one.id === BROKER ? { ...one, jid: `${OTHER}@localhost` } : one)),
    ]) {
      const { running, flow, deploy, sent, send, count } = await begin();
      await line.refuse(true);
      line.cut();
      await running.shows('out', 'yellow', SLOW_MS);
      send(5);
      // Nobody knows if that is a room.
      const unknown = { payload: 'n5', to: 'who@elsewhere.example' };
      sent.push(unknown);
      running.send('out', unknown);
      await deploy(last(flow()));
      await until(
        () => `all have their reason: ${JSON.stringify(count())}`,
        () => count().error === 6,
      );
      for (const msg of sent.slice(0, 5)) {
        assert.match(
          running.completionsOf(msg)[0]?.error ?? '',
          /not sent: the (dinox-broker node|last node of the account) was/,
        );
      }
      await line.refuse(false);
      await running.stop();
      assert.deepEqual(count(), { error: 6 });
    }
    assert.deepEqual(ben.messages, []);
  });
});
