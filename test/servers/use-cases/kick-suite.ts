/** The example house-bridge, kicked from its room on a real server: out, back after its pause, banned, and invited again. */
import assert from 'node:assert/strict';
import type { Prosody } from '../../support/servers/index';
import { ChatPartner } from '../chat-out-support';
import { dinoxBroker, OTHER, PASSWORD, type Partner, TLS, USER } from '../nodes-support';
import { deployExample, onEjabberd, type Stage, WAIT_MS } from './stage';

/** On the Prosody {@link USER} is an administrator, whom no room can ban. */
export const GUEST = 'guest';
const ROOM = 'kick@conference.localhost';
const MUC = 'http://jabber.org/protocol/muc';
const TOPIC = 'home/sensors/door/kick';
/** `room-return.ts` */
const PAUSE_MS = 30_000;

/** A bridge on one server, and the owner of its room, who stays there. */
interface Place {
  /** The account that runs it, without its domain. */
  bot: string;
  bridge: string;
  owner: ChatPartner;
  home: () => Promise<Partner>;
  /** What somebody is once a ban is lifted, with a voice in a new room. */
  lifted: 'member' | 'none';
}

export class KickedBridges {
  private places: Place[] = [];
  private outAt = 0;
  private asked = 0;

  constructor(
    private readonly stage: () => Stage,
    private readonly prosody: () => Prosody,
  ) {
    after(async () => {
      for (const { owner } of this.places) await owner.end();
    });
  }

  private async open(server: { c2sPort: number }, place: Omit<Place, 'owner'>): Promise<void> {
    const owner = await ChatPartner.connect(server, undefined, undefined, 'owner');
    this.places.push({ ...place, owner });
    await owner.join(ROOM, OTHER);
    const { xml } = owner;
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
    const made = await owner.ask('own', 'set', ROOM, xml('query', { xmlns: `${MUC}#owner` }, form));
    assert.equal(made.attrs.type, 'result', made.toString());
  }

  private async admin({ owner }: Place, item: Record<string, string>): Promise<void> {
    const { xml } = owner;
    const reason = xml('reason', {}, 'too loud');
    const query = xml('query', { xmlns: `${MUC}#admin` }, xml('item', item, reason));
    const answer = await owner.ask(`admin${++this.asked}`, 'set', ROOM, query);
    assert.equal(answer.attrs.type, 'result', answer.toString());
  }

  private shows({ bridge }: Place, words: RegExp): Promise<unknown> {
    const { nodeRed } = this.stage();
    return nodeRed.until(
      `${bridge}: ${words}`,
      () => words.test(String(nodeRed.statusesOf(bridge).at(-1)?.text)),
      WAIT_MS,
    );
  }

  private heard({ owner }: Place, line: RegExp, from = 0): Promise<string> {
    return owner.until(
      `${line}`,
      () => owner.bodies.slice(from).find((body) => line.test(body)),
      PAUSE_MS + WAIT_MS,
    );
  }

  areOut(): void {
    it('house-bridge: kicked from its room, it says so and stays out, whatever comes', async () => {
      const { ejabberd, mosquitto, harness, nodeRed } = this.stage();
      const rule = { to: ROOM, format: 'short', alias: '', rate: '6', kind: 'groupchat' };
      const typed = (broker: object) => ({
        'dinox-bridge-broker': broker,
        'dinox-bridge-bridge': {
          rules: [
            { ...rule, direction: 'toChat', filter: 'home/sensors/door/#', topic: '', allow: '' },
            { ...rule, direction: 'toMqtt', filter: '', topic: 'home/announcements', allow: ROOM },
          ],
        },
      });
      const login = { username: `${USER}@localhost`, password: PASSWORD };
      await this.open(ejabberd, {
        // A new room is moderated, and with `none` it would be let in without a voice.
        ...{ bot: USER, lifted: 'member' as const },
        bridge: 'dinox-bridge-bridge',
        home: () => harness.partner(`mqtt://127.0.0.1:${ejabberd.mqttPort}`, login),
      });
      const prosody = this.prosody();
      await this.open(prosody, {
        ...{ bot: GUEST, lifted: 'none' as const },
        bridge: 'dinox-bridge-bridge-beside',
        home: () => harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`),
      });
      const account = {
        jid: `${GUEST}@localhost`,
        xmppService: `xmpp://127.0.0.1:${prosody.c2sPort}`,
        tls: TLS,
      };
      const { host, port } = mosquitto;
      const local = { host, port, usetls: false, useXmppCredentials: false, serverType: 'mosquitto' };
      await deployExample(this.stage(), 'house-bridge', typed(onEjabberd(this.stage())), {
        beside: typed(dinoxBroker({ ...account, ...local })),
      });
      for (const place of this.places) {
        const home = await place.home();
        await home.publish(TOPIC, 'in');
        await this.heard(place, /\[home\/sensors\/door\/kick\] in$/);
        await this.admin(place, { nick: place.bot, role: 'none' });
        await this.shows(place, /^kicked from kick@/);
        this.outAt = Date.now();
        for (let n = 0; n < 13; n++) await home.publish(TOPIC, `v${n}`);
        await home.subscribe('home/end', 1);
        await home.publish('home/end', 'end');
        await home.arrived(1, 'home/end');
      }
      assert.match(
        nodeRed
          .logLines('warn')
          .map(({ text }) => text)
          .join('\n'),
        /The room kick@conference\.localhost kicked the bot/,
      );
    });
  }

  areBack(): void {
    it('house-bridge: back after its pause, it tells what came meanwhile and goes on; banned, it waits for an invitation', async () => {
      assert.notEqual(this.outAt, 0);
      for (const place of this.places) {
        const { owner, bot } = place;
        const jid = `${bot}@localhost`;
        const { xml } = owner;
        const home = await place.home();
        const told = await this.heard(place, /While I was out of this room:/);
        assert.ok(Date.now() - this.outAt >= PAUSE_MS - 3_000, 'it came back too early');
        assert.equal(
          told.replaceAll(`[${TOPIC}] `, ''),
          [
            'While I was out of this room:',
            '(3 more not shown)',
            ...Array.from({ length: 10 }, (_, n) => `v${n + 3}`),
          ].join('\n'),
        );
        assert.deepEqual(
          owner.bodies.filter((body) => /v\d/.test(body)),
          [told],
          'once',
        );
        await this.shows(place, /to chat/);
        await home.publish(TOPIC, 'goes on');
        await this.heard(place, /goes on$/);
        await home.subscribe('home/announcements', 1);
        await owner.send(
          xml('message', { to: ROOM, type: 'groupchat', id: 'back' }, xml('body', {}, 'welcome back')),
        );
        assert.equal((await home.arrived(1, 'home/announcements'))[0]?.payload, 'welcome back');

        await this.admin(place, { jid, affiliation: 'outcast' });
        await this.shows(place, /^banned from kick@/);
        await home.publish(TOPIC, 'while banned');
        await this.admin(place, { jid, affiliation: place.lifted });
        const before = owner.bodies.length;
        const invite = xml('invite', { to: jid });
        await owner.send(xml('message', { to: ROOM }, xml('x', { xmlns: `${MUC}#user` }, invite)));
        await this.heard(place, /^While I was out of this room:\n.*while banned$/, before);
        await this.shows(place, /to chat/);
      }
    });
  }
}
