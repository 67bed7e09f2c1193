/**
 * The example freezer-alarm from end to end: a value over the limit → a message at the phone → 👍 from the phone → the
 * same message edited → resolved. The phone is raw XML.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeRedInject from '@node-red/nodes/core/common/20-inject.js';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import type { Element } from '@xmpp/client';
import type { Broker } from '../../src/runtime/broker/broker';
import { modules } from '../nodes/alert-support';
import type { Flow } from '../support/flows';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Ejabberd, type Prosody, startEjabberd, startProsody } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { coordinatorDies } from './alert-devices';
import { offlineCommands } from './alert-offline';
import { toldOrAgain } from './alert-told';
import { oneVoice, twoBots } from './alert-voices';
import { ANNA, BOT, chatUsers, Ends, until } from './chat-support';
import { TLS, tlsConfig } from './nodes-support';

const WAIT = 60_000;
/** Hears of the same alerts as anna. */
const BEN = { user: 'ben', password: 'K1rsche+baum' };
const users = { ...chatUsers, [BEN.user]: BEN.password };
const EXAMPLE = JSON.parse(
  readFileSync(join(__dirname, '../../examples/freezer-alarm.json'), 'utf8'),
) as Flow;

/** The example as a person sets it up, with hold times that a test can wait for. */
function flowFor(server: Ejabberd | Prosody): Flow {
  const mine = EXAMPLE.filter(({ type }) => !['dinox-mqtt-in', 'comment'].includes(type)).map((node) => {
    if (node.type === 'dinox-broker') {
      const xmppService = `xmpp://127.0.0.1:${server.c2sPort}`;
      return { ...node, jid: 'bot@localhost', xmppService, tls: TLS };
    }
    if (node.type === 'xmpp-out') return { ...node, to: 'anna@localhost, ben@localhost' };
    if (node.type === 'xmpp-in') return { ...node, allow: 'anna@localhost, ben@localhost' };
    // Its samples come from the buttons here, so no connection stands for them.
    return node.type === 'dinox-alert' ? { ...node, holdFor: '', keepFor: '', broker: '' } : node;
  });
  return [...mine, tlsConfig()];
}

/** A phone that shows quick responses says so, and answers who asks. */
function showButtons(phone: XmppPeer): void {
  const info = 'http://jabber.org/protocol/disco#info';
  phone.onStanza = ({ name, attrs }) => {
    if (name !== 'iq' || attrs.type !== 'get') return;
    phone.write(`<iq type='result' id='${attrs.id}' to='${attrs.from}'>
      <query xmlns='${info}'><feature var='urn:xmpp:tmp:quick-response'/></query></iq>`);
  };
  phone.write(
    "<presence to='bot@localhost'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='new'/></presence>",
  );
}

const bodyOf = (stanza: Element | undefined): string => stanza?.getChildText('body') ?? '';
const replaced = (stanza: Element | undefined): string | undefined =>
  stanza?.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs.id as string | undefined;

