/** Every route of the sidebar asks for its permission, and all but GET refuse other pages. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { ROOT, type SidebarPlace } from './sidebar-support';

const READING: [string, string, unknown?][] = [
  ['GET', '/dinox/brokers'],
  ['GET', '/dinox/brokers/house/topics'],
  ['GET', '/dinox/brokers/house/value?topic=home/kitchen/temperature'],
  ['GET', '/dinox/brokers/house/states?filter=home/%23'],
  ['GET', '/dinox/brokers/house/messages?topic=home/kitchen/temperature'],
  ['POST', '/dinox/brokers/house/series', { wanted: [{ topic: 'home/kitchen/temperature' }] }],
  ['POST', '/dinox/brokers/house/explore', { on: false }],
  ['POST', '/dinox/core-topics', { host: 'localhost', port: 1883, q: '' }],
  ['GET', '/dinox/brokers/house/presets'],
  ['GET', '/dinox/alerts'],
  ['GET', '/dinox/alerts/past'],
  ['POST', '/dinox/alerts/lines', { wanted: [] }],
  ['POST', '/dinox/xmpp-out/preview', { id: 'none' }],
];
const WRITING: [string, object, number][] = [
  ['/dinox/brokers/house/publish', { topic: 'by/route', payload: '1' }, 200],
  ['/dinox/brokers/house/presets', { name: 'No topic' }, 400],
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

export function sidebarPermissionsSuite(place: SidebarPlace): void {
  for (const [method, path, body] of READING) {
    it(`${method} ${path}: not without a login, not with another right, with dinox.read or read`, async () => {
      await place.send('home/kitchen/temperature', '{"value":21.5,"unit":"°C"}');
      await place.row('home/kitchen/temperature');
      const status = async (user?: string): Promise<number> =>
        (await place.as(user, method, path, body)).status;
      assert.equal(await status(), 401);
      assert.equal(await status('stranger'), 401);
      assert.equal(await status('reader'), 200);
      assert.equal(await status('everyReader'), 200);
    });
  }

  it('GET /dinox/metrics: only with dinox.metrics, and without a topic or a value that was not chosen', async () => {
    await place.send('home/kitchen/temperature', '{"value":21.5,"unit":"°C"}');
    await place.send('meter/power', '{"value":1250.5,"unit":"W"}');
    await place.row('meter/power');
    for (const user of [undefined, 'stranger', 'reader', 'everyReader', 'writer'])
      assert.equal((await place.as(user, 'GET', '/dinox/metrics')).status, 401, user);
    const { status, text } = await place.get('/dinox/metrics', 'prometheus');
    assert.equal(status, 200);
    assert.match(text, /^dinox_connection_up\{id="house",connection="House"\} 1$/m);
    assert.match(text, /^dinox_messages_received_total\{id="house",connection="House"\} [1-9]\d*$/m);
    assert.match(
      text,
      /^dinox_alerts_open\{id="kitchen-inner",alert="Kitchen \/ Oven",severity="warning",acked="\w+"\} 1$/m,
    );
    assert.match(text, /^dinox_value\{id="house",topic="meter\/power",unit="W"\} 1250\.5$/m);
    assert.match(text, /\n# EOF\n$/);
    assert.doesNotMatch(text, /home\/|21\.5|somebody/);
    assert.equal((await place.get('/dinox/brokers', 'prometheus')).status, 401);
  });

  /** Routes of the connection test, for users who may deploy. */
  const TESTING: [string, object, number][] = [
    ['/dinox/test', { id: 'x', config: { host: '127.0.0.1', port: '1' } }, 201],
    ['/dinox/test', [], 400],
    ['/dinox/configuration', { config: { jid: 'anna@dinox.invalid' } }, 200],
    ['/dinox/configuration', { config: { jid: 'anna@' } }, 409],
  ];

  it('GET and DELETE dinox/test/…: only with flows.write, and not from another page', async () => {
    const body = { id: 'x', config: { host: '127.0.0.1', port: '1' } };
    const { id } = (await place.as('deployer', 'POST', '/dinox/test', body)).json;
    const path = `/dinox/test/${id}`;
    for (const user of [undefined, 'reader', 'everyReader', 'writer', 'stranger']) {
      assert.equal((await place.as(user, 'GET', path)).status, 401, user);
      assert.equal((await place.as(user, 'DELETE', path)).status, 401, user);
    }
    assert.equal((await place.as('deployer', 'GET', path)).status, 200);
    const json = { 'Content-Type': 'application/json' };
    const evil = { ...json, Origin: 'https://evil.example' };
    assert.equal((await place.as('deployer', 'DELETE', path, undefined, evil)).status, 403);
    assert.equal((await place.as('deployer', 'DELETE', path, undefined, json)).status, 204);
    assert.equal((await place.as('deployer', 'GET', '/dinox/test/none')).status, 404);
  });

  const CHANGING = [
    ...WRITING.map((route) => [...route, 'writer', 'dinox.write', 'deployer'] as const),
    ...[...DEPLOYING, ...TESTING].map((route) => [...route, 'deployer', 'flows.write', 'writer'] as const),
  ];
  for (const [path, body, wanted, may, right, mayNot] of CHANGING) {
    it(`POST ${path} (${wanted}): only with ${right}, and not from another page`, async () => {
      const status = (user: string | undefined, headers: Record<string, string> = {}): Promise<number> =>
        browserPost(`${place.nodeRed.url}${ROOT}${path}`, body, {
          ...(user === undefined ? {} : { Authorization: `Bearer ${place.tokens[user]}` }),
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
      assert.equal(await status(may, { Origin: place.nodeRed.url }), wanted);
      // A proxy has changed the host and says which one it was.
      const proxied = { Origin: 'https://red.example', 'X-Forwarded-Host': 'red.example' };
      assert.equal(await status(may, proxied), wanted);
    });
  }

  it('a form of another page gets nowhere', async () => {
    const response = await fetch(`${place.nodeRed.url}${ROOT}/dinox/brokers/house/publish`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${place.tokens.writer}` },
      body: new URLSearchParams({ topic: 'by/form', payload: '1' }),
    });
    assert.equal(response.status, 415);
  });
}

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
