/** `xmpp-in` in rooms (XEP-0045): who may speak there, refusals, and rooms that throw out. */
import assert from 'node:assert/strict';
import { BROKER, type Flow, node, sink } from '../support/flows';
import type { XmppPeer } from '../support/xmpp-peer';
import {
  ANNA_JID,
  BOT_JID,
  type ChatInPlace,
  eventOf,
  ROOM,
  WAIT,
  xmppIn,
  xmppOf,
  xmppOut,
} from './chat-in-support';
import { BOT, until } from './chat-support';

/** @param namesMessages true if the server names messages in rooms (XEP-0359) */
export function chatInRoomsSuite(place: ChatInPlace, namesMessages: boolean): void {
  it('in a room who may speak by his own JID, what is said to the nick, and reactions there', async () => {
    const inRoom = (who: XmppPeer, content: string, id?: string) =>
      place.say(who, content, id, ROOM, 'groupchat');
    const before = place.flow.at('in-sink').length;
    inRoom(place.ben, '<body>bot: open the door</body>');
    await until('Ben is heard in the room', () =>
      place.anna.messages.some((one) => one.attrs.from === `${ROOM}/Ben` && one.getChild('body')),
    );
    inRoom(place.anna, '<body>said to all</body>');
    inRoom(place.anna, '<body>bot: status</body>');
    const message = await place.heard('in', 'bot: status');
    assert.deepEqual(
      place.flow
        .at('in-sink')
        .slice(before)
        .map(({ payload }) => payload),
      ['said to all', 'bot: status'],
    );
    assert.deepEqual([message.topic, message.to, message.kind], [ROOM, ROOM, 'groupchat']);
    const { jid, nick, room } = xmppOf(message);
    assert.deepEqual([jid, nick, room], [ANNA_JID, 'Anna', ROOM]);
    assert.deepEqual(place.texts('room'), [], 'nobody but the own account may speak to that node');

    place.flow.send('out', { payload: 'Room is hot', to: ROOM, alertId: 'hot' });
    const isIt = () =>
      place.anna.messages.find(
        (one) => one.attrs.type === 'groupchat' && one.getChildText('body') === 'Room is hot',
      );
    await until('the alert in the room', isIt);
    const its = isIt();
    const named = its?.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs.id;
    if (namesMessages) assert.ok(named, 'this server names messages in rooms');
    inRoom(
      place.anna,
      `<reactions xmlns='urn:xmpp:reactions:0' id='${named ?? its?.attrs.id}'><reaction>✅</reaction></reactions>`,
    );
    const reaction = await place.heard('in', '✅');
    assert.deepEqual([reaction.alertId, reaction.to], ['hot', ROOM]);
    inRoom(place.anna, `<body>sentinel in the room</body>`);
    await place.heard('in', 'sentinel in the room');
    assert.ok(!place.texts('in').includes('Room is hot'), 'no echo');
  });

  // Read once, though it can change; and two writers of one status: green, in no room, and never back.
  it('a room that refuses, and one that throws out: red, told to a catch node, and back when invited', async () => {
    const CLUB = 'club@conference.localhost';
    const MUC = 'http://jabber.org/protocol/muc';
    const ask = async (to: string, content: string) => {
      const id = `ask${place.next()}`;
      place.anna.write(`<iq type='set' to='${to}' id='${id}'>${content}</iq>`);
      await until(`an answer to ${content}`, () => place.anna.stanzas.some(({ attrs }) => attrs.id === id));
      const answer = place.anna.stanzas.find(({ attrs }) => attrs.id === id);
      assert.equal(answer?.attrs.type, 'result', String(answer));
    };
    const invite = () =>
      place.anna.write(
        `<message to='${CLUB}'><x xmlns='${MUC}#user'><invite to='${BOT_JID}'/></x></message>`,
      );
    const isIn = (nick: string, after = 0) =>
      until(`${nick} is in the club`, () =>
        place.anna.stanzas
          .slice(after)
          .some(({ name: kind, attrs }) => kind === 'presence' && attrs.from === `${CLUB}/${nick}`),
      );
    place.anna.write(`<presence to='${CLUB}/Anna'><x xmlns='${MUC}'/></presence>`);
    await isIn('Anna');
    const members =
      "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_membersonly'><value>1</value></field>";
    await ask(
      CLUB,
      `<query xmlns='${MUC}#owner'><x xmlns='jabber:x:data' type='submit'>${members}</x></query>`,
    );

    const out = xmppOut();
    const withClub = (nick: string) =>
      [
        ...place.flowFor(xmppIn('club', { rooms: CLUB, nick }), out),
        node('catch', 'catch', { scope: null, uncaught: false, wires: [['caught']] }),
        sink('caught'),
      ] as Flow;
    await place.redeploy(withClub('bot'));
    const caught = (reason: string) =>
      place.flow.until(
        `${reason} at the catch node`,
        () => place.flow.at('caught').some((msg) => eventOf(msg)?.reason === reason),
        WAIT,
      );
    const shown = (text: string) =>
      place.flow.until(
        `${text} under the node`,
        () => place.flow.statusesOf('club').at(-1)?.text?.includes(text),
        WAIT,
      );
    const joins = () => place.flow.at('club-events').filter((msg) => eventOf(msg).event === 'joined').length;
    const back = (times: number) =>
      place.flow.until(`in for the ${times}th time`, () => joins() === times, WAIT);
    await caught('room-members');
    assert.match(JSON.stringify(place.flow.at('caught')[0]?.error), /error\.room/);
    await shown('room');
    assert.equal(place.flow.statusesOf('club').at(-1)?.fill, 'red');
    await ask(CLUB, `<query xmlns='${MUC}#admin'><item affiliation='member' jid='${BOT_JID}'/></query>`);
    invite();
    await back(1);
    await place.flow.shows('club', 'green', WAIT);

    await place.flow.deploy(withClub('robot'), 'nodes', { [BROKER]: { password: BOT.password } });
    await isIn('robot');

    const before = place.anna.stanzas.length;
    await ask(
      CLUB,
      `<query xmlns='${MUC}#admin'><item nick='robot' role='none'><reason>too loud</reason></item></query>`,
    );
    await caught('room-kicked');
    await place.flow.shows('club', 'red', WAIT);
    invite();
    await isIn('robot', before);
    await place.flow.shows('club', 'green', WAIT);

    await ask(CLUB, `<query xmlns='${MUC}#owner'><destroy><reason>over</reason></destroy></query>`);
    await caught('room-destroyed');
    await place.flow.shows('club', 'red', WAIT);
    assert.equal(place.flow.at('caught').length, 3, 'each is told once');
  });

  it('an alert is found after a deploy that makes everything anew', async () => {
    const id = await place.alert('Freezer warm', 'freezer');
    const nodes = place.flow.at('in-events').length;
    await place.redeploy(
      place.flowFor(xmppIn('in', { allow: `${ANNA_JID} ${ROOM}`, maxAge: '' }), xmppOut()),
    );
    await place.flow.until(
      'the room in the list of who may speak is joined',
      () =>
        place.flow
          .at('in-events')
          .slice(nodes)
          .some((msg) => eventOf(msg).event === 'joined'),
      WAIT,
    );
    place.say(
      place.anna,
      `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>🔕</reaction></reactions>`,
    );
    assert.equal((await place.heard('in', '🔕')).alertId, 'freezer');
    place.say(place.ben, '<body>anybody here may speak</body>', undefined, ROOM, 'groupchat');
    assert.equal(xmppOf(await place.heard('in', 'anybody here may speak')).nick, 'Ben');
  });
}
