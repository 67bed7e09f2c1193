/** DinoX, played by a client that writes what DinoX writes (plugins/mqtt), beside the examples for it. */
import assert from 'node:assert/strict';
import { PASSWORD, type Partner, USER } from '../nodes-support';
import { deployExample, onEjabberd, onMosquitto, type Stage, WAIT_MS } from './stage';

/** Free-text publishing and the topics for Home Assistant of one connection of DinoX. */
class PlayedDinoX {
  readonly shown: string[] = [];
  readonly commands: string[] = [];

  private constructor(
    readonly client: Partner,
    private readonly name: string,
    private readonly chat: readonly [publish: string, response: string],
  ) {}

  static async connect(
    stage: Stage,
    url: string,
    login: object,
    name: string,
    chat: readonly [string, string],
  ): Promise<PlayedDinoX> {
    const will = {
      topic: `dinox/${name}/availability`,
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    } as const;
    const clientId = `dinox-1-${Date.now()}`;
    const client = await stage.harness.partner(url, { protocolVersion: 5, clientId, will, ...login });
    const dinox = new PlayedDinoX(client, name, chat);
    await client.subscribe(chat[1], 0);
    await dinox.retained('availability', 'online');
    for (const [entity, value] of Object.entries({
      ...{ connectivity: 'ON', subscriptions: '2', bridges: '0', alerts: '1' },
      ...{ status: 'localhost:1883 (connected)', alerts_pause: 'OFF' },
    }))
      await dinox.retained(`${entity}/state`, value);
    for (const entity of ['alerts_pause', 'reconnect', 'refresh'])
      await client.subscribe(`dinox/${name}/${entity}/set`, 1);
    return dinox;
  }

  private retained(what: string, payload: string): Promise<void> {
    return this.client.publish(`dinox/${this.name}/${what}`, payload, { qos: 1, retain: true });
  }

  /** Somebody writes in the chat of DinoX's MQTT bot. */
  async write(text: string): Promise<string> {
    const [publish, response] = this.chat;
    const before = this.client.seen.filter(({ topic }) => topic === response).length;
    await this.client.publish(publish, text.trim(), { qos: 1, retain: false });
    const all = await this.client.arrived(before + 1, response, WAIT_MS);
    const answer = all[before];
    assert.ok(answer && !answer.retain);
    return read(answer.payload);
  }

  /** The next command, obeyed as DinoX does it. */
  async obey(count: number): Promise<string[]> {
    const isCommand = (topic: string): boolean => topic.endsWith('/set');
    const all = await this.client.until(
      `${count} commands`,
      () => {
        const some = this.client.seen.filter(({ topic }) => isCommand(topic));
        return some.length >= count && some;
      },
      WAIT_MS,
    );
    const { topic = '', payload = '' } = all[count - 1] ?? {};
    const word = payload.trim().toUpperCase();
    if (topic.includes('/alerts_pause/') && /^(ON|OFF)$/.test(word))
      await this.retained('alerts_pause/state', word);
    return [topic, payload];
  }
}

/** DinoX's way to read a text, on 64-bit Linux: up to a zero byte, which is somebody else's where malloc's chunk is full. */
function read(payload: string): string {
  const bytes = Buffer.byteLength(payload);
  const isFull = bytes >= 24 && bytes % 16 === 8;
  return isFull ? `${payload}\u0021` : payload;
}

const CHATS = {
  account: ['dinox/chat', 'dinox/response'],
  standalone: ['standalone/dinox', 'standalone/response'],
} as const;

export function dinoxSuite(stage: () => Stage): void {
  for (const server of ['Mosquitto', 'ejabberd'] as const) {
    const account = server === 'ejabberd';
    const where = () => (account ? onEjabberd(stage()) : onMosquitto(stage()));
    const dinox = (name: string, chat: readonly [string, string]) => {
      const { mosquitto, ejabberd } = stage();
      const url = `mqtt://127.0.0.1:${account ? ejabberd.mqttPort : mosquitto.port}`;
      const login = account ? { username: `${USER}@localhost`, password: PASSWORD } : {};
      return PlayedDinoX.connect(stage(), url, login, name, chat);
    };

    it(`dinox-chat-bot answers in the chat of DinoX, on ${server}`, async () => {
      await deployExample(stage(), 'dinox-chat-bot', { 'dinox-chatbot-broker': where() });
      const [one, alone] = [
        await dinox('anna_localhost', CHATS.account),
        await dinox('standalone', CHATS.standalone),
      ];
      assert.equal(await one.write('ping'), 'pong');
      assert.equal(await alone.write(' PING '), 'pong');
      assert.match(await one.write('time'), /^It is \w+day, 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d ?$/);
      assert.match(await one.write('help'), /^I know these words:\n(.+\n)*joke/);
      // In a predicate, $random() would be asked anew for every joke: none came then, or several.
      for (let n = 0; n < 15; n++) assert.match(await alone.write('joke'), /^[A-Z][^[\]{}]+[.?] ?$/);
      // A text of any length comes without a stray character.
      for (let length = 1; length <= 40; length++) {
        const text = 'x'.repeat(length);
        assert.equal((await one.write(text)).replace(/ $/, ''), `You wrote: ${text}`);
      }
      const count = (partner: Partner, topic: string) =>
        partner.seen.filter((seen) => seen.topic === topic).length;
      assert.deepEqual(
        [count(one.client, CHATS.account[1]), count(alone.client, CHATS.standalone[1])],
        [43, 16],
        'each got its own answers, once',
      );
    });

    it(`dinox-control sees DinoX and is obeyed, on ${server}`, async () => {
      const { nodeRed } = stage();
      const debugged = (from: number): string[] =>
        nodeRed.comms
          .debugMessages()
          .slice(from)
          .map(({ msg }) => String(msg));
      const before = debugged(0).length;
      await deployExample(stage(), 'dinox-control', { 'dinox-control-broker': where() });
      const played = await dinox('standalone', CHATS.standalone);
      const says = (line: string, from = before) =>
        nodeRed.until(line, () => debugged(from).includes(line), WAIT_MS);
      for (const line of ['availability: online', 'connectivity: ON', 'status: localhost:1883 (connected)'])
        await says(`standalone, ${line}`);
      for (const [n, [button, topic, payload]] of [
        ['pause', 'alerts_pause', 'ON'],
        ['resume', 'alerts_pause', 'OFF'],
        ['reconnect', 'reconnect', 'PRESS'],
        ['refresh', 'refresh', 'PRESS'],
      ].entries()) {
        const from = debugged(0).length;
        await nodeRed.inject(`dinox-control-${button}`);
        assert.deepEqual(await played.obey(n + 1), [`dinox/standalone/${topic}/set`, payload]);
        if (topic === 'alerts_pause') await says(`standalone, alerts_pause: ${payload}`, from);
      }
      assert.ok(played.client.seen.every(({ topic, retain }) => !topic.endsWith('/set') || !retain));
      // What DinoX leaves behind when it is killed.
      const from = debugged(0).length;
      await played.client.end();
      if (!account) await says('standalone, availability: offline', from);
    });
  }
}
