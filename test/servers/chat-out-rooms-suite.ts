/** Rooms on real servers (XEP-0045, XEP-0410). */
import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import type { Proxy as Line } from '../support/servers/index';
import { type ChatContext, ChatPartner, SLOW_MS } from './chat-out-support';
import { USER } from './nodes-support';

const MUC = 'http://jabber.org/protocol/muc';

/** @param restarts whether the server is restarted too, which takes long. */
export function roomsSuite(context: () => ChatContext, proxy: () => Line, restarts: boolean): void {
  let count = 0;
  /** A room that ben owns. */
  async function benOwns(fields: Record<string, string> = {}, nick = 'ben'): Promise<string> {
    const { ben } = context();
    const { xml } = ben;
    const room = `room${++count}@conference.localhost`;
    await ben.join(room, nick);
    const all = { FORM_TYPE: `${MUC}#roomconfig`, ...fields };
    const form = xml(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      ...Object.entries(all).map(([name, value]) => xml('field', { var: name }, xml('value', {}, value))),
    );
    const answer = await ben.ask(`own${count}`, 'set', room, xml('query', { xmlns: `${MUC}#owner` }, form));
    assert.equal(answer.attrs.type, 'result', answer.toString());
    return room;
  }
  /** Sends through a node, and resolves with what ben heard of it in the room. */
  async function said(room: string, payload: string, id = 'quiet'): Promise<Element> {
    const { ben, flow } = context();
    const { error } = await flow.call(id, { to: room, payload }, SLOW_MS);
    assert.equal(error, undefined);
    return ben.until(
      `"${payload}" in ${room}`,
      () => ben.said.find((one) => one.getChildText('body') === payload && one.attrs.from?.startsWith(room)),
      SLOW_MS,
    );
  }
  async function admin(room: string, item: Record<string, string>): Promise<void> {
    const { ben } = context();
    const { xml } = ben;
    const query = xml('query', { xmlns: `${MUC}#admin` }, xml('item', item));
    const answer = await ben.ask(`adm${++count}`, 'set', room, query);
    assert.equal(answer.attrs.type, 'result', answer.toString());
  }

  it('found out, joined at first use, nothing of the history; the topic changes', async () => {
    const { ben, flow } = context();
    const room = await benOwns();
    await ben.send(ben.xml('message', { to: room, type: 'groupchat' }, ben.xml('body', {}, 'old')));
    const message = await said(room, 'hello all');
    assert.deepEqual([message.attrs.type, message.attrs.from], ['groupchat', `${room}/${USER}`]);
    assert.equal(message.getChild('request', 'urn:xmpp:receipts'), undefined);
    // Only moderators may set the topic.
    await admin(room, { nick: USER, role: 'moderator' });
    await flow.call('quiet', { to: room, subject: 'Heating' }, SLOW_MS);
    await ben.until(
      'the topic',
      () => ben.stanzas.some((one) => one.getChildText('subject') === 'Heating' && !one.getChild('body')),
      SLOW_MS,
    );
  });

  it('a taken nick gets a number', async () => {
    const room = await benOwns({}, USER);
    assert.equal((await said(room, 'who am I')).attrs.from, `${room}/${USER}_2`);
  });

  it('a password: the right one is let in, none is refused', async () => {
    const { refused } = context();
    const room = await benOwns({
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'Gehe1m',
    });
    assert.equal(await refused({ to: room, payload: 'x' }, 'quiet'), 'room-password');
    assert.equal((await said(room, 'with it', 'locked')).attrs.from, `${room}/robot`);
  });

  it('kicked: the next message goes in again; banned: it fails', async () => {
    const { ben, flow, refused } = context();
    const room = await benOwns();
    await said(room, 'one');
    const left = (times: number) =>
      ben.until(
        'it is out',
        () =>
          ben.stanzas.filter(
            ({ name, attrs }) =>
              name === 'presence' && attrs.from === `${room}/${USER}` && attrs.type === 'unavailable',
          ).length >= times,
        SLOW_MS,
      );
    await admin(room, { nick: USER, role: 'none' });
    await left(1);
    await said(room, 'two');
    await admin(room, { jid: `${USER}@localhost`, affiliation: 'outcast' });
    await left(2);
    // Ben may know it before the bot does: then the room sends the message back.
    const errors = flow.at('errors').length;
    await flow.call('quiet', { to: room, payload: 'too soon' }, SLOW_MS);
    await flow.until('an error', () => flow.at('errors').length > errors, SLOW_MS);
    assert.equal(await refused({ to: room, payload: 'three' }, 'quiet'), 'room-banned');
  });

  it('a new room is created and open to others at once', async () => {
    const { ben, flow } = context();
    const room = `new${process.pid}@conference.localhost`;
    const { error } = await flow.call('quiet', { to: room, payload: 'first' }, SLOW_MS);
    assert.equal(error, undefined);
    await ben.join(room, 'ben');
    await said(room, 'second');
  });

  it('after a cut line it still is in the room', async () => {
    const room = await benOwns();
    await said(room, 'before');
    proxy().cut();
    await said(room, 'after the cut');
  });

  if (!restarts) return;
  it('after a restart of the server it comes back', async function () {
    this.timeout(4 * SLOW_MS);
    const { flow, server } = context();
    const room = await benOwns();
    await said(room, 'before the restart');
    const online = () => flow.logged.filter(({ text }) => /^Chat: logged in as /.test(text)).length;
    const sessions = online();
    await server.restart();
    const again = await ChatPartner.connect(server);
    try {
      await flow.until('a new session', () => online() > sessions, SLOW_MS);
      // The room is gone with the server: whoever comes first makes it anew.
      await flow.call('quiet', { to: room, payload: 'into the empty room' }, SLOW_MS);
      await again.join(room, 'ben');
      const { error } = await flow.call('quiet', { to: room, payload: 'after the restart' }, SLOW_MS);
      assert.equal(error, undefined);
      await again.until('it is heard', () => again.bodies.includes('after the restart'), SLOW_MS);
      assert.equal(again.bodies.filter((body) => body === 'after the restart').length, 1);
    } finally {
      await again.end();
    }
  });
}
