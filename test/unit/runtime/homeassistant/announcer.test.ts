import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import type { ShownAbout } from '../../../../src/homeassistant/announcing/announced-device';
import { AnnouncedFile } from '../../../../src/runtime/homeassistant/announced-file';
import { Announcer } from '../../../../src/runtime/homeassistant/announcer';
import type { ShownNode } from '../../../../src/runtime/homeassistant/announcer-types';
import type { RegisteredNode } from '../../../../src/runtime/node-contract';
import type { Publication } from '../../../../src/transport/messages';
import type { Done } from '../../../../src/transport/outbox/outbox';
import type { Subscription } from '../../../../src/transport/subscriptions/subscription-set';
import { FakeClock } from '../../transport/fake-clock';

const CONFIG = 'homeassistant/device/dinox-nr_i1_b1/config';
const BIRTH = 'homeassistant/status';
const STATE = /^dinox-nr\/ha\/i1\/n1\/[0-9a-f]{12}\/state$/;

/** A server that keeps retained messages and brings everything back to who subscribed. */
class Server {
  connected = false;
  readonly retained = new Map<string, string>();
  readonly published: Publication[] = [];
  readonly subscriptions = new Set<Subscription>();
  readonly registered = new Set<RegisteredNode>();
  private readonly watchers = new Set<(connected: boolean) => void>();
  refusal: Error | undefined;

