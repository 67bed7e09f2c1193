/** The examples fuel-prices and chat-media: a stand-in of the price service and the camera, a phone, and DinoX's chat. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BEN, ChatPartner } from '../chat-out-support';
import { PASSWORD, type Partner, USER } from '../nodes-support';
import { deployExample, onEjabberd, type Stage, WAIT_MS } from './stage';

export function fuelSuite(stage: () => Stage): void {
  /** A web service that answers whatever `answer` says, until the test ends. */
  const service = async (answer: (url: string) => string | Buffer): Promise<string> => {
    const server = createServer(({ url = '' }, response) => response.end(answer(url)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    stage().harness.after(() => new Promise((done) => server.close(done)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const phone = async (): Promise<ChatPartner> =>
    stage().harness.keep(await ChatPartner.connect(stage().ejabberd));
  /** DinoX at the same account. */
  const dinoxWith = async (...filters: string[]): Promise<Partner> => {
    const url = `mqtt://127.0.0.1:${stage().ejabberd.mqttPort}`;
    const dinox = await stage().harness.partner(url, { username: `${USER}@localhost`, password: PASSWORD });
    for (const filter of filters) await dinox.subscribe(filter, 0);
    return dinox;
  };
  const on = (dinox: Partner, topic: string): string[] =>
    dinox.seen.filter((one) => one.topic === topic).map(({ payload }) => payload);
  const heard = (ben: ChatPartner, line: RegExp): Promise<string> =>
    ben.until(`${line}`, () => ben.bodies.find((body) => line.test(body)), WAIT_MS);

  it('fuel-prices tells a change and a low price, and answers the phone and DinoX', async () => {
    const { nodeRed } = stage();
    let answer: unknown = {};
    const asked: string[] = [];
    const url = await service((query) => {
      asked.push(query);
      return JSON.stringify(answer);
    });
    const [ben, dinox] = [await phone(), await dinoxWith('dinox/response', 'home/fuel/#')];
    const id = (name: string): string => `dinox-fuel-${name}`;
    const env = [
      { name: 'FUEL_KEY', type: 'cred', value: '' },
      { name: 'FUEL_STATIONS', type: 'str', value: '1,2' },
      { name: 'FUEL_SERVICE', type: 'str', value: url },
    ];
    const typed = {
      ...{ [id('broker')]: onEjabberd(stage()), [id('tab')]: { env } },
      ...{ [id('chat')]: { allow: BEN }, [id('phone')]: { to: BEN } },
    };
    await deployExample(stage(), 'fuel-prices', typed, { secrets: { [id('tab')]: { FUEL_KEY: 'k3y' } } });
    const ask = async (prices: object, diesel: number): Promise<void> => {
      answer = { ok: true, prices };
      await nodeRed.inject(id('ask'));
      const reading = JSON.stringify({ value: diesel, unit: '€' });
      const topic = 'home/fuel/HEM/diesel';
      await dinox.until(`${topic} ${reading}`, () => on(dinox, topic).at(-1) === reading, WAIT_MS);
    };
    const stations = (e5: number, diesel: number) => ({
      ...{ HEM: { status: 'open', e5, e10: 1.62, diesel }, Aral: { status: 'closed' } },
      JET: { status: 'open', e5: false },
    });
    const say = (body: string) =>
      ben.send(
        ben.xml('message', { to: `${USER}@localhost`, type: 'chat', id: body }, ben.xml('body', {}, body)),
      );

    // The first price has nothing to be compared with; a cent is not told, three are.
    await ask(stations(1.69, 1.65), 1.65);
    assert.deepEqual(asked, ['/?ids=1,2&apikey=k3y']);
    const { text: file } = await nodeRed.adminApi('GET', '/flows');
    assert.ok(file.includes('FUEL_KEY') && !file.includes('k3y'), 'the key is in no export');
    await ask(stations(1.72, 1.66), 1.66);
    await heard(ben, /^HEM e5: 1\.72 € \(▲ \+3 ct\)$/);
    // A service that refuses, one that answers something else, and closed stations tell nothing.
    for (const other of [
      { ok: false, message: 'no key' },
      [],
      { ok: true, prices: { HEM: { status: 'closed' } } },
    ]) {
      answer = other;
      await nodeRed.inject(id('ask'));
    }
    await ask(stations(1.72, 1.59), 1.59);
    await heard(ben, /^HEM diesel: 1\.59 € \(▼ -6 ct\)$/);
    await heard(ben, /home\/fuel\/HEM\/diesel.*1\.59/);
    const lines = (bodies: readonly string[]): string[] =>
      bodies
        .filter((body) => /ct\)/.test(body))
        .map((body) => body.trimEnd())
        .sort();
    await dinox.until('both lines', () => lines(on(dinox, 'dinox/response')).length >= 2, WAIT_MS);
    const told = ['HEM diesel: 1.59 € (▼ -6 ct)', 'HEM e5: 1.72 € (▲ +3 ct)'];
    assert.deepEqual([lines(on(dinox, 'dinox/response')), lines(ben.bodies)], [told, told]);

    await say('HEM diesel');
    await heard(ben, /^home\/fuel\/HEM\/diesel: 1\.59 € \(/);
    await say('ok');
    await heard(ben, /acknowledged by ben/);
    await dinox.publish('dinox/chat', 'Sprit');
    const list = 'HEM/e5: 1.72 €\nHEM/e10: 1.62 €\nHEM/diesel: 1.59 €';
    await dinox.until(
      'an answer in DinoX',
      () => on(dinox, 'dinox/response').some((text) => text.trimEnd() === list),
      WAIT_MS,
    );
  });

  it('chat-media brings a picture, a sound, a playlist and the picture of a camera to the phone, and to DinoX', async () => {
    const { nodeRed } = stage();
    const jpeg = Buffer.from([
      0xff,
      0xd8,
      0xff,
      0xe0,
      0,
      16,
      ...Buffer.from('JFIF\0'),
      1,
      1,
      0,
      0,
      1,
      0,
      1,
      0,
      0,
      0xff,
      0xd9,
    ]);
    const url = await service(() => jpeg);
    const [ben, dinox] = [await phone(), await dinoxWith('home/media/#')];
    const id = (name: string): string => `dinox-media-${name}`;
    await deployExample(stage(), 'chat-media', {
      ...{ [id('broker')]: onEjabberd(stage()), [id('camera')]: { url }, [id('phone')]: { to: BEN } },
    });
    for (const [button, name, type] of [
      ['picture', 'price-board.png', 'image/png'],
      ['sound', 'bell.wav', 'audio/wav'],
      ['ask', 'front-door.jpg', 'image/jpeg'],
    ] as const) {
      const topic = `home/media/${name.replace(/\..*/, '')}`;
      await nodeRed.inject(id(button));
      const response = await fetch(await heard(ben, new RegExp(`^http.*/${name}$`)));
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, type]);
      const [file] = [Buffer.from(await response.arrayBuffer())];
      if (button === 'ask') assert.deepEqual(file, jpeg);
      await dinox.until(topic, () => on(dinox, topic).length > 0, WAIT_MS);
      assert.deepEqual(on(dinox, topic), [file.toString()]);
    }
    await nodeRed.inject(id('playlist'));
    await heard(ben, /Radio Example.*https:\/\/radio\.example\.org\/stream\.mp3/s);
    assert.deepEqual(
      nodeRed.logLines('error').filter(({ text }) => text.includes('dinox-media')),
      [],
    );
  });
}
