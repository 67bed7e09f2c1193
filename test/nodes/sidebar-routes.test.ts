/** The routes behind the sidebar, in a Node-RED with a login and its admin API below a path of its own. */
import assert from 'node:assert/strict';
import { connect } from 'mqtt';
import type { AdminAnswer } from '../support/node-red';
import { phonePageSuite } from './phone-page-suite';
import { sidebarPermissionsSuite } from './sidebar-permissions-suite';
import { SECRET, SidebarPlace, sidebarFlow } from './sidebar-support';
import { userDirectorySuite } from './user-directory-suite';

/** Rows of an answer are looked at without types. */
// biome-ignore lint/suspicious/noExplicitAny: the rows of an answer.
type Row = any;

describe('sidebar: routes', function () {
  this.timeout(90_000);
  const place = new SidebarPlace();

  before(() => place.start());
  after(() => place.stop());

  const inject = async (id: string): Promise<void> => {
    const { status, text } = await place.as('admin', 'POST', `/inject/${id}`, {});
    assert.equal(status, 200, text);
  };

  it('kind: identity with its context. What runs within subflows is there, once for each instance', async () => {
    await inject('hot');
    const { alerts, nodes } = await place.until('the alert', async () => {
      const { json } = await place.get('/dinox/alerts');
      return json?.alerts?.length > 0 && json;
    });
    assert.equal(nodes, 2);
    assert.deepEqual(
      alerts.map(({ node: id, name, key }: Record<string, string>) => [id, name, key]),
      [['kitchen-inner', 'Kitchen / Oven', 't']],
    );
    const answer = await place.as('writer', 'POST', '/dinox/alerts/kitchen-inner', { cmd: 'ack', key: 't' });
    assert.equal(answer.status, 200, answer.text);
    const { json } = await place.get('/dinox/alerts');
    assert.ok(json.alerts[0].acked);
    assert.equal(json.alerts[0].facts, undefined, 'while another view is shown, only the number counts');
    const { brokers } = (await place.get('/dinox/brokers')).json;
    assert.deepEqual(brokers.map(({ id, name }: Record<string, string>) => [id, name]).sort(), [
      ['bath-inside', 'Alarm / Own'],
      ['house', 'House'],
      ['kitchen-inside', 'Kitchen / Own'],
      ['moved', 'Moved'],
    ]);
    assert.equal((await place.get('/dinox/brokers/kitchen-inside/topics?since=0')).status, 200);
  });

  sidebarPermissionsSuite(place);

  it('tells of each alert what a sentence needs, silences as the chat does, and lists what is over', async () => {
    const post = (body: object): Promise<AdminAnswer> =>
      place.as('writer', 'POST', '/dinox/alerts/kitchen-inner', { key: 'u', ...body });
    const all = async () => (await place.get('/dinox/alerts?all=1')).json;
    const ofKey = ({ alerts }: { alerts: { key: string }[] }): Row => alerts.find(({ key }) => key === 'u');
    await inject('warm');
    const alert = ofKey(await all());
    assert.deepEqual(
      [alert.facts.title, alert.facts.condition, alert.facts.limit, alert.place],
      ['u', 'above', 20, undefined],
    );
    for (const typed of ['', '400d', 'freezer', '<b>']) {
      const { status, json } = await post({ cmd: 'silence', typed });
      assert.deepEqual([status, json.ok], [200, false], typed);
    }
    // What cannot be read, and what names no alert, is neither less nor more than was asked.
    for (const forged of [
      { cmd: 'silence', typed: ['8h'] },
      { cmd: 'ack', typed: { length: 1 } },
      { cmd: { toString: 1 } },
      { cmd: 'silence', key: { toString: 1 }, typed: '8h' },
      { cmd: 'silence', key: undefined, typed: '8h' },
    ])
      assert.equal((await post(forged)).status, 400, JSON.stringify(forged));
    assert.equal(ofKey(await all()).silencedUntil, undefined);
    assert.equal((await post({ cmd: 'silence', typed: '8h' })).json.ok, true);
    const left = ofKey(await all()).silencedUntil - Date.now();
    assert.ok(left > 8 * 3_600_000 - 60_000 && left <= 8 * 3_600_000, String(left));
    assert.equal((await post({ cmd: 'unsilence' })).json.ok, true);
    assert.equal((await post({ cmd: 'ack' })).json.ok, true);
    assert.deepEqual((await place.get('/dinox/alerts/past')).json.alerts, []);
    // From eight values on there is a line. The same value twice in a millisecond would count once.
    for (let more = 0; more < 6; more++) await inject(more % 2 === 0 ? 'warmer' : 'warm');
    await inject('cold');
    const { watched, alerts } = await all();
    assert.equal(ofKey({ alerts }), undefined);
    assert.deepEqual(
      [watched.count, watched.keys[0].node, watched.keys[0].distance, watched.keys[0].nearest],
      [1, 'kitchen-inner', 10, 20],
    );
    const { json } = await place.get('/dinox/alerts/past?most=1');
    assert.equal(json.count, 1);
    const [past] = json.alerts;
    assert.deepEqual(
      [past.node, past.name, past.key, past.acked.by],
      ['kitchen-inner', 'Kitchen / Oven', 'u', 'writer'],
    );
    assert.match(past.text, /^🟠 #\d+ u: 30 is above 20$/);
    assert.deepEqual(past.facts, { state: 'firing', condition: 'above', value: 30, limit: 20 });
    const wanted = [
      { node: 'kitchen-inner', key: 'u' },
      { node: 'kitchen-inner', key: 'no' },
      { node: 'house' },
      ...[5, null, { node: '__proto__', key: '__proto__' }, { node: { toString: 1 }, key: {} }],
      ...new Array(2_000).fill({ node: 'kitchen-inner', key: 'constructor' }),
    ];
    const { lines } = (await place.as('reader', 'POST', '/dinox/alerts/lines', { wanted })).json;
    const values = lines.map(({ last }: { last: (number | null)[] }) => last.filter((one) => one !== null));
    assert.equal(values[0].at(-1), 10, JSON.stringify(lines[0]));
    assert.equal(values.length, 100);
    assert.deepEqual(values.slice(1).flat(), []);
  });

  it('tells of a connection what a person wants to know, and nothing secret', async () => {
    const { json, text } = await place.get('/dinox/brokers');
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
    await place.send('home/bath/temperature', '19');
    await place.send('home/bath/temperature', '20');
    await place.send('elsewhere', '1');
    await place.send('watched/door', 'open');
    const found = await place.row('watched/door');
    assert.deepEqual([found.kind, found.text], ['boolean', 'open']);
    const bath = await place.row('home/bath/temperature');
    assert.deepEqual([bath.text, bath.count], ['20', 2]);
    const { json } = await place.get('/dinox/brokers/house/topics?q=elsewhere');
    assert.deepEqual(json.rows, []);
  });

  it('gives differences, and waits for them', async () => {
    const first = (await place.get('/dinox/brokers/house/topics?since=0&limit=2000')).json;
    const waiting = place.get(
      `/dinox/brokers/house/topics?since=${first.seq}&epoch=${first.epoch}&wait=20000`,
    );
    await place.send('home/waiting/temperature', '1');
    const { json } = await waiting;
    assert.deepEqual(
      json.rows.map(({ topic }: { topic: string }) => topic),
      ['home/waiting/temperature'],
    );
    assert.equal(json.reset, false);
    const other = (await place.get(`/dinox/brokers/house/topics?since=${first.seq}&epoch=other&limit=2000`))
      .json;
    assert.equal(other.reset, true);
    assert.ok(other.rows.length > 1);
  });

  it('finds topics by a part, and by a filter', async () => {
    await place.send('home/bath/temperature', '20');
    await place.row('home/bath/temperature');
    const topics = async (q: string): Promise<string[]> =>
      (await place.get(`/dinox/brokers/house/topics?q=${encodeURIComponent(q)}`)).json.rows.map(
        ({ topic }: { topic: string }) => topic,
      );
    assert.ok((await topics('BATH')).includes('home/bath/temperature'));
    assert.ok((await topics('home/+/temperature')).includes('home/bath/temperature'));
    assert.ok(!(await topics('watched/#')).includes('home/bath/temperature'));
  });

  it('knows the names that devices announce, finds by them, and does not record what announces them', async () => {
    const config = { '~': 'watched/lamp9', name: 'Reading <lamp>', stat_t: '~/state', cmd_t: '~/set' };
    await place.send('homeassistant/light/lamp9/config', JSON.stringify(config), true);
    await place.send('watched/lamp9/state', 'ON');
    await place.row('watched/lamp9/state');
    const asked = async (query: string): Promise<[string, string][]> =>
      (await place.get(`/dinox/brokers/house/topics?${query}`)).json.rows.map(
        ({ topic, name }: { topic: string; name: string }) => [topic, name],
      );
    await place.until('the name', async () => (await asked('q=reading')).length > 0);
    assert.deepEqual(await asked('q=reading'), [['watched/lamp9/state', 'Reading <lamp>']]);
    assert.deepEqual(await asked('q=READING&role=command'), [
      ['watched/lamp9/set', 'Reading <lamp>'],
      ['watched/lamp9/state', 'Reading <lamp>'],
    ]);
    assert.deepEqual(await asked('q=homeassistant'), []);
    const first = (await place.get('/dinox/brokers/house/topics?since=0')).json;
    assert.deepEqual(
      first.names.map(({ topic }: { topic: string }) => topic),
      ['watched/lamp9/state', 'watched/lamp9/set'],
    );
    const again = `since=${first.seq}&epoch=${first.epoch}&names=${first.named}`;
    assert.deepEqual((await place.get(`/dinox/brokers/house/topics?${again}`)).json.names, []);
  });

  it('gives the history of topics and of numbers in JSON', async () => {
    await place.send('home/multi/temperature', '{"battery":80,"power":{"phase1":230}}');
    await place.row('home/multi/temperature');
    const wanted = [{ topic: 'home/multi/temperature', field: 'power.phase1' }, { topic: 'unknown' }];
    const { json } = await place.as('reader', 'POST', '/dinox/brokers/house/series', { wanted, points: 10 });
    const values = (i: number): number[] =>
      json.series[i].last.filter((value: number | null) => value !== null);
    assert.deepEqual([values(0), values(1)], [[230], []]);
  });

  it('explores as long as somebody asks, and every topic then', async () => {
    await place.send('far/away', 'kept', true);
    const asked = await place.until('exploring', async () => {
      const { json } = await place.get('/dinox/brokers/house/topics?explore=1&since=0&limit=2000');
      return json.rows.some(({ topic }: { topic: string }) => topic === 'far/away') && json;
    });
    assert.deepEqual(asked.explore, { phase: 'on', filters: ['#'] });
    const far = asked.rows.find(({ topic }: { topic: string }) => topic === 'far/away');
    assert.deepEqual([far.text, far.retained, far.count], ['kept', true, 0]);
    // A message that matches a flow's filter as well counts once.
    const before = (await place.row('home/bath/temperature')).count;
    await place.send('home/bath/temperature', '23');
    await place.send('far/behind', '1');
    await place.row('far/behind');
    assert.equal((await place.row('home/bath/temperature')).count, before + 1);
    await place.as('reader', 'POST', '/dinox/brokers/house/explore', { on: false });
    await place.send('far/late', '1');
    await place.send('watched/door', 'closed');
    await place.until('the watched one', async () => (await place.row('watched/door')).text === 'closed');
    assert.deepEqual((await place.get('/dinox/brokers/house/topics?q=far/late')).json.rows, []);
  });

  it('publishes, and says what cannot be published', async () => {
    const post = (body: object): Promise<AdminAnswer> =>
      place.as('writer', 'POST', '/dinox/brokers/house/publish', body);
    const answer = await post({ topic: 'watched/lamp', payload: 'ON', qos: 1, retain: true });
    assert.deepEqual([answer.status, answer.json], [200, { published: true }]);
    assert.equal((await place.row('watched/lamp')).text, 'ON');
    for (const topic of ['', 'a/+', 'a\u0000b', 5]) {
      const { status, json } = await post({ topic, payload: 'x' });
      assert.deepEqual([status, json.code], [400, 'topic']);
      assert.match(json.error, /topic/i);
    }
  });

  it('saves publications by name, keeps them over a deploy, and says what cannot be saved', async () => {
    const path = '/dinox/brokers/house/presets';
    const save = (body: object): Promise<AdminAnswer> => place.as('writer', 'POST', path, body);
    const night = { name: 'Good night', topic: 'watched/scene', payload: 'night', qos: 1, retain: false };
    assert.equal((await save({ ...night, chat: true })).status, 200);
    const { status, json } = await save({ ...night, topic: 'a/#' });
    assert.deepEqual([status, json.code], [400, 'topic']);
    assert.equal((await save({ ...night, name: 'night good' })).json.code, 'twin');
    await save({ ...night, name: 'Sleep', chat: false, replaces: 'Good night' });
    const flows = sidebarFlow(place.mosquitto.port);
    assert.equal((await place.as('admin', 'POST', '/flows', { flows })).status, 200);
    const kept = [{ ...night, name: 'Sleep', chat: false }];
    const named = async (): Promise<unknown[]> => (await place.get(path)).json.presets;
    await place.until('the connection is back', async () => (await named()) !== undefined);
    assert.deepEqual(await named(), kept);
    assert.equal(
      (await place.as('writer', 'DELETE', `${path}/${encodeURIComponent('no such')}`)).status,
      404,
    );
    assert.equal((await place.as('writer', 'DELETE', `${path}/Sleep`)).status, 200);
    assert.deepEqual(await named(), []);
  });

  it('clears retained messages and brings them back', async () => {
    const post = (path: string, body: object): Promise<AdminAnswer> =>
      place.as('writer', 'POST', `/dinox/brokers/house/${path}`, body);
    await place.send('watched/a', 'first', true);
    await place.send('watched/b', 'second', true);
    await place.until(
      'both',
      async () => (await place.row('watched/b')).text === 'second' && (await place.row('watched/a')).text,
    );
    const cleared = await post('clear', { topics: ['watched/a', 'watched/b'] });
    assert.deepEqual([cleared.json.cleared, cleared.json.failed, cleared.json.lost], [2, 0, 0]);
    assert.deepEqual(await retained(place.mosquitto.port, 'watched/a'), undefined);
    const undone = await post('undo', { undo: cleared.json.undo });
    assert.deepEqual(undone.json, { restored: 2, failed: 0 });
    assert.equal(await retained(place.mosquitto.port, 'watched/a'), 'first');
    assert.equal((await post('undo', { undo: cleared.json.undo })).status, 404);
    assert.equal((await post('clear', { topics: [] })).status, 400);
  });

  it('says 404 for a connection that is not there', async () => {
    assert.equal((await place.get('/dinox/brokers/nobody/topics')).status, 404);
    assert.equal((await place.get('/dinox/brokers/in/topics')).status, 404);
  });

  it('keeps what was recorded over a deploy', async () => {
    await place.send('watched/kept', '42');
    const { count } = await place.row('watched/kept');
    const changed = sidebarFlow(place.mosquitto.port).map((one) =>
      one.id === 'house' ? { ...one, keepalive: '61' } : one,
    );
    assert.equal((await place.as('admin', 'POST', '/flows', { flows: changed })).status, 200);
    assert.equal((await place.row('watched/kept')).count, count);
  });

  it('writes nothing of all that to the log', () => {
    assert.ok(!place.nodeRed.logs().includes(SECRET));
  });

  it('a changed host takes no queue along: it is held, nothing is sent, until somebody says Send', async () => {
    const heard: string[] = [];
    place.publisher.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    await place.publisher.subscribeAsync('gate/#', { qos: 1 });
    await place.as('admin', 'POST', '/inject/open', {});
    const moved = async () =>
      (await place.get('/dinox/brokers')).json.brokers.find(({ id }: { id: string }) => id === 'moved');
    await place.until('it waits', async () => (await moved()).queued === 1);
    const flows = sidebarFlow(place.mosquitto.port, {
      broker: '127.0.0.1',
      port: String(place.mosquitto.port),
    });
    assert.equal((await place.as('admin', 'POST', '/flows', { flows })).status, 200);
    const { held } = await place.until('a connection', async () => {
      const found = await moved();
      return found?.phase === 'connected' && found;
    });
    assert.deepEqual(
      held.map(({ server, count }: Record<string, unknown>) => [server, count]),
      [['localhost:1', 1]],
    );
    await place.send('gate/last', 'x');
    await place.until('what came behind it', async () => heard.includes('gate/last x'));
    assert.deepEqual(heard, ['gate/last x'], 'nothing was sent');
    assert.match(
      place.nodeRed
        .logLines('warn')
        .map(({ text }) => text)
        .join(' | '),
      /1 message\(s\) were waiting for localhost:1, which this node no longer uses/,
    );
    const path = '/dinox/brokers/moved/held';
    assert.equal(
      (await place.as('reader', 'POST', path, { name: held[0].name, action: 'send' })).status,
      401,
    );
    assert.equal((await place.as('writer', 'POST', path, { name: '../x', action: 'send' })).status, 404);
    assert.equal(
      (await place.as('writer', 'POST', path, { name: held[0].name, action: 'burn' })).status,
      400,
    );
    const answer = await place.as('writer', 'POST', path, { name: held[0].name, action: 'send' });
    assert.deepEqual([answer.status, answer.json.count], [200, 1], answer.text);
    await place.until('it is sent', async () => heard.includes('gate/open now'));
    assert.deepEqual((await moved()).held, []);
  });

  phonePageSuite(place);
  userDirectorySuite(place);
});

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
