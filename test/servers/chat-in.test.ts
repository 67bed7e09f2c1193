/** `xmpp-in` on real servers. The other side is raw XML. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from '../support/flows';
import { forEachGeneration, startEjabberd, startProsody } from '../support/servers/index';
import type { XmppPeer } from '../support/xmpp-peer';
import { chatAnswersSuite } from './chat-answers-suite';
import { chatInArchiveSuite } from './chat-in-archive-suite';
import { chatInPeopleSuite } from './chat-in-people-suite';
import { chatInRoomsSuite } from './chat-in-rooms-suite';
import { ANNA_JID, BOT_JID, ChatInPlace, USERS, WAIT } from './chat-in-support';
import { BOT, until } from './chat-support';
import { logged, TLS, tlsConfig } from './nodes-support';

forEachGeneration('xmpp-in', (generation) => {
  for (const [name, start] of [
    ['ejabberd', () => startEjabberd({ generation, users: USERS, modMqtt: false, archive: true })],
    ['Prosody', () => startProsody({ generation, users: USERS, bridge: 'none', archive: true })],
  ] as const) {
    describe(name, function () {
      this.timeout(90_000);
      const place = new ChatInPlace();

      before(async function () {
        this.timeout(180_000);
        await place.start(await start());
      });

      after(() => place.end());

      chatInPeopleSuite(place);
      chatInRoomsSuite(place, name === 'ejabberd' && generation === 'debian13');
      chatInArchiveSuite(place);

      it('the example chat-bot, with the account typed, obeys who is listed', async () => {
        const example = JSON.parse(
          readFileSync(join(__dirname, '../../examples/chat-bot.json'), 'utf8'),
        ) as Flow;
        const account = { jid: BOT_JID, xmppService: `xmpp://127.0.0.1:${place.server.c2sPort}`, tls: TLS };
        const ready = example
          .filter(({ type }) => type !== 'comment' && type !== 'debug')
          .map((one) => (one.type === 'dinox-broker' ? { ...one, ...account } : one))
          .map((one) => (one.type === 'xmpp-in' ? { ...one, allow: ANNA_JID } : one));
        await place.redeploy([tlsConfig(), ...ready], { 'dinox-bot-broker': { password: BOT.password } });
        await place.flow.shows('dinox-bot-in', 'green', WAIT);
        const answered = (who: XmppPeer, pattern: RegExp) => () =>
          who.messages.some((one) => pattern.test(one.getChildText('body') ?? ''));
        place.say(place.ben, '<body>status</body>');
        await place.flushed(place.ben);
        place.say(place.anna, '<body>Status</body>');
        await until('the status', answered(place.anna, /^✔ I am here/));
        place.say(place.anna, '<body>echo  Hello there</body>');
        await until('the echo', answered(place.anna, /^Hello there$/));
        place.say(place.anna, '<body>what?</body>');
        await until('the help', answered(place.anna, /^I know these words:\nstatus/));
        await place.flushed(place.ben);
        assert.ok(!answered(place.ben, /I am here/)());
      });

      if (generation === 'debian13') chatAnswersSuite(place);

      it('nothing went wrong beside it', () => {
        assert.deepEqual(logged(place.flow, 'error'), []);
      });
    });
  }
});
