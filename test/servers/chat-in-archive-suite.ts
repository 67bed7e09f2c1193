/** Node-RED is killed, people go on writing, and it catches up from the archives: everything counts once. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectAsync } from 'mqtt';
import { type Flow, node, tab } from '../support/flows';
import { startNodeRed } from '../support/node-red';
import { startMosquitto } from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { type ChatInPlace, ROOM, WAIT, WARDEN } from './chat-in-support';
import { until } from './chat-support';
import { TLS, tlsConfig } from './nodes-support';

const WARDEN_JID = 'warden@localhost';
const COMMANDS = 'http://jabber.org/protocol/commands';

function flowFor(port: number, mosquitto: number): Flow {
  const warm = (topic: string) =>
    node('inject', topic, {
      props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
      ...{ topic, payload: '30', payloadType: 'num', wires: [['alert']] },
    });
  const xmppIn = (id: string, more: object) =>
    node('xmpp-in', id, { broker: 'broker', allow: 'anna@localhost', kind: 'any', maxAge: '1m', ...more });
  return [
    tab(),
    tlsConfig(),
    {
      ...{ id: 'broker', type: 'dinox-broker', name: '', jid: WARDEN_JID, tls: TLS },
      xmppService: `xmpp://127.0.0.1:${port}`,
      ...{ host: '127.0.0.1', port: mosquitto, usetls: false, useXmppCredentials: false },
      serverType: 'mosquitto',
    },
    warm('freezer'),
    warm('boiler'),
    warm('attic'),
    node('dinox-alert', 'alert', {
      ...{
        condition: 'above',
        limit: '25',
        history: 'off',
        chatControl: true,
        wires: [['out'], [], ['out']],
      },
    }),
    node('inject', 'cellar', {
      props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
      ...{ topic: 'cellar', payload: '30', payloadType: 'num', wires: [['nags']] },
    }),
    // Its reminder is due at each start.
    node('dinox-alert', 'nags', {
      ...{ condition: 'above', limit: '25', history: 'off', repeatEvery: '3s' },
      wires: [['out'], [], ['out']],
    }),
    xmppIn('in', { kind: 'chat', wires: [['alert', 'nags'], []] }),
    xmppIn('home', {
      ...{ rooms: ROOM, nick: 'warden', answerTopics: 'home/#', wires: [[], []] },
      actuators: ['light', 'fan'].map((name) => {
        return { name, topic: `home/${name}/set`, payload: '{{value}}', allow: 'anna@localhost', qos: '1' };
      }),
    }),
    node('xmpp-out', 'out', {
      ...{ broker: 'broker', to: 'anna@localhost', format: 'payload', rate: '6000', wires: [[], []] },
    }),
  ];
}

/** When the acknowledgement of the boiler ends, as the last line on disk says; 0: none does. */
function untilOf(userDir: string): number {
  const all = readFileSync(join(userDir, 'dinox/alerts/alert.log'), 'utf8').matchAll(
    /"until":(\d+),"note":"plumber comes"/g,
  );
  return Number([...all].at(-1)?.[1] ?? 0);
}

