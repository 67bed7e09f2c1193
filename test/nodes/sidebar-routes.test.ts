/** The routes behind the sidebar, in a Node-RED with a login and its admin API below a path of its own. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { type Flow, mqttIn, node, tab, withTypes } from '../support/flows';
import { type AdminAnswer, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';

const ROOT = '/red';
/** `pw`, as bcrypt writes it. */
const HASH = '$2b$04$DpsahZ4riYwp9gTL0ewcw.i2ImlH6IiHoJqg1QRaJfdtxll6iXiaG';
const SECRET = 'sesam-4711-geheim';
const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out' };

/** @param moved host and port of a connection that keeps its queue; by default nothing answers there */
function flow(port: number, moved = { broker: 'localhost', port: '1' }): Flow {
  return withTypes(
    [
      tab(),
      node('junction', 'nowhere', { wires: [[]] }),
      {
        id: 'house',
        type: 'dinox-broker',
        name: 'House',
        broker: '127.0.0.1',
        port: String(port),
        protocolVersion: '5',
        watch: 'watched/#',
      },
      mqttIn('in', 'home/+/temperature', 'nowhere', { broker: 'house' }),
      // An alert and a connection that run twice, in the two instances of a subflow.
      { id: 'sub', type: 'subflow', name: 'Alarm', in: [{ x: 1, y: 1, wires: [{ id: 'inner' }] }], out: [] },
      node('dinox-alert', 'inner', {
        z: 'sub',
        name: 'Oven',
        condition: 'above',
        limit: '20',
        wires: [[], [], []],
      }),
      { id: 'inside', type: 'dinox-broker', name: 'Own', z: 'sub', broker: '127.0.0.1', port: String(port) },
      node('subflow:sub', 'kitchen', { name: 'Kitchen', wires: [] }),
      node('subflow:sub', 'bath', { wires: [] }),
      { id: 'moved', type: 'dinox-broker', name: 'Moved', queuePersist: true, ...moved },
      node('mqtt out', 'gate', { topic: 'gate/open', qos: '1', broker: 'moved', wires: [] }),
      node('inject', 'open', {
        props: [{ p: 'payload' }],
        payload: 'now',
        payloadType: 'str',
        wires: [['gate']],
      }),
      node('inject', 'hot', {
        props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
        ...{ payload: '30', payloadType: 'num', topic: 't', wires: [['kitchen']] },
      }),
    ],
    TYPES,
  );
}