for (const [name, start] of [
  ['ejabberd', () => startEjabberd({ generation: 'debian13', users, modMqtt: false })],
  ['Prosody', () => startProsody({ generation: 'debian13', users, bridge: 'none' })],
] as const) {
  describe(`freezer-alarm on ${name}`, function () {
    this.timeout(180_000);
    const ends = new Ends();
    let running: Ejabberd | Prosody | undefined;
    const theServer = async (): Promise<Ejabberd | Prosody> => {
      running ??= ends.add(await start());
      return running;
    };
    after(() => ends.all());

    it('rings, is acknowledged with one tap, edits itself, and says that it is over', async () => {
      const server = await theServer();
      const anna = ends.add(
        new XmppPeer({ port: server.c2sTlsPort, user: ANNA.user, password: ANNA.password }),
      );
      const ben = ends.add(new XmppPeer({ port: server.c2sTlsPort, user: BEN.user, password: BEN.password }));
      await until('both are there', () => anna.ready && ben.ready, WAIT);
      const all = [nodeRedTls as NodeModule, nodeRedInject as NodeModule, ...modules()];
      const broker = 'dinox-freezer-broker';
      const flow = ends.add(
        await RunningFlow.start(all, flowFor(server), { [broker]: { password: BOT.password } }),
      );
      await flow.shows('dinox-freezer-in', 'green', WAIT);
      const said = (): Element[] => anna.messages.filter((stanza) => bodyOf(stanza) !== '');
      const heard = async (count: number): Promise<Element | undefined> => {
        await until(
          () => `message ${count} of ${said().map(bodyOf).join(' | ')}`,
          () => said().length >= count,
          WAIT,
        );
        return said()[count - 1];
      };

      flow.send('dinox-freezer-warm', {});
      const first = await heard(1);
      assert.match(bodyOf(first), /^🔴 #1 home\/sensors\/temperature\/freezer: -8 °C is above -15 °C/);
      assert.doesNotMatch(bodyOf(first), /[▁-█]/, 'a line of one value says nothing');
      const id = String(first?.attrs.id);

      anna.write(
        `<message to='bot@localhost' type='chat' id='tap'><reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>👍</reaction></reactions></message>`,
      );
      const edited = await heard(2);
      assert.equal(replaced(edited), id, 'the same message');
      assert.match(bodyOf(edited), /-8 °C is above -15 °C[^✔]*✔ acknowledged by anna \d\d:\d\d$/);

      // Ben has a look, too: his thumb changes nothing, and taking it back takes nothing back that is hers.
      const his = String(ben.messages.find((stanza) => bodyOf(stanza) === bodyOf(first))?.attrs.id);
      for (const [n, thumb] of ['<reaction>👍</reaction>', ''].entries())
        ben.write(
          `<message to='bot@localhost' type='chat' id='his${n}'><reactions xmlns='urn:xmpp:reactions:0' id='${his}'>${thumb}</reactions></message>`,
        );
      ben.write("<message to='bot@localhost' type='chat' id='his'><body>Stand?</body></message>");
      const answer = (): string | undefined =>
        ben.messages.map(bodyOf).find((body) => /open alert: 1 of 1/.test(body));
      await until('his answer', () => answer() !== undefined, WAIT);
      assert.match(answer() ?? '', /#1 .*acknowledged by anna/);

      anna.write(`<message to='bot@localhost' type='chat' id='ask'><body>Stand?</body></message>`);
      assert.match(bodyOf(await heard(3)), /open alert: 1 of 1\n#1 .*alert, -8 °C.*acknowledged by anna/);

      flow.send('dinox-freezer-cold', {});
      const over = await heard(4);
      assert.equal(replaced(over), id, 'still the same message');
      assert.match(
        bodyOf(over),
        /acknowledged by anna[^✔]*✔ resolved \d\d:\d\d after .* \(-18 °C\) · peak -8 °C$/,
      );

      // Her client is another one now: it announces buttons (XEP-0439), so the next alert brings some along.
      showButtons(anna);
      const { dinox } = flow.node(broker) as unknown as { dinox: Broker };
      await until('it is known', () => dinox.chat.quickDevices.has('anna@localhost'), WAIT);
      flow.send('dinox-freezer-warm', {});
      const ring = await heard(5);
      const buttons = ring?.getChildren('response').map(({ attrs }) => [attrs.value, attrs.label]);
      assert.deepEqual(buttons, [
        ['ok 1', '✔ ok'],
        ['silence 1 1h', '🔕 1 h'],
      ]);
      const tap = buttons?.[0]?.[0];
      anna.write(`<message to='bot@localhost' type='chat' id='button'><body>${tap}</body></message>`);
      const both = [await heard(6), await heard(7)];
      const again = both.find((one) => replaced(one) === ring?.attrs.id);
      assert.match(bodyOf(again), /-8 °C is above -15 °C[^✔]*✔ acknowledged by anna \d\d:\d\d$/);
      assert.deepEqual(again?.getChildren('response'), [], 'there is nothing left to tap');
      assert.match(both.map(bodyOf).join('\n'), /^✔ acknowledged: #1 /m);
      flow.send('dinox-freezer-cold', {});
      assert.equal(replaced(await heard(8)), ring?.attrs.id);
      assert.deepEqual(flow.complaints(), []);
      await flow.stop();
      await Promise.all([anna.end(), ben.end()]);
    });

    it('what is written while Node-RED is away is obeyed and answered once, without an archive; what is too old is not', async () => {
      await offlineCommands(await theServer(), ends);
    });

    it('kind: one bot, many voices. Three alerts on one account answer once, and a bot that answers all is answered no more', async () => {
      await oneVoice(await theServer(), ends);
    });

    it('kind: two bots that hear each other come to an end', async () => {
      await twoBots(await theServer(), ends);
    });

    it('a house of 200 devices whose coordinator dies: one message, edited, acknowledged with a word, and what remains', async () => {
      await coordinatorDies(await theServer(), ends);
    });

    if (name === 'Prosody')
      it('kind: handed over counts as arrived. What the server did not get is told again, and once', async () => {
        await toldOrAgain((await theServer()) as Prosody, ends);
      });
  });
}