/** As Gajim does it: look for commands, execute, fill in, complete, cancel. Strangers see none. */
async function adHoc(place: ChatInPlace, warden: string): Promise<void> {
  const { anna, ben } = place;
  const ask = async (who: typeof anna, type: 'get' | 'set', content: string): Promise<Element> => {
    const id = `adhoc${place.next()}`;
    who.write(`<iq type='${type}' to='${warden}' id='${id}'>${content}</iq>`);
    const found = () => who.stanzas.find(({ name, attrs }) => name === 'iq' && attrs.id === id);
    await until(`an answer to ${content}`, found, WAIT);
    return found() as Element;
  };
  const info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
  const list = `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'/>`;
  const command = (node: string, attrs = '', values: Record<string, string> = {}): string => {
    const fields = Object.entries(values).map(
      ([key, value]) => `<field var='${key}'><value>${value}</value></field>`,
    );
    const form = fields.length > 0 ? `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>` : '';
    return `<command xmlns='${COMMANDS}' node='dinox-alert/${node}' ${attrs}>${form}</command>`;
  };
  const part = (iq: Element): Element => iq.getChild('command', COMMANDS) as Element;
  const noteOf = (iq: Element): string => `${part(iq).attrs.status}: ${part(iq).getChildText('note')}`;
  const sessionOf = (iq: Element): string => `sessionid='${part(iq).attrs.sessionid}'`;

  assert.match(String(await ask(anna, 'get', info)), /protocol\/commands/);
  assert.doesNotMatch(String(await ask(ben, 'get', info)), /protocol\/commands/);
  const items = (await ask(anna, 'get', list)).getChild('query')?.getChildren('item') ?? [];
  assert.deepEqual(
    items.map(({ attrs }) => attrs.node),
    ['status', 'ack', 'silence', 'set'].map((one) => `dinox-alert/${one}`),
  );
  assert.equal((await ask(ben, 'get', list)).attrs.type, 'error');
  assert.match(String(await ask(ben, 'set', command('status'))), /forbidden/);

  assert.match(noteOf(await ask(anna, 'set', command('status'))), /^completed: .*#1 freezer.*#3 attic/s);
  const silence = await ask(anna, 'set', command('silence', "action='execute'"));
  const choices = part(silence).getChild('x')?.getChild('field')?.getChildren('option') ?? [];
  const alert = choices.find(({ attrs }) => /^#3 attic/.test(attrs.label ?? ''))?.getChildText('value') ?? '';
  const filled = command('silence', `action='complete' ${sessionOf(silence)}`, { alert, for: '10m' });
  assert.match(noteOf(await ask(anna, 'set', filled)), /^completed: 🔇 attic/);
  const wrong = await ask(anna, 'set', command('silence'));
  const nonsense = command('silence', sessionOf(wrong), { alert, for: 'freezer' });
  assert.match(String(await ask(anna, 'set', nonsense)), /type="error"/);
  const set = await ask(anna, 'set', command('set'));
  const limit = command('set', `action='complete' ${sessionOf(set)}`, { limit: '26' });
  assert.match(noteOf(await ask(anna, 'set', limit)), /^completed: .*26/);
  const open = await ask(anna, 'set', command('ack'));
  const cancelled = await ask(anna, 'set', command('ack', `action='cancel' ${sessionOf(open)}`));
  assert.equal(part(cancelled).attrs.status, 'canceled');
}

export function chatInArchiveSuite(place: ChatInPlace): void {
  it('kind: killed with SIGKILL. What was written meanwhile counts once, and what is too old is refused', async function () {
    this.timeout(180_000);
    const { anna, ben, server } = place;
    const userDir = ownFolder(tmpdir());
    const mosquitto = await startMosquitto();
    const devices = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { protocolVersion: 5 });
    const orders: string[] = [];
    devices.on('message', (topic, payload) => orders.push(`${topic} ${payload}`));
    await devices.subscribeAsync('home/+/set', { qos: 1 });
    await devices.publishAsync('home/light', 'OFF', { retain: true });
    await devices.publishAsync('home/kitchen', '18.4', { retain: true });
    const nodeRed = await startNodeRed({
      ...{ version: '4', linkPackage: true, userDir, flows: flowFor(server.c2sPort, mosquitto.port) },
      credentials: { broker: { password: WARDEN.password } },
    });
    /** What a phone shows: ejabberd may cut the first line after a kill, and what was under way comes again, with its id. */
    const said = (): Element[] => {
      const all = anna.messages.filter(({ attrs }) => String(attrs.from).startsWith(`${WARDEN_JID}/`));
      return all.filter(({ attrs }, index) => all.findIndex((one) => one.attrs.id === attrs.id) === index);
    };
    const bodies = (): string[] => said().map((stanza) => stanza.getChildText('body') ?? '');
    const seen = (what: RegExp, count = 1): Promise<void> =>
      until(
        () => `${what} × ${count} in ${bodies().join(' | ')}\n${nodeRed.logs().slice(-2_000)}`,
        () => bodies().filter((body) => what.test(body)).length >= count,
        WAIT,
      );
    const entered = (): number =>
      anna.stanzas.filter(
        ({ name, attrs }) =>
          name === 'presence' && attrs.from === `${ROOM}/warden` && attrs.type === undefined,
      ).length;
    const inRoom = async (start: () => Promise<unknown>): Promise<void> => {
      const before = entered();
      await start();
      await until(
        () => `the warden is in the room\n${nodeRed.logs().slice(-2_000)}`,
        () => entered() > before,
        WAIT,
      );
    };
    try {
      await until('the warden is in the room', () => entered() > 0, WAIT);
      for (const [index, key] of ['freezer', 'boiler', 'attic'].entries()) {
        await nodeRed.inject(key);
        await seen(new RegExp(`#${index + 1} ${key}`));
      }
      place.say(anna, '<body>kitchen?</body>', 'q0', WARDEN_JID);
      await seen(/^home\/kitchen: 18\.4 /);
      place.say(anna, '<body>light on</body>', 'l0', WARDEN_JID);
      await seen(/^✔ light ON$/);
      assert.deepEqual(orders.splice(0), ['home/light/set ON']);
      const idOf = (key: string): string =>
        said().find((stanza) => stanza.getChildText('body')?.includes(key))?.attrs.id ?? '';
      await until(
        'the ids of the alerts are on disk',
        () => {
          const file = join(userDir, 'dinox/sent/broker.json');
          const sent = existsSync(file) ? readFileSync(file, 'utf8') : '';
          return ['freezer', 'boiler', 'attic'].every((key) => sent.includes(idOf(key)));
        },
        WAIT,
      );
      await adHoc(place, String(said()[0]?.attrs.from));
      await nodeRed.inject('cellar');
      await seen(/#4 cellar/);
      // Its effects are on disk then; a message before that would come again, marked.
      await sleep(1_500);
      await nodeRed.kill();

      const old = `<delay xmlns='urn:xmpp:delay' stamp='${new Date(Date.now() - 600_000).toISOString()}'/>`;
      const thumb = `<reactions xmlns='urn:xmpp:reactions:0' id='${idOf('freezer')}'><reaction>👍</reaction></reactions>`;
      place.say(anna, `${thumb}<store xmlns='urn:xmpp:hints'/>`, 'a1', WARDEN_JID);
      place.say(anna, `<body>ok 2 4h plumber comes</body>`, 'a2', WARDEN_JID);
      place.say(anna, `<body>ok 4</body>`, 'a7', WARDEN_JID);
      place.say(anna, `<body>silence 1h attic</body>${old}`, 'a3', WARDEN_JID);
      place.say(anna, `<body>light on</body>${old}`, 'a4', WARDEN_JID);
      place.say(anna, `<body>set limit 20</body>${old}`, 'a5', WARDEN_JID);
      place.say(anna, `<body>light off</body>`, 'a6', WARDEN_JID);
      place.say(ben, '<body>light on</body>', 'b1', WARDEN_JID);
      place.say(anna, '<body>warden: fan on</body>', 'r1', ROOM, 'groupchat');
      const forged =
        "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='anna@localhost' affiliation='owner' role='moderator'/></x>";
      place.say(ben, `<body>warden: fan 99</body>${forged}`, 'r2', ROOM, 'groupchat');
      place.say(ben, `${forged}<body>warden: fan 99</body>`, 'r3', ROOM, 'groupchat');
      await place.flushed(anna);
      await place.flushed(ben);
      const before = bodies().length;
      const written = Date.now();

      await inRoom(() => nodeRed.restart());
      await seen(/freezer.*✔ acknowledged by anna \d\d:\d\d/s);
      await seen(/boiler.*✔ acknowledged by anna \d\d:\d\d, until.*plumber comes/s);
      await until('the time is on disk', () => untilOf(userDir) > 0, WAIT);
      // It counts from its writing, not from when it was read.
      assert.ok(
        Math.abs(untilOf(userDir) - written - 4 * 3_600_000) < 2_500,
        `${untilOf(userDir) - written}`,
      );
      await seen(/cellar.*✔ acknowledged by anna \d\d:\d\d/s);
      await seen(/^🔇 attic .*silent until/);
      await seen(/too old to be obeyed now.*“light on”.*“set limit 20”/s);
      await seen(/^✔ light OFF$/);
      const inTheRoom = (): string[] =>
        anna.messages
          .filter(({ attrs }) => attrs.from === `${ROOM}/warden`)
          .map((one) => one.getChildText('body') ?? '');
      await until('the answer in the room', () => inTheRoom().includes('Anna: ✔ fan ON'), WAIT);
      await sleep(1_500);
      const after = bodies().slice(before);
      const sorted = (list: string[]): string[] => list.map((body) => body.slice(0, 40)).sort();
      // Each alert edits its message, each `ok` and `silence` is answered, the old order is refused, one is obeyed. No
      // reminder rings: what was written comes first.
      assert.equal(after.length, 8, sorted(after).join(' | '));
      assert.deepEqual(orders.splice(0).sort(), ['home/fan/set ON', 'home/light/set OFF']);

      await nodeRed.kill();
      await inRoom(() => nodeRed.restart());
      place.say(anna, '<body>warden: undo</body>', 'u9', ROOM, 'groupchat');
      await until('why not', () => inTheRoom().some((body) => /^Anna: .*before a restart/.test(body)), WAIT);
      place.say(anna, '<body>kitchen?</body>', 'q9', WARDEN_JID);
      await seen(/^home\/kitchen: 18\.4 /, 2);
      await sleep(1_000);
      assert.equal(bodies().length, before + 9, sorted(bodies().slice(before + 8)).join(' | '));
      assert.equal(inTheRoom().length, 2, inTheRoom().join(' | '));
      assert.deepEqual(orders, [], 'nothing is sent twice');
    } finally {
      await nodeRed.kill();
      await devices.endAsync(true);
      await mosquitto.stop();
    }
  });
}