describe('sidebar: routes', function () {
  this.timeout(90_000);
  let last = '';
  let mosquitto: Mosquitto;
  let nodeRed: NodeRed;
  let publisher: MqttClient;
  const tokens: Record<string, string> = {};

  const as = (user: string | undefined, method: string, path: string, body?: unknown, headers: object = {}) =>
    nodeRed.adminApi(method, `${ROOT}${path}`, body, {
      ...(user === undefined ? {} : { Authorization: `Bearer ${tokens[user]}` }),
      ...headers,
    });
  const get = (path: string, user = 'reader') => as(user, 'GET', path);
  const send = (topic: string, payload: string, retain = false) =>
    publisher.publishAsync(topic, payload, { qos: 1, retain });

  /** Asks until the answer is what is waited for. */
  async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(`not in time: ${what} ${last} ${nodeRed.logs().slice(-1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the rows of an answer.
  const row = (topic: string): Promise<any> =>
    until(`a row for ${topic}`, async () => {
      const { json } = await get('/dinox/brokers/house/topics?since=0&limit=2000');
      return json?.rows?.find((one: { topic: string }) => one.topic === topic);
    });

  before(async () => {
    mosquitto = await startMosquitto();
    const user = (username: string, permissions: string | string[]) => ({
      username,
      password: HASH,
      permissions,
    });
    nodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      flows: flow(mosquitto.port),
      credentials: { house: { user: 'somebody', password: SECRET } },
      settings: {
        httpAdminRoot: ROOT,
        adminAuth: {
          type: 'credentials',
          users: [
            user('reader', ['dinox.read']),
            user('writer', ['dinox.read', 'dinox.write']),
            user('stranger', ['flows.read']),
            user('deployer', ['flows.write']),
            user('everyReader', 'read'),
            user('admin', '*'),
          ],
        },
      },
    });
    for (const username of ['reader', 'writer', 'stranger', 'deployer', 'everyReader', 'admin']) {
      const answer = await nodeRed.adminApi('POST', `${ROOT}/auth/token`, {
        client_id: 'node-red-admin',
        grant_type: 'password',
        scope: '',
        username,
        password: 'pw',
      });
      tokens[username] = answer.json.access_token;
    }
    publisher = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
    await until('a connection', async () => {
      const { json, text } = await get('/dinox/brokers');
      last = text;
      return json?.brokers?.[0]?.phase === 'connected';
    });
  });

  after(async () => {
    await publisher?.endAsync(true);
    await nodeRed?.stop();
    await mosquitto?.stop();
  });

  const READING: [string, string, unknown?][] = [
    ['GET', '/dinox/brokers'],
    ['GET', '/dinox/brokers/house/topics'],
    ['GET', '/dinox/brokers/house/value?topic=home/kitchen/temperature'],
    ['POST', '/dinox/brokers/house/series', { wanted: [{ topic: 'home/kitchen/temperature' }] }],
    ['POST', '/dinox/brokers/house/explore', { on: false }],
    ['GET', '/dinox/alerts'],
    ['POST', '/dinox/xmpp-out/preview', { id: 'none' }],
  ];
  const WRITING: [string, object, number][] = [
    ['/dinox/brokers/house/publish', { topic: 'by/route', payload: '1' }, 200],
    ['/dinox/brokers/house/clear', { topics: ['by/route'] }, 200],
    ['/dinox/brokers/house/undo', { undo: 'unknown' }, 404],
    ['/dinox/alerts/none', { cmd: 'ack' }, 404],
    ['/dinox/xmpp-out/test', { broker: 'none', to: 'anna@example.org' }, 404],
    ['/dinox/xmpp-out/test', { broker: 'house', to: 'nobody at home' }, 400],
  ];
  /** Routes of the guided start, for users who may deploy. */
  const DEPLOYING: [string, object, number][] = [
    ['/dinox/guide/house/look', {}, 200],
    ['/dinox/guide/none/look', {}, 404],
    ['/dinox/guide/none/seen', {}, 200],
    ['/dinox/guide/none/hello', {}, 404],
    ['/dinox/chat/house/people', {}, 200],
    ['/dinox/chat/none/people', {}, 200],
    ['/dinox/guide/account', { jid: 'no address', password: 'x' }, 400],
    ['/dinox/guide/account', { jid: 'bot@example.org', password: '' }, 400],
  ];

  it('kind: identity with its context. What runs within subflows is there, once for each instance', async () => {
    const inject = await as('admin', 'POST', '/inject/hot', {});
    assert.equal(inject.status, 200, inject.text);
    const { alerts, nodes } = await until('the alert', async () => {
      const { json } = await get('/dinox/alerts');
      return json?.alerts?.length > 0 && json;
    });
    assert.equal(nodes, 2);
    assert.deepEqual(
      alerts.map(({ node: id, name, key }: Record<string, string>) => [id, name, key]),
      [['kitchen-inner', 'Kitchen / Oven', 't']],
    );
    const answer = await as('writer', 'POST', '/dinox/alerts/kitchen-inner', { cmd: 'ack', key: 't' });
    assert.equal(answer.status, 200, answer.text);
    const { json } = await get('/dinox/alerts');
    assert.ok(json.alerts[0].acked);
    const { brokers } = (await get('/dinox/brokers')).json;
    assert.deepEqual(brokers.map(({ id, name }: Record<string, string>) => [id, name]).sort(), [
      ['bath-inside', 'Alarm / Own'],
      ['house', 'House'],
      ['kitchen-inside', 'Kitchen / Own'],
      ['moved', 'Moved'],
    ]);
    assert.equal((await get('/dinox/brokers/kitchen-inside/topics?since=0')).status, 200);
  });

  for (const [method, path, body] of READING) {
    it(`${method} ${path}: not without a login, not with another right, with dinox.read or read`, async () => {
      await send('home/kitchen/temperature', '{"value":21.5,"unit":"°C"}');
      await row('home/kitchen/temperature');
      const status = async (user?: string): Promise<number> => (await as(user, method, path, body)).status;
      assert.equal(await status(), 401);
      assert.equal(await status('stranger'), 401);
      assert.equal(await status('reader'), 200);
      assert.equal(await status('everyReader'), 200);
    });
  }

  /** Routes of the connection test, for users who may deploy. */
  const TESTING: [string, object, number][] = [
    ['/dinox/test', { id: 'x', config: { host: '127.0.0.1', port: '1' } }, 201],
    ['/dinox/test', [], 400],
  ];

  it('GET and DELETE dinox/test/…: only with flows.write, and not from another page', async () => {
    const body = { id: 'x', config: { host: '127.0.0.1', port: '1' } };
    const { id } = (await as('deployer', 'POST', '/dinox/test', body)).json;
    const path = `/dinox/test/${id}`;
    for (const user of [undefined, 'reader', 'everyReader', 'writer', 'stranger']) {
      assert.equal((await as(user, 'GET', path)).status, 401, user);
      assert.equal((await as(user, 'DELETE', path)).status, 401, user);
    }
    assert.equal((await as('deployer', 'GET', path)).status, 200);
    const json = { 'Content-Type': 'application/json' };
    const evil = { ...json, Origin: 'https://evil.example' };
    assert.equal((await as('deployer', 'DELETE', path, undefined, evil)).status, 403);
    assert.equal((await as('deployer', 'DELETE', path, undefined, json)).status, 204);
    assert.equal((await as('deployer', 'GET', '/dinox/test/none')).status, 404);
  });

  const CHANGING = [
    ...WRITING.map((route) => [...route, 'writer', 'dinox.write', 'deployer'] as const),
    ...[...DEPLOYING, ...TESTING].map((route) => [...route, 'deployer', 'flows.write', 'writer'] as const),
  ];
  for (const [path, body, wanted, may, right, mayNot] of CHANGING) {
    it(`POST ${path} (${wanted}): only with ${right}, and not from another page`, async () => {
      const status = (user: string | undefined, headers: Record<string, string> = {}): Promise<number> =>
        browserPost(`${nodeRed.url}${ROOT}${path}`, body, {
          ...(user === undefined ? {} : { Authorization: `Bearer ${tokens[user]}` }),
          ...headers,
        });
      assert.equal(await status(undefined), 401);
      assert.equal(await status('reader'), 401);
      assert.equal(await status('everyReader'), 401);
      assert.equal(await status(mayNot), 401);
      assert.equal(await status(may, { 'Sec-Fetch-Site': 'cross-site' }), 403);
      assert.equal(await status(may, { 'Sec-Fetch-Site': 'same-site' }), 403);
      assert.equal(await status(may, { Origin: 'https://evil.example' }), 403);
      assert.equal(await status(may, { Origin: 'null' }), 403);
      assert.equal(await status(may, { 'Content-Type': 'text/plain' }), 415);
      assert.equal(await status(may, { Origin: nodeRed.url }), wanted);
      // A proxy has changed the host and says which one it was.
      const proxied = { Origin: 'https://red.example', 'X-Forwarded-Host': 'red.example' };
      assert.equal(await status(may, proxied), wanted);
    });
  }

  it('a form of another page gets nowhere', async () => {
    const response = await fetch(`${nodeRed.url}${ROOT}/dinox/brokers/house/publish`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens.writer}` },
      body: new URLSearchParams({ topic: 'by/form', payload: '1' }),
    });
    assert.equal(response.status, 415);
  });

  it('tells of a connection what a person wants to know, and nothing secret', async () => {
    const { json, text } = await get('/dinox/brokers');
    const [broker] = json.brokers;
    assert.equal(json.brokers.length, 4, 'those in subflows, too');
    assert.deepEqual(
      {
        name: broker.name,
        phase: broker.phase,
        server: broker.server,
        version: broker.version,
        watch: broker.watch,
      },
      { name: 'House', phase: 'connected', server: 'Mosquitto', version: 5, watch: ['watched/#'] },
    );
    assert.equal(broker.can.wildcards, true);
    assert.ok(!text.includes(SECRET) && !text.includes('somebody'));
  });

  it('records what flows receive and what the connection watches, each message once, and nothing else', async () => {
    await send('home/bath/temperature', '19');
    await send('home/bath/temperature', '20');
    await send('elsewhere', '1');
    await send('watched/door', 'open');
    const found = await row('watched/door');
    assert.deepEqual([found.kind, found.text], ['boolean', 'open']);
    const bath = await row('home/bath/temperature');
    assert.deepEqual([bath.text, bath.count], ['20', 2]);
    const { json } = await get('/dinox/brokers/house/topics?q=elsewhere');
    assert.deepEqual(json.rows, []);
  });

  it('gives differences, and waits for them', async () => {
    const first = (await get('/dinox/brokers/house/topics?since=0&limit=2000')).json;
    const waiting = get(`/dinox/brokers/house/topics?since=${first.seq}&epoch=${first.epoch}&wait=20000`);
    await send('home/waiting/temperature', '1');
    const { json } = await waiting;
    assert.deepEqual(
      json.rows.map(({ topic }: { topic: string }) => topic),
      ['home/waiting/temperature'],
    );
    assert.equal(json.reset, false);
    const other = (await get(`/dinox/brokers/house/topics?since=${first.seq}&epoch=other&limit=2000`)).json;
    assert.equal(other.reset, true);
    assert.ok(other.rows.length > 1);
  });

  it('finds topics by a part, and by a filter', async () => {
    await send('home/bath/temperature', '20');
    await row('home/bath/temperature');
    const topics = async (q: string): Promise<string[]> =>
      (await get(`/dinox/brokers/house/topics?q=${encodeURIComponent(q)}`)).json.rows.map(
        ({ topic }: { topic: string }) => topic,
      );
    assert.ok((await topics('BATH')).includes('home/bath/temperature'));
    assert.ok((await topics('home/+/temperature')).includes('home/bath/temperature'));
    assert.ok(!(await topics('watched/#')).includes('home/bath/temperature'));
  });

  it('knows the names that devices announce, finds by them, and does not record what announces them', async () => {
    const config = { '~': 'watched/lamp9', name: 'Reading <lamp>', stat_t: '~/state', cmd_t: '~/set' };
    await send('homeassistant/light/lamp9/config', JSON.stringify(config), true);
    await send('watched/lamp9/state', 'ON');
    await row('watched/lamp9/state');
    const asked = async (query: string): Promise<[string, string][]> =>
      (await get(`/dinox/brokers/house/topics?${query}`)).json.rows.map(
        ({ topic, name }: { topic: string; name: string }) => [topic, name],
      );
    await until('the name', async () => (await asked('q=reading')).length > 0);
    assert.deepEqual(await asked('q=reading'), [['watched/lamp9/state', 'Reading <lamp>']]);
    assert.deepEqual(await asked('q=READING&role=command'), [
      ['watched/lamp9/set', 'Reading <lamp>'],
      ['watched/lamp9/state', 'Reading <lamp>'],
    ]);
    assert.deepEqual(await asked('q=homeassistant'), []);
    const first = (await get('/dinox/brokers/house/topics?since=0')).json;
    assert.deepEqual(
      first.names.map(({ topic }: { topic: string }) => topic),
      ['watched/lamp9/state', 'watched/lamp9/set'],
    );
    const again = `since=${first.seq}&epoch=${first.epoch}&names=${first.named}`;
    assert.deepEqual((await get(`/dinox/brokers/house/topics?${again}`)).json.names, []);
  });

  it('gives the history of topics and of numbers in JSON', async () => {
    await send('home/multi/temperature', '{"battery":80,"power":{"phase1":230}}');
    await row('home/multi/temperature');
    const wanted = [{ topic: 'home/multi/temperature', field: 'power.phase1' }, { topic: 'unknown' }];
    const { json } = await as('reader', 'POST', '/dinox/brokers/house/series', { wanted, points: 10 });
    const values = (i: number): number[] =>
      json.series[i].last.filter((value: number | null) => value !== null);
    assert.deepEqual([values(0), values(1)], [[230], []]);
  });

  it('explores as long as somebody asks, and every topic then', async () => {
    await send('far/away', 'kept', true);
    const asked = await until('exploring', async () => {
      const { json } = await get('/dinox/brokers/house/topics?explore=1&since=0&limit=2000');
      return json.rows.some(({ topic }: { topic: string }) => topic === 'far/away') && json;
    });
    assert.deepEqual(asked.explore, { phase: 'on', filters: ['#'] });
    const far = asked.rows.find(({ topic }: { topic: string }) => topic === 'far/away');
    assert.deepEqual([far.text, far.retained, far.count], ['kept', true, 0]);
    // A message that matches a flow's filter as well counts once.
    const before = (await row('home/bath/temperature')).count;
    await send('home/bath/temperature', '23');
    await send('far/behind', '1');
    await row('far/behind');
    assert.equal((await row('home/bath/temperature')).count, before + 1);
    await as('reader', 'POST', '/dinox/brokers/house/explore', { on: false });
    await send('far/late', '1');
    await send('watched/door', 'closed');
    await until('the watched one', async () => (await row('watched/door')).text === 'closed');
    assert.deepEqual((await get('/dinox/brokers/house/topics?q=far/late')).json.rows, []);
  });

  it('publishes, and says what cannot be published', async () => {
    const post = (body: object): Promise<AdminAnswer> =>
      as('writer', 'POST', '/dinox/brokers/house/publish', body);
    const answer = await post({ topic: 'watched/lamp', payload: 'ON', qos: 1, retain: true });
    assert.deepEqual([answer.status, answer.json], [200, { published: true }]);
    assert.equal((await row('watched/lamp')).text, 'ON');
    for (const topic of ['', 'a/+', 'a\u0000b', 5]) {
      const { status, json } = await post({ topic, payload: 'x' });
      assert.deepEqual([status, json.code], [400, 'topic']);
      assert.match(json.error, /topic/i);
    }
  });

  it('clears retained messages and brings them back', async () => {
    const post = (path: string, body: object): Promise<AdminAnswer> =>
      as('writer', 'POST', `/dinox/brokers/house/${path}`, body);
    await send('watched/a', 'first', true);
    await send('watched/b', 'second', true);
    await until(
      'both',
      async () => (await row('watched/b')).text === 'second' && (await row('watched/a')).text,
    );
    const cleared = await post('clear', { topics: ['watched/a', 'watched/b'] });
    assert.deepEqual([cleared.json.cleared, cleared.json.failed, cleared.json.lost], [2, 0, 0]);
    assert.deepEqual(await retained(mosquitto.port, 'watched/a'), undefined);
    const undone = await post('undo', { undo: cleared.json.undo });
    assert.deepEqual(undone.json, { restored: 2, failed: 0 });
    assert.equal(await retained(mosquitto.port, 'watched/a'), 'first');
    assert.equal((await post('undo', { undo: cleared.json.undo })).status, 404);
    assert.equal((await post('clear', { topics: [] })).status, 400);
  });

  it('says 404 for a connection that is not there', async () => {
    assert.equal((await get('/dinox/brokers/nobody/topics')).status, 404);
    assert.equal((await get('/dinox/brokers/in/topics')).status, 404);
  });

  it('keeps what was recorded over a deploy', async () => {
    await send('watched/kept', '42');
    const { count } = await row('watched/kept');
    const changed = flow(mosquitto.port).map((one) =>
      one.id === 'house' ? { ...one, keepalive: '61' } : one,
    );
    assert.equal((await as('admin', 'POST', '/flows', { flows: changed })).status, 200);
    assert.equal((await row('watched/kept')).count, count);
  });

  it('writes nothing of all that to the log', () => {
    assert.ok(!nodeRed.logs().includes(SECRET));
  });

  it('a changed host takes no queue along: it is held, nothing is sent, until somebody says Send', async () => {
    const heard: string[] = [];
    publisher.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    await publisher.subscribeAsync('gate/#', { qos: 1 });
    await as('admin', 'POST', '/inject/open', {});
    const moved = async () =>
      (await get('/dinox/brokers')).json.brokers.find(({ id }: { id: string }) => id === 'moved');
    await until('it waits', async () => (await moved()).queued === 1);
    const flows = flow(mosquitto.port, { broker: '127.0.0.1', port: String(mosquitto.port) });
    assert.equal((await as('admin', 'POST', '/flows', { flows })).status, 200);
    const { held } = await until('a connection', async () => {
      const found = await moved();
      return found?.phase === 'connected' && found;
    });
    assert.deepEqual(
      held.map(({ server, count }: Record<string, unknown>) => [server, count]),
      [['localhost:1', 1]],
    );
    await send('gate/last', 'x');
    await until('what came behind it', async () => heard.includes('gate/last x'));
    assert.deepEqual(heard, ['gate/last x'], 'nothing was sent');
    assert.match(
      nodeRed
        .logLines('warn')
        .map(({ text }) => text)
        .join(' | '),
      /1 message\(s\) were waiting for localhost:1, which this node no longer uses/,
    );
    const path = '/dinox/brokers/moved/held';
    assert.equal((await as('reader', 'POST', path, { name: held[0].name, action: 'send' })).status, 401);
    assert.equal((await as('writer', 'POST', path, { name: '../x', action: 'send' })).status, 404);
    assert.equal((await as('writer', 'POST', path, { name: held[0].name, action: 'burn' })).status, 400);
    const answer = await as('writer', 'POST', path, { name: held[0].name, action: 'send' });
    assert.deepEqual([answer.status, answer.json.count], [200, 1], answer.text);
    await until('it is sent', async () => heard.includes('gate/open now'));
    assert.deepEqual((await moved()).held, []);
  });

  it('kind: identity without its context. Another flow file in the same user directory has files of its own', async () => {
    const dinox = join(nodeRed.userDir, 'dinox');
    const states = readFileSync(join(dinox, 'alerts/kitchen-inner.log'), 'utf8');
    writeFileSync(join(nodeRed.userDir, 'other.json'), JSON.stringify(flow(mosquitto.port)));
    const other = await startNodeRed({
      version: '4',
      userDir: nodeRed.userDir,
      settings: { flowFile: 'other.json' },
      flows: flow(mosquitto.port),
    });
    try {
      await other.inject('hot');
      await until('an alert', async () => (await other.adminApi('GET', '/dinox/alerts')).json?.alerts[0]);
      const own = join(dinox, 'flows/file%3Aother.json');
      assert.ok(existsSync(join(own, 'alerts/kitchen-inner.log')));
      assert.equal(readFileSync(join(dinox, 'alerts/kitchen-inner.log'), 'utf8'), states);
      assert.ok(!other.logs().includes('Another Node-RED'), 'each writes its own');
      // The two are connected at the same time: their generated client ids differ.
      const client = (of: string): string | undefined => / as client (dinox-\w+)/.exec(of)?.[1];
      await other.until('connected', () => client(other.logs()) !== undefined);
      assert.equal((await get('/dinox/brokers')).json.brokers[0].phase, 'connected');
    } finally {
      await other.kill();
    }
  });

  it('kind: two writers of one file. A second Node-RED on the same user directory says so and works in memory, until the first was killed', async () => {
    const states = join(nodeRed.userDir, 'dinox/alerts/kitchen-inner.log');
    const before = readFileSync(states, 'utf8');
    const second = await startNodeRed({
      version: '4',
      userDir: nodeRed.userDir,
      flows: flow(mosquitto.port),
    });
    try {
      const warned = (of: string): boolean =>
        second
          .logLines('warn')
          .some(({ text }) => text.includes(`[${of}] Another Node-RED (process ${nodeRed.pid} on `));
      assert.ok(warned('dinox-alert') && warned('dinox-broker'), second.logs());
      await second.inject('hot');
      await until(
        'the alert of the second',
        async () => (await second.adminApi('GET', '/dinox/alerts')).json?.alerts[0],
      );
      assert.equal(readFileSync(states, 'utf8'), before);
      await nodeRed.kill();
      await second.restart();
      assert.ok(!warned('dinox-alert') && !warned('dinox-broker'), second.logs());
      const { json } = await second.adminApi('GET', '/dinox/alerts');
      assert.ok(json.alerts[0].acked, 'what the first had kept');
    } finally {
      await second.kill();
    }
  });

  it('kind: identity without its context. A copied user directory takes client ids of its own, and says so', async () => {
    const copy = `${nodeRed.userDir}-copy`;
    // Sockets are not copied by everybody.
    const filter = (from: string): boolean => !from.endsWith('.live');
    cpSync(nodeRed.userDir, copy, { recursive: true, verbatimSymlinks: true, filter });
    const both = await Promise.all(
      [nodeRed.userDir, copy].map((userDir) =>
        startNodeRed({ version: '4', userDir, flows: flow(mosquitto.port) }),
      ),
    );
    try {
      const connected = (from: NodeRed) =>
        until('connected', async () =>
          (await from.adminApi('GET', '/dinox/brokers')).json?.brokers?.find(
            ({ id, phase }: { id: string; phase: string }) => id === 'house' && phase === 'connected',
          ),
        );
      const [original, copied] = await Promise.all(both.map(connected));
      assert.notEqual(original.client, copied.client);
      const told = both.map(
        (one) => one.logLines('info').filter(({ text }) => /was copied/.test(text)).length,
      );
      assert.deepEqual(told, [0, 1], both[1]?.logs());
      // Two of one id throw each other out at once.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const later = await Promise.all(both.map(connected));
      assert.deepEqual(
        later.map(({ losses }) => losses.length),
        [original, copied].map(({ losses }) => losses.length),
      );
    } finally {
      await Promise.all(both.map((one) => one.kill()));
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

/** The status of an answer to a request with headers that only a browser may set. */
function browserPost(url: string, body: object, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
    });
    sent.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

/** What a new subscriber gets; undefined where the server keeps nothing. */
async function retained(port: number, topic: string): Promise<string | undefined> {
  const client = connect(`mqtt://127.0.0.1:${port}`);
  try {
    let found: string | undefined;
    client.on('message', (name, payload) => {
      if (name === topic) found = payload.toString();
    });
    await client.subscribeAsync([topic, 'marker'], { qos: 1 });
    const marked = new Promise((resolve) =>
      client.on('message', (name) => name === 'marker' && resolve(undefined)),
    );
    await client.publishAsync('marker', '1', { qos: 1 });
    await marked;
    return found;
  } finally {
    await client.endAsync(true);
  }
}