  onConnected(watcher: (connected: boolean) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
  register(node: RegisteredNode): void {
    this.registered.add(node);
  }
  async deregister(node: RegisteredNode): Promise<void> {
    this.registered.delete(node);
  }
  subscribe(one: Subscription): void {
    this.subscriptions.add(one);
  }
  unsubscribe(one: Subscription): void {
    this.subscriptions.delete(one);
  }
  readonly client = {
    capabilities: { retain: true },
    usesSession: false,
    publish: (publication: Publication, done: Done): void => this.publish(publication, done),
  };
  private publish(publication: Publication, done: Done): void {
    this.published.push(publication);
    done(this.refusal);
    this.bring(publication.topic, String(publication.payload), false);
    if (!publication.retain) return;
    if (publication.payload === '') this.retained.delete(publication.topic);
    else this.retained.set(publication.topic, String(publication.payload));
  }
  /** Somebody publishes. */
  bring(topic: string, payload: string, retain: boolean): void {
    for (const { filter, deliver } of [...this.subscriptions]) {
      const pattern = filter.split('/').map((level) => (level === '+' ? '[^/]+' : level));
      if (!new RegExp(`^${pattern.join('/')}$`).test(topic)) continue;
      deliver({
        ...{ topic, payload: Buffer.from(payload), retain, qos: 1, dup: false },
        ...{ properties: undefined, pubsub: undefined },
      });
    }
  }
  switch(connected: boolean): void {
    this.connected = connected;
    for (const watcher of [...this.watchers]) watcher(connected);
    if (connected) for (const [topic, payload] of this.retained) this.bring(topic, payload, true);
  }
  /** Payloads that were published to the announcement since the last call. */
  announcements(): string[] {
    return this.take(({ topic }) => topic === CONFIG).map(({ payload }) => String(payload));
  }
  take(isMeant: (publication: Publication) => boolean): Publication[] {
    const found = this.published.filter(isMeant);
    for (const one of found) this.published.splice(this.published.indexOf(one), 1);
    return found;
  }
}

const button = (key: string, name = 'Freezer'): ShownAbout => ({
  key,
  entity: {
    platform: 'button',
    part: 'ack',
    name,
    id: `${name} ack`,
    config: { command_topic: '~/ack/set' },
  },
});
const sensor = (key: string): ShownAbout => ({
  key,
  entity: {
    platform: 'sensor',
    part: 'value',
    name: 'Value',
    id: 'value',
    config: { state_topic: '~/state' },
  },
});
const componentsOf = (payload = ''): Record<string, Record<string, unknown>> =>
  (JSON.parse(payload) as { components: Record<string, Record<string, unknown>> }).components;

describe('announcing to Home Assistant', () => {
  let server: Server;
  let clock: FakeClock;
  let file: AnnouncedFile;
  let warned: string[];
  let deploying: (underWay: boolean) => void;

  beforeEach(() => {
    server = new Server();
    clock = new FakeClock();
    file = new AnnouncedFile(undefined);
    warned = [];
  });

  const announcer = (prefix = 'homeassistant'): Announcer =>
    new Announcer({
      ...{ broker: server, clock, file },
      random: () => 0.5,
      needStatus: () => {},
      identity: { installation: 'i1', broker: 'b1', prefix },
      looks: { name: 'DinoX', version: '1', statusTopic: 'dinox/bots/status/bot' },
      deploys: (listener) => {
        deploying = listener;
        listener(false);
        return () => {};
      },
      warn: (said) => warned.push(inEnglish(said)),
    });
  const opened = (said: string[] = []): { one: Announcer; node: ShownNode } => {
    const one = announcer();
    const node = one.open('n1', (key, part, payload) => said.push(`${key} ${part} ${payload}`));
    return { one, node };
  };
  /** Connected, announced, and quiet again. */
  const running = (said?: string[]) => {
    const made = opened(said);
    made.node.show([button('a'), sensor('a')]);
    made.node.state('a', 'state', { value: 1 });
    server.switch(true);
    clock.advance(5_000);
    return made;
  };

  it('announces all once there is a connection, then the states; the same again is silent', () => {
    const { node } = running();
    const [payload, ...more] = server.announcements();
    assert.deepEqual(more, []);
    const { device, origin, availability_topic } = JSON.parse(payload ?? '') as Record<string, unknown>;
    assert.deepEqual(Object.keys(origin as object), ['name', 'sw_version']);
    assert.deepEqual((device as { identifiers: unknown }).identifiers, ['dinox-nr_i1_b1']);
    assert.equal(availability_topic, 'dinox/bots/status/bot');
    const all = Object.values(componentsOf(payload));
    assert.deepEqual(
      all.map(({ platform }) => platform),
      ['button', 'sensor'],
    );
    for (const { unique_id: id } of all) assert.match(String(id), /^i1_n1_[0-9a-f]{12}_(ack|value)$/);
    const states = server.take(({ topic }) => STATE.test(topic));
    assert.deepEqual(
      states.map(({ payload: said, retain }) => [said, retain]),
      [['{"value":1}', true]],
    );
    node.show([button('a'), sensor('a')]);
    node.state('a', 'state', { value: 1 });
    clock.advance(60_000);
    assert.deepEqual(server.published, []);
    node.state('a', 'state', { value: 2 });
    assert.equal(server.published.length, 1);
  });

  it('stays within eight levels', () => {
    running();
    const topics = [
      ...server.published.map(({ topic }) => topic),
      ...[...server.subscriptions].map(({ filter }) => filter),
    ];
    assert.ok(Math.max(...topics.map((topic) => topic.split('/').length)) <= 8);
  });

  it('answers births, however often they come, with everything', () => {
    running();
    server.published.length = 0;
    for (let at = 0; at < 600; at++) {
      server.bring(BIRTH, 'online', false);
      clock.advance(100);
    }
    const found = server.announcements().length;
    assert.ok(found >= 5 && found <= 7, `${found} in a minute`);
    assert.ok(server.take(({ topic }) => STATE.test(topic)).length >= 5);
  });

  it('takes out what is not shown any more, once, and clears its state', () => {
    const { node } = running();
    server.published.length = 0;
    node.show([button('b')]);
    clock.advance(1_000);
    const [payload] = server.announcements();
    const taken = Object.values(componentsOf(payload)).filter((one) => !('unique_id' in one));
    assert.deepEqual(taken, [{ platform: 'button' }, { platform: 'sensor' }]);
    assert.deepEqual(
      server.take(({ topic }) => STATE.test(topic)),
      [],
      'its entity may be there still',
    );
    clock.advance(60_000);
    assert.deepEqual(
      server.take(({ topic }) => STATE.test(topic)).map((one) => one.payload),
      [''],
    );
    const [after, ...more] = server.announcements();
    assert.deepEqual([Object.keys(componentsOf(after)).length, more.length], [1, 0]);
  });

  it('takes nothing out while Home Assistant is away: it would miss that', () => {
    const { node } = running();
    server.bring(BIRTH, 'offline', false);
    node.show([button('b')]);
    clock.advance(60_000);
    const taken = (payload: string): number =>
      Object.values(componentsOf(payload)).filter((one) => !('unique_id' in one)).length;
    assert.deepEqual(server.announcements().map(taken), [0, 0]);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(server.announcements().map(taken), [0, 2, 0]);
  });

  it('after a restart keeps what its nodes have not spoken of yet, and takes out the rest', () => {
    running();
    server.switch(false);
    const stored = server.retained.get(CONFIG) ?? '';
    server.subscriptions.clear();
    const { node } = opened();
    server.switch(true);
    clock.advance(10_000);
    assert.deepEqual(server.announcements().at(-1), stored, 'nothing is lost before it is known');
    node.show([sensor('a')]);
    clock.advance(1_000);
    const taken = Object.values(componentsOf(server.announcements()[0])).filter(
      (one) => !('unique_id' in one),
    );
    assert.deepEqual(taken, [{ platform: 'button' }]);
  });

  it('a node that is removed is taken out when the deploy is over, the last one with the device', () => {
    const { one, node } = running();
    const other = one.open('n2', () => {});
    other.show([button('')]);
    clock.advance(10_000);
    server.published.length = 0;
    deploying(true);
    other.close();
    clock.advance(1_000);
    assert.deepEqual(server.announcements(), [], 'its successor may come');
    deploying(false);
    clock.advance(1_000);
    assert.equal(server.announcements().length, 1);
    node.close();
    clock.advance(20_000);
    assert.equal(server.announcements().at(-1), '');
    assert.equal(server.retained.size, 0);
    assert.equal(file.before.announced, false);
    assert.equal(server.registered.size, 1, 'Home Assistant may have missed it');
    server.bring(BIRTH, 'offline', false);
    clock.advance(1_000);
    assert.deepEqual([server.registered.size, server.subscriptions.size], [0, 0], 'it was there');
    assert.equal(file.before.missed, undefined);
  });

  /** Keys of announced components, and of those that are taken out, since the last call. */
  const said = (): [number, number][] =>
    server.announcements().map((payload) => {
      const all = Object.values(payload === '' ? {} : componentsOf(payload));
      const taken = all.filter((one) => !('unique_id' in one)).length;
      return [all.length - taken, taken];
    });

  it('what was taken out before Home Assistant starts comes back for a moment, so that it can go there', () => {
    const { node } = running();
    node.show([button('b')]);
    clock.advance(60_000);
    assert.deepEqual(said().at(-1), [1, 0]);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [
      [3, 0],
      [1, 2],
      [1, 0],
    ]);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [[1, 0]], 'once');
  });

