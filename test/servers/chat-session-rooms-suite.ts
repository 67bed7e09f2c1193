/**
 * Rooms that lose us without a word, and rooms that take no more, on real servers. No server forgets an occupant in
 * silence when it is asked to: a room that is destroyed, a component that is unloaded and a kick all say so, and a
 * restart of the server ends the session as well. So the kick is real, and so are the answers to the ping; only the
 * word about the kick is kept from the client. `wait` comes from ejabberd's own `min_message_interval`, and from
 * Prosody with `mod_muc_limits`; Prosody's own limits and ejabberd's shapers only slow down, without an error.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../src/base/clock';
import { RecipientKinds } from '../../src/xmpp/rooms/recipient-kinds';
import { type RoomEvent, Rooms } from '../../src/xmpp/rooms/rooms';
import type { Feedback } from '../../src/xmpp/sending/send-request';
import { Sender } from '../../src/xmpp/sending/sender';
import { SentMessages } from '../../src/xmpp/sent-messages';
import type { Stanzas } from '../../src/xmpp/stanzas';
import { Uploads } from '../../src/xmpp/upload/upload';
import type { XmppPeer } from '../support/xmpp-peer';
import { type BotSession, until } from './chat-support';

const MUC = 'http://jabber.org/protocol/muc';
const clock = systemClock;
/** Twice as fast: a room that said `wait` rests for 2.5 s instead of 5. */
const hasty: Clock = {
  now: () => clock.now() * 2,
  steady: () => clock.steady() * 2,
  after: (ms, action) => clock.after(ms / 2, action),
};

/** @param limits whether the room's limits are tried, too, which takes long. */
export function lostRoomSuite(
  name: string,
  online: () => Promise<BotSession>,
  phone: () => Promise<XmppPeer>,
  limits: boolean,
): void {
  /** A room that anna owns and is in. */
  async function owned(anna: XmppPeer, nick: string): Promise<string> {
    const room = `${nick}-${name}@conference.localhost`;
    const form = `<query xmlns='${MUC}#owner'><x xmlns='jabber:x:data' type='submit'/></query>`;
    anna.write(`<presence to='${room}/anna'><x xmlns='${MUC}'/></presence>`);
    await until('anna is in', () => anna.stanzas.some(({ attrs }) => attrs.from === `${room}/anna`));
    anna.write(`<iq type='set' id='own-${room}' to='${room}'>${form}</iq>`);
    await until('it is open', () => anna.stanzas.some(({ attrs }) => attrs.id === `own-${room}`));
    return room;
  }

  it(`${name}: a room that lost us without a word is noticed by the self-ping, and we go in again`, async () => {
    const anna = await phone();
    const bot = await online();
    const room = await owned(anna, 'lost');
    let deaf = false;
    const stanzas: Stanzas = {
      account: bot.session.account,
      domain: bot.session.domain,
      get state() {
        return bot.session.state;
      },
      load: () => bot.session.load(),
      send: (stanza, done) => bot.session.send(stanza, done),
      ask: (iq, options) => bot.session.ask(iq, options),
      onState: (handler) => bot.session.onState(handler),
      onStanza: (handler) =>
        bot.session.onStanza((stanza) => {
          if (!(deaf && stanza.name === 'presence' && stanza.attrs.type === 'unavailable')) handler(stanza);
        }),
    };
    const rooms = new Rooms(stanzas, { clock, selfPingMs: 300 });
    const events: RoomEvent[] = [];
    rooms.onEvent((event) => events.push(event));
    await rooms.join(room, { nick: 'robot' });
    const joins = () => events.filter(({ type }) => type === 'joined').length;
    // The ping is answered while we are in: nothing happens.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal(joins(), 1);
    deaf = true;
    const kick = `<query xmlns='${MUC}#admin'><item nick='robot' role='none'/></query>`;
    anna.write(`<iq type='set' id='kick' to='${room}'>${kick}</iq>`);
    await until('it came back', () => joins() === 2);
    assert.deepEqual(
      events.map(({ type }) => type).filter((type) => !type.startsWith('occupant') && type !== 'subject'),
      ['joined', 'left', 'joined'],
    );
    rooms.close();
  });

  if (!limits) return;
  it(`${name}: what a room refuses with "wait" is sent later, once`, async function () {
    this.timeout(90_000);
    const anna = await phone();
    const { session: stanzas, ...bot } = await online();
    const room = await owned(anna, 'busy');
    const rooms = new Rooms(stanzas, { clock });
    const refused: Feedback[] = [];
    const errors: string[] = [];
    stanzas.onStanza((stanza) => {
      const error = stanza.name === 'message' ? stanza.getChild('error') : undefined;
      if (error) errors.push(String(error.attrs.type));
    });
    const sender = new Sender({
      ...{ stanzas, rooms, clock: hasty, node: 'out', nick: 'robot', rate: 6_000, offlineMs: 60_000 },
      kinds: new RecipientKinds(stanzas),
      uploads: new Uploads(stanzas, { clock }),
      memory: new SentMessages(),
      newId: randomUUID,
      head: String,
      feedback: (feedback) => refused.push(feedback),
    });
    const texts = ['one', 'two', 'three'];
    await Promise.all(
      texts.map((text) =>
        sender.send({ to: [room], kind: 'groupchat', text, files: [], hints: [], receipt: false }),
      ),
    );
    const came = () =>
      anna.messages
        .filter(({ attrs }) => attrs.from === `${room}/robot`)
        .map((one) => one.getChildText('body'));
    await until(
      () => `all came: ${came()}; ${JSON.stringify(refused)}`,
      () => came().length >= texts.length,
      60_000,
    );
    assert.ok(errors.length > 0 && errors.every((type) => type === 'wait'), errors.join());
    assert.deepEqual([came().sort(), refused], [texts.sort(), []]);
    sender.close(new Error('over'));
    rooms.close();
    assert.deepEqual(bot.notices, []);
  });
}
