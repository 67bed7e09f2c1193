/**
 * xmpp-out on real servers; the other side is a second account that looks at the stanzas themselves. All parts share
 * the servers, because starting them takes longest.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BROKER } from '../support/flows';
import type { Message } from '../support/runtime';
import {
  type Ejabberd,
  forEachGeneration,
  type Proxy as Line,
  startEjabberd,
  startProsody,
  startProxy,
} from '../support/servers/index';
import { bodiesSuite } from './chat-out-bodies-suite';
import { exampleNodes, exampleSuite } from './chat-out-example-suite';
import { filesSuite } from './chat-out-files-suite';
import { notifyCredentials, notifyNodes, notifySuite } from './chat-out-notify-suite';
import { roomsSuite } from './chat-out-rooms-suite';
import {
  BEN,
  type ChatContext,
  ChatPartner,
  chatFlow,
  chatOut,
  makeContext,
  type Server,
  SLOW_MS,
  startChat,
} from './chat-out-support';
import { until } from './chat-support';
import { credentials, USER, users } from './nodes-support';

forEachGeneration('xmpp-out', (generation) => {
  for (const name of ['ejabberd', 'prosody'] as const) {
    describe(name, function () {
      this.timeout(2 * SLOW_MS);
      const folder = mkdtempSync(join(tmpdir(), 'dinox-chat-'));
      let server: Server;
      let proxy: Line;
      let context: ChatContext;
      before(async () => {
        const start = name === 'ejabberd' ? startEjabberd : startProsody;
        server = await start({ generation, users });
        proxy = await startProxy({ target: { port: server.c2sPort } });
        const ben = await ChatPartner.connect(server);
        const locked = chatOut('locked', { to: '', nick: 'robot' });
        const more = [
          locked,
          chatOut('quiet', { to: '', receipts: false }),
          chatOut('paced', { rate: 240, receipts: false }),
          ...exampleNodes,
          ...(name === 'ejabberd' ? notifyNodes(server as Ejabberd) : []),
        ];
        const flow = await startChat(chatFlow(proxy.port, { attachmentDir: folder }, more), {
          ...credentials,
          [BROKER]: { ...credentials[BROKER] },
          locked: { password: 'Gehe1m' },
          ...(name === 'ejabberd' && notifyCredentials),
        });
        context = await makeContext(server, ben, flow, folder);
      });
      after(async () => {
        await context?.flow.stop();
        await context?.ben.end();
        await proxy?.stop();
        await server?.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      it('a text arrives, and comes out with its id once the server has it', async () => {
        const { flow, say } = context;
        const msg: Message = { payload: 'Hällo & <b>Welt</b> 😀', topic: 'home/x', keep: 7 };
        const [message] = await say(msg);
        assert.equal(message?.getChildText('body'), msg.payload);
        assert.equal(message?.attrs.type, 'chat');
        assert.equal(message?.getChild('origin-id', 'urn:xmpp:sid:0')?.attrs.id, message?.attrs.id);
        assert.ok(message?.getChild('request', 'urn:xmpp:receipts'));
        assert.ok(message?.getChild('markable', 'urn:xmpp:chat-markers:0'));
        const [sent] = await flow.messages('sent', 1, SLOW_MS);
        const { id, to, kind, stamp } = (sent?.xmpp ?? {}) as Record<string, string>;
        assert.deepEqual([id, to, kind, sent?.keep], [message?.attrs.id, BEN, 'chat', 7]);
        assert.ok(Math.abs(Date.parse(stamp ?? '') - Date.now()) < 3 * SLOW_MS);
        assert.equal(flow.completionsOf(msg).length, 1);
      });

      it('values, formats, and the receiver that the message names', async () => {
        const { say } = context;
        const body = async (msg: Message) => (await say(msg, 'quiet'))[0]?.getChildText('body');
        const to = `Ben@LOCALHOST`;
        assert.equal(await body({ to, payload: { value: 22.1, unit: '°C' } }), '22.1 °C');
        assert.equal(
          await body({ to: [to, ` ${BEN}\n`], payload: { a: [1] } }),
          '{\n  "a": [\n    1\n  ]\n}',
        );
      });

      it('a text that is longer than a stanza may be arrives in parts', async () => {
        const { ben, flow } = context;
        const before = ben.said.length;
        const payload = 'twelve chars '.repeat(25_000);
        const { error } = await flow.call('quiet', { to: BEN, payload }, SLOW_MS);
        assert.equal(error, undefined);
        const parts = (await ben.heard(before + 2))
          .slice(before)
          .map((one) => one.getChildText('body') ?? '');
        assert.deepEqual(
          parts.map((part) => part.slice(0, 6)),
          ['(1/2) ', '(2/2) '],
        );
        assert.equal(parts.map((part) => part.slice(6)).join(' '), payload);
      });

      if (generation === 'debian12' && name === 'prosody') {
        it('ten thousand alerts at once: a few messages, in order, none lost, none twice', async () => {
          const { ben, flow } = context;
          const before = ben.said.length;
          const messages = Array.from({ length: 10_000 }, (_, i) => ({ to: BEN, payload: `A${i}` }));
          const done = flow.completions.length;
          for (const msg of messages) flow.send('paced', msg);
          await flow.until('all are done', () => flow.completions.length >= done + messages.length, SLOW_MS);
          const bodies = () => ben.bodies.slice(before);
          await ben.until('the last one', () => bodies().at(-1)?.endsWith('A9999'), SLOW_MS);
          assert.deepEqual(
            bodies()
              .flatMap((body) => body.split('\n'))
              .filter((one) => one !== 'xmpp-out.joined'),
            messages.map(({ payload }) => payload),
          );
          assert.ok(bodies().length <= 210, `${bodies().length} messages`);
          const ends = flow.completions.slice(done);
          assert.equal(new Set(ends.map(({ msg }) => msg)).size, messages.length);
          assert.ok(ends.every(({ error }) => error === undefined));
        });
      }

      it('receipts and displayed markers come out with the id of their message', async () => {
        const { ben, flow, say } = context;
        const [message] = await say({ payload: 'read me', alertId: 'A7' });
        const { id = '', from = '' } = message?.attrs ?? {};
        const { xml } = ben;
        await ben.send(xml('message', { to: from }, xml('received', { xmlns: 'urn:xmpp:receipts', id })));
        await ben.send(
          xml('message', { to: from }, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id })),
        );
        const receipts = await flow.messages('receipts', 2, SLOW_MS);
        assert.deepEqual(
          receipts.map(({ topic, payload, alertId, xmpp }) => [
            topic,
            payload,
            alertId,
            (xmpp as Message).id,
          ]),
          [
            [BEN, 'received', 'A7', id],
            [BEN, 'displayed', 'A7', id],
          ],
        );
      });

      it('a correction changes the same message, by its id and by its alert', async () => {
        const { say } = context;
        const [first] = await say({ payload: 'too warm', alertId: 'T1' });
        const [second] = await say({ payload: 'too warm ✔', replaces: { alertId: 'T1' } });
        const [third] = await say({ payload: 'fine again', replaces: second?.attrs.id });
        for (const correction of [second, third]) {
          const replace = correction?.getChild('replace', 'urn:xmpp:message-correct:0');
          assert.equal(replace?.attrs.id, first?.attrs.id);
        }
      });

      it('threads, subjects, chat states and hints', async () => {
        const { ben, flow, say } = context;
        const more = { thread: 't1', subject: 'About', chatState: 'active', hints: 'no-store, urgent' };
        const [message] = await say({ payload: 'x', ...more });
        assert.equal(message?.getChildText('thread'), 't1');
        assert.equal(message?.getChildText('subject'), 'About');
        assert.ok(message?.getChild('active', 'http://jabber.org/protocol/chatstates'));
        assert.ok(message?.getChild('no-store', 'urn:xmpp:hints'));
        assert.ok(message?.getChild('attention', 'urn:xmpp:attention:0'));
        await flow.call('out', { chatState: 'composing' }, SLOW_MS);
        await ben.until(
          'the chat state',
          () => ben.stanzas.some((one) => one.getChild('composing', 'http://jabber.org/protocol/chatstates')),
          SLOW_MS,
        );
      });

      it('somebody who does not exist: the error of the server comes out', async () => {
        const { flow } = context;
        const { error } = await flow.call('out', { payload: 'x', to: 'nobody@localhost' }, SLOW_MS);
        assert.equal(error, undefined);
        const [caught] = await flow.messages('errors', 1, SLOW_MS);
        // Texts are keys here: this Node-RED loads no catalogues.
        assert.match(
          String((caught?.error as Message | undefined)?.message),
          /^The server returned the message to nobody@localhost/,
        );
        assert.equal(caught?.topic, 'nobody@localhost');
      });

      it('to the account itself: a warning, once', async () => {
        const { flow } = context;
        for (const payload of ['a', 'b'])
          await flow.call('out', { payload, to: `${USER}@localhost` }, SLOW_MS);
        assert.equal(flow.complaints().filter(({ text }) => /log\.self/.test(text)).length, 1);
      });

      describe('the example value-to-chat', () => exampleSuite(() => context));
      describe('files', () => filesSuite(() => context, name));
      describe('random bodies', () =>
        bodiesSuite(() => context, (generation === 'debian12' ? 0 : 2) + (name === 'ejabberd' ? 0 : 1)));
      // A fault of one item is not a fault of the line. Behind all long texts, because what is learnt stays.
      describe('a box in between', () => {
        if (generation !== 'debian13') return;
        it('a line that breaks without a word behind a long text: it arrives in parts, and others do not wait for it', async () => {
          const { ben, flow } = context;
          // A box in between: 65,535 bytes, and no answer yet.
          let unanswered = 0;
          proxy.transform = {
            toServer: (chunk) => {
              unanswered += chunk.length;
              if (unanswered <= 65_535) return chunk;
              setImmediate(() => {
                unanswered = 0;
                proxy.cut();
              });
              return Buffer.alloc(0);
            },
            toClient: (chunk) => {
              unanswered = 0;
              return chunk;
            },
          };
          const cuts = proxy.accepted;
          const before = ben.said.length;
          const long = 'twelve chars '.repeat(9_000);
          const done = flow.call('quiet', { to: BEN, payload: long }, SLOW_MS);
          await until('it broke the line twice', () => proxy.accepted >= cuts + 2, SLOW_MS);
          const other = await flow.call('quiet', { to: BEN, payload: 'other' }, SLOW_MS);
          assert.deepEqual([other.error, (await done).error], [undefined, undefined]);
          const bodies = (await ben.heard(before + 4))
            .slice(before)
            .map((one) => one.getChildText('body') ?? '');
          assert.equal(bodies[0], 'other');
          assert.equal(
            bodies
              .slice(1)
              .map((part) => part.replace(/^\(\d\/3\) /, ''))
              .join(' '),
            long,
          );
          assert.equal(proxy.accepted, cuts + 3);
          proxy.transform = {};
        });
      });
      if (name === 'ejabberd') describe('notifications', () => notifySuite(() => context));
      describe('rooms', () =>
        roomsSuite(
          () => context,
          () => proxy,
          generation === 'debian13' || Boolean(process.env.DINOX_LONG),
        ));
    });
  }
});
