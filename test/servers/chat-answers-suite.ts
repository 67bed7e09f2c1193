/** `xmpp-in` answers questions about topics of a Mosquitto beside the XMPP server. The phone is raw XML. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import type { Broker } from '../../src/runtime/broker/broker';
import { BROKER, type Flow, node, sink, tab } from '../support/flows';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import type { XmppPeer } from '../support/xmpp-peer';
import { ANNA_JID, BEN, BEN_JID, BOT_JID, type ChatInPlace, ROOM, WAIT, xmppIn } from './chat-in-support';
import { BOT, until } from './chat-support';
import { dinoxBroker, TLS, tlsConfig } from './nodes-support';

const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';

export function chatAnswersSuite(place: ChatInPlace): void {
  describe('answers about topics', () => {
    let mosquitto: Mosquitto;

    const flowWith = (...nodes: Flow[number][]): Flow => [
      tab(),
      tlsConfig(),
      dinoxBroker({
        ...{ jid: BOT_JID, xmppService: `xmpp://127.0.0.1:${place.server.c2sPort}`, tls: TLS },
        ...{ host: '127.0.0.1', port: mosquitto.port, usetls: false, useXmppCredentials: false },
        serverType: 'mosquitto',
      }),
      node('dinox-mqtt-out', 'mqtt', { broker: BROKER, topic: '', qos: '1', retain: '' }),
      ...nodes,
      ...['ask', 'too'].flatMap((id) => [sink(`${id}-sink`), sink(`${id}-events`)]),
    ];
    const asks = (id: string, more: object = {}) =>
      xmppIn(id, { rooms: ROOM, nick: 'bot', answerTopics: 'home/#\nzigbee2mqtt/#', ...more });
    const device = () => [
      node('dinox-mqtt-in', 'orders-in', {
        ...{ broker: BROKER, topic: 'home/+/set', qos: '1', datatype: 'auto-detect' },
        ...{ nl: false, rap: true, rh: 0, inputs: 0, wires: [['orders']] },
      }),
      sink('orders'),
    ];
    const broker = () => (place.flow.node(BROKER) as unknown as { dinox: Broker }).dinox;
    const put = (topic: string, payload: unknown) =>
      place.flow.call('mqtt', { topic, payload, retain: false });
    /** Messages of the bot to somebody since a moment. */
    const saidTo = (who: XmppPeer, count: number, from = BOT_JID): string[] =>
      who.messages
        .filter((one) => String(one.attrs.from).startsWith(from))
        .slice(count)
        .map(bodyOf)
        .filter((body) => body !== '');
    const ask = async (text: string, pattern: RegExp, who = place.anna): Promise<string> => {
      const count = who.messages.filter((one) => String(one.attrs.from).startsWith(BOT_JID)).length;
      place.say(who, `<body>${text}</body>`);
      const found = (): string | undefined => saidTo(who, count).find((body) => pattern.test(body));
      await until(() => `${pattern} in ${saidTo(who, count).join(' | ')}`, found, WAIT);
      return found() ?? '';
    };

    before(async () => {
      mosquitto = await startMosquitto();
      await place.redeploy(flowWith(asks('ask'), asks('too')), { [BROKER]: { password: BOT.password } });
      await place.flow.shows('ask', 'green', WAIT);
      await place.flow.shows('mqtt', 'green', WAIT);
      // What comes before the subscription is there has no age.
      const isRecorded = async () => {
        await put('home/ready', Date.now());
        return broker().recorder.countOf('home/ready') > 0;
      };
      while (!(await isRecorded())) await sleep(50);
      await put('home/sensors/temperature/kitchen', { value: 21.3, unit: '°C' });
      await put('home/sensors/temperature/freezer', { value: -18, unit: '°C' });
      await put('zigbee2mqtt/front_door', { contact: false, battery: 97 });
      await put('zigbee2mqtt/0x00158d', { battery: 55 });
      await put('private/kitchen', 7);
    });

    after(() => mosquitto.stop());

    it('a question is answered once, to who asked, and leaves with what was answered', async () => {
      const answer = await ask('Küche?', /21\.3/);
      assert.match(answer, /^home\/sensors\/temperature\/kitchen: 21.3 °C \((just now|\d+ s ago)\)$/);
      const told = await place.heard('ask', 'Küche?');
      const answered = { kind: 'value', topics: ['home/sensors/temperature/kitchen'], text: answer };
      assert.deepEqual(told.answered, answered);
      assert.deepEqual((await place.heard('too', 'Küche?')).answered, answered, 'both nodes heard it');
      await ask('freezer 24h', /^home.*-18 °C.*\n.*min -18 °C · max -18 °C \(24 h\)/);
      const marked = place.anna.messages.filter((one) => /21\.3/.test(bodyOf(one)));
      assert.equal(marked.length, 1, 'one bot, one voice');
      assert.equal(marked[0]?.getChild('automatic')?.attrs.depth, '1');
    });

    it('several hits are a list to answer with a number; names are given from the chat', async () => {
      assert.match(
        await ask('battery', /battery: 97/),
        /^1 {2}zigbee2mqtt\/0x00158d battery: 55 .*\n2 {2}zigbee2mqtt\/front_door battery: 97/,
      );
      await ask('nenne 1 Flur', /is now called Flur/);
      await ask('corridor', /^Flur \(zigbee2mqtt\/0x00158d\): battery 55/);
      await ask('Ist die Haustür offen?', /contact open; battery 97/);
    });

    it('a picture of the day comes as a file', async () => {
      await ask('freezer chart', /-18 °C/);
      const found = () =>
        place.anna.messages.find((one) => one.getChild('x', 'jabber:x:oob') && /\.png$/.test(bodyOf(one)));
      await until('the chart', found, WAIT);
    });

    it('what is no question, not to be read, of a machine or of a stranger is passed on or left out as ever', async () => {
      const count = place.anna.messages.length;
      for (const text of ['Good morning', 'private', 'it is cold in the kitchen'])
        place.say(place.anna, `<body>${text}</body>`);
      place.say(place.anna, "<body>freezer</body><automatic xmlns='urn:dinox-nr:automatic:0' depth='1'/>");
      place.say(place.ben, '<body>kitchen?</body>');
      await place.flushed(place.ben);
      for (const text of ['Good morning', 'private', 'it is cold in the kitchen', 'freezer'])
        assert.equal((await place.heard('ask', text)).answered, undefined, text);
      await ask('freezer?', /-18/);
      assert.deepEqual(
        saidTo(place.ben, 0).filter((body) => /21/.test(body)),
        [],
      );
      assert.equal(place.anna.messages.slice(count).filter((one) => /home/.test(bodyOf(one))).length, 1);
    });

    it('in a room it does not butt in: only who addresses it is answered', async () => {
      const say = (text: string) =>
        place.say(place.anna, `<body>${text}</body>`, undefined, ROOM, 'groupchat');
      const heard = () => place.anna.messages.filter((one) => one.attrs.from === `${ROOM}/bot`).map(bodyOf);
      const isIn = () => broker().chat.rooms.isJoined(ROOM);
      await until('the bot is in the room', isIn, WAIT);
      say('kitchen');
      say('bot: kitchen');
      await until('the answer', () => heard().some((body) => /21\.3/.test(body)), WAIT);
      assert.deepEqual(
        heard()
          .filter((body) => /21\.3/.test(body))
          .map((body) => body.slice(0, 5)),
        ['Anna:'],
      );
      assert.equal((await place.heard('ask', 'kitchen')).answered, undefined);
    });

    it('devices are told what who may says, refused to who may not, and taken back', async () => {
      const actuators = [
        {
          name: 'light living room',
          topic: 'home/light/set',
          payload: '{{value}}',
          allow: ANNA_JID,
          qos: '1',
        },
        { name: 'heating', topic: 'home/heating/set', payload: '{"target": {{value}}}', allow: ANNA_JID },
      ];
      const allow = `${ANNA_JID} ${BEN_JID}`;
      const asking = asks('ask', { allow, actuators, publishAllow: ANNA_JID, links: true });
      await place.redeploy(flowWith(asking, asks('too', { allow }), ...device()), {
        [BROKER]: { password: BOT.password },
      });
      await place.flow.shows('ask', 'green', WAIT);
      await place.flow.shows('mqtt', 'green', WAIT);
      await put('home/light', 'OFF');
      const orders = () => place.flow.at('orders').map(({ topic, payload }) => [topic, payload]);
      await ask('Wohnzimmerlicht an', /✔ light living room ON/);
      await place.flow.until('the order', () => orders().length === 1, WAIT);
      assert.deepEqual((await place.heard('ask', 'Wohnzimmerlicht an')).answered, {
        kind: 'act',
        topics: ['home/light/set'],
        text: '✔ light living room ON',
      });
      await ask('light living room on', /You may not control/, place.ben);
      await ask('undo', /light living room set back: OFF/);
      await ask('heating 21', /✔ heating 21/);
      await place.flow.until('all orders', () => orders().length === 3, WAIT);
      assert.deepEqual(orders(), [
        ['home/light/set', 'ON'],
        ['home/light/set', 'OFF'],
        ['home/heating/set', { target: 21 }],
      ]);
    });

    it('a list has buttons for the client that announces them, and links for the one that does not', async () => {
      const { anna, ben } = place;
      const buttons = (): Element[] =>
        anna.messages.findLast((one) => /front_door/.test(bodyOf(one)))?.getChildren('response') ?? [];
      await ask('battery', /front_door/);
      assert.deepEqual(buttons(), [], 'nobody has announced them yet');
      // Anna's client is another one now: it says so, and what it can.
      anna.onStanza = (stanza) => {
        const query = stanza.getChild('query', 'http://jabber.org/protocol/disco#info');
        if (stanza.name !== 'iq' || stanza.attrs.type !== 'get' || !query) return;
        anna.write(`<iq type='result' id='${stanza.attrs.id}' to='${stanza.attrs.from}'>
          <query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:tmp:quick-response'/></query></iq>`);
      };
      anna.write(
        `<presence to='${BOT_JID}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='x' ver='new'/></presence>`,
      );
      await until('it is known', () => broker().chat.quickDevices.has(ANNA_JID), WAIT);
      const answer = await ask('battery', /^1 {2}.*battery: 55.*\n2 {2}.*front_door/);
      assert.doesNotMatch(answer, /xmpp:/);
      assert.deepEqual(
        buttons().map(({ attrs }) => [attrs.value, attrs.label]),
        [
          ['1', '1 Flur battery'],
          ['2', '2 zigbee2mqtt/front_door battery'],
        ],
      );
      const plain = await ask('battery', /^1 {2}.*battery: 55/, ben);
      assert.match(plain, /\n1 Flur battery: xmpp:bot@localhost\?message;body=1\n2 zigbee/);
      assert.equal(ben.messages.at(-1)?.getChild('response'), undefined);
    });

    it('what is saved by name is published by who may, and by nobody else', async () => {
      const night = { name: 'Good night', topic: 'home/scene/set', payload: 'night', chat: true };
      const saved = { ...night, qos: 1 as const, retain: false };
      assert.equal(broker().presets.memory.save(saved), undefined);
      const count = place.flow.at('orders').length;
      await ask('publish good night', /✔ Good night/);
      await place.flow.until('it is there', () => place.flow.at('orders').length > count, WAIT);
      const { topic, payload } = place.flow.at('orders').at(-1) ?? {};
      assert.deepEqual([topic, payload], ['home/scene/set', 'night']);
      place.say(place.ben, '<body>publish good night</body>');
      const heard = await place.flow.until(
        'it is for the flow',
        () =>
          place.flow
            .at('ask-sink')
            .find(
              (one) => JSON.stringify(one.xmpp).includes(BEN_JID) && one.payload === 'publish good night',
            ),
        WAIT,
      );
      assert.equal(heard.answered, undefined);
      assert.equal(place.flow.at('orders').length, count + 1);
    });

    it('kind: two bots that hear each other come to an end', async () => {
      const other = { ...dinoxBroker({}, 'other'), jid: BEN_JID };
      const bots = flowWith(
        asks('ask', { rooms: '', allow: BEN_JID }),
        asks('too', { rooms: '', broker: 'other', allow: BOT_JID }),
        { ...other, xmppService: `xmpp://127.0.0.1:${place.server.c2sPort}`, tls: TLS, host: '127.0.0.1' },
        node('xmpp-out', 'out', { broker: 'other', to: BOT_JID, kind: 'chat', format: 'payload' }),
      ).map((one) =>
        one.id === 'other'
          ? {
              ...one,
              port: mosquitto.port,
              usetls: false,
              useXmppCredentials: false,
              serverType: 'mosquitto',
            }
          : one,
      );
      await place.redeploy(bots, { [BROKER]: { password: BOT.password }, other: { password: BEN.password } });
      for (const id of ['ask', 'too', 'mqtt']) await place.flow.shows(id, 'green', WAIT);
      await put('home/pool', 24);
      const before = place.flow.at('too-sink').length;
      place.flow.send('out', { payload: 'pool?' });
      const answer = await place.flow.until(
        'the answer at the other bot',
        () => place.flow.at('too-sink').find(({ payload }) => /pool: 24/.test(String(payload))),
        WAIT,
      );
      assert.equal(answer.answered, undefined, 'an answer is not answered');
      // Whatever is still under way is here before this.
      place.flow.send('out', { payload: 'Thank you' });
      await place.heard('ask', 'Thank you');
      assert.equal(place.flow.at('too-sink').length - before, 1);
    });
  });
}