  it('so it does over a restart, and a whole device, too', () => {
    const { one, node } = running();
    node.close();
    clock.advance(60_000);
    assert.deepEqual(said().at(-1), [0, 0]);
    void one.close(false);
    server.switch(false);
    announcer();
    server.switch(true);
    clock.advance(60_000);
    assert.deepEqual(said(), []);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [
      [2, 0],
      [0, 0],
    ]);
    assert.deepEqual([server.registered.size, server.retained.size], [0, 0]);
    assert.equal(file.before.missed, undefined);
  });

  it('a goodbye proves that Home Assistant was there: nothing comes back', () => {
    const { node } = running();
    node.show([button('b')]);
    clock.advance(60_000);
    server.announcements();
    server.bring(BIRTH, 'offline', false);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [[1, 0]]);
  });

  it('a goodbye that the server has kept proves nothing', () => {
    const { node } = running();
    node.show([button('b')]);
    clock.advance(60_000);
    server.bring(BIRTH, 'offline', true);
    server.announcements();
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said()[0], [3, 0]);
  });

  it('what was taken out long ago is not waited for', () => {
    const { one, node } = running();
    node.show([button('b')]);
    clock.advance(60_000);
    void one.close(false);
    server.switch(false);
    clock.advance(8 * 86_400_000);
    opened().node.show([button('b')]);
    server.switch(true);
    clock.advance(60_000);
    server.announcements();
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [[1, 0]]);
  });

  it('what comes back while its end is not known is shown, and not taken out', () => {
    const { node } = running();
    node.show([button('b')]);
    clock.advance(60_000);
    node.show([button('a'), sensor('a')]);
    clock.advance(60_000);
    server.announcements();
    assert.equal(file.before.missed && Object.keys(file.before.missed.components).length, 1);
    server.bring(BIRTH, 'online', false);
    clock.advance(60_000);
    assert.deepEqual(said(), [
      [3, 0],
      [2, 1],
      [2, 0],
    ]);
  });

  it('below another prefix it is announced there, and not below the one before', () => {
    const { one } = running();
    void one.close(false);
    server.switch(false);
    announcer('ha')
      .open('n1', () => {})
      .show([sensor('a')]);
    server.switch(true);
    clock.advance(10_000);
    const configs = [...server.retained.keys()].filter((topic) => topic.endsWith('/config'));
    assert.deepEqual(configs, ['ha/device/dinox-nr_i1_b1/config']);
  });

  it('a topic of somebody else in the file is not cleared', () => {
    (file as unknown as { kept: object }).kept = {
      announced: true,
      topic: 'homeassistant/device/other/config',
    };
    server.retained.set('homeassistant/device/other/config', '{}');
    running();
    assert.ok(server.retained.has('homeassistant/device/other/config'));
  });

  it('a file of another time is read as far as it is ours', () => {
    for (const components of [null, 7, [], { x: 1 }, { n1_0: { platform: 'sensor', '~': '#' } }]) {
      file = new AnnouncedFile(undefined);
      (file as unknown as { kept: object }).kept = {
        announced: false,
        missed: { at: clock.now(), components },
      };
      announcer();
      assert.equal(server.registered.size, 0);
    }
  });

  it('goes at the next start if nobody shows anything any more', () => {
    running();
    server.switch(false);
    server.subscriptions.clear();
    announcer();
    server.switch(true);
    clock.advance(5_000);
    assert.equal(server.retained.has(CONFIG), false);
  });

  it('understands that somebody deleted the device, and begins again when told to', async () => {
    const { one, node } = running();
    server.published.length = 0;
    server.retained.delete(CONFIG);
    for (let at = 0; at < 6; at++) server.bring(CONFIG, '', false);
    assert.equal(warned.length, 1);
    assert.equal(one.removedAt, clock.now());
    node.show([button('c')]);
    node.state('c', 'state', { value: 3 });
    server.bring(BIRTH, 'online', false);
    server.switch(false);
    server.switch(true);
    clock.advance(60_000);
    assert.deepEqual(server.announcements(), []);
    assert.deepEqual([...server.retained.keys()], [], 'the states are gone, too');
    one.again();
    clock.advance(5_000);
    assert.equal(server.announcements().length, 1);
    assert.equal(one.removedAt, undefined);
    await one.close(false);
  });

  it('does not take its own farewell for a deletion', async () => {
    const { one } = running();
    const closing = one.close(true);
    clock.advance(5_000);
    await closing;
    assert.equal(one.removedAt, undefined);
    assert.equal(server.retained.size, 0);
  });

  it('does not answer an announcement of somebody else under its name', () => {
    running();
    server.published.length = 0;
    server.bring(CONFIG, '{"components":{"x":{"platform":"sensor","unique_id":"x"}}}', false);
    clock.advance(60_000);
    assert.deepEqual(server.published, []);
  });

  it('passes commands on, but none that was kept, is too long, or is for nobody', () => {
    const said: string[] = [];
    running(said);
    const place = [...server.retained.keys()].find((topic) => STATE.test(topic))?.replace(/\/state$/, '');
    server.bring(`${place}/ack/set`, 'PRESS', false);
    server.bring(`${place}/ack/set`, 'PRESS', true);
    server.bring(`${place}/ack/set`, 'x'.repeat(70_000), false);
    server.bring('dinox-nr/ha/i1/n1/000000000000/ack/set', 'PRESS', false);
    assert.deepEqual(said, ['a ack PRESS']);
  });

  it('obeys no more commands than people send, whoever sends them, and says so once', () => {
    const said: string[] = [];
    running(said);
    const place = [...server.retained.keys()].find((topic) => STATE.test(topic))?.replace(/\/state$/, '');
    for (let at = 0; at < 5_000; at++) server.bring(`${place}/ack/set`, 'PRESS', false);
    assert.deepEqual([said.length, warned.length], [120, 1]);
    clock.advance(60_000);
    server.bring(`${place}/ack/set`, 'PRESS', false);
    assert.equal(said.length, 121);
  });

  it('reads whatever stands on its topic', () => {
    opened();
    server.connected = true;
    for (const payload of [
      '{',
      '[]',
      '{"components":7}',
      '{"components":{"__proto__":{"platform":"sensor"},"x":3,"y":{"platform":[]}}}',
      '['.repeat(100_000),
      `{"a":"${'x'.repeat(1_100_000)}"}`,
    ])
      server.bring(CONFIG, payload, true);
    clock.advance(5_000);
    assert.equal(warned.length, 0);
  });

  it('announces nothing over PubSub, and says so once', () => {
    server.client.usesSession = true;
    running();
    server.switch(false);
    server.switch(true);
    clock.advance(60_000);
    assert.deepEqual([server.published.length, warned.length], [0, 1]);
  });

  it('says once what the server refuses, and that it keeps nothing', () => {
    server.refusal = new Error('not authorized');
    server.client.capabilities.retain = false;
    const { node } = running();
    for (let at = 0; at < 50; at++) node.state('a', 'state', { at });
    assert.equal(warned.length, 2);
  });
});
