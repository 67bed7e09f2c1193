/** What the dialog of `dinox-alert` asks: the day of a key with where it would have fired, and a test alert. */
import assert from 'node:assert/strict';
import { connect, type MqttClient } from 'mqtt';
import { type Flow, mqttIn, node, tab, withTypes } from '../support/flows';
import { type AdminAnswer, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';

/** `pw`, as bcrypt writes it. */
const HASH = '$2b$04$DpsahZ4riYwp9gTL0ewcw.i2ImlH6IiHoJqg1QRaJfdtxll6iXiaG';
const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in' };
const SOURCES = [{ broker: 'house', filter: 'home/#' }];
const RULE = { condition: 'above', limit: '25', hysteresis: '1' };

function flow(port: number): Flow {
  return withTypes(
    [
      tab(),
      {
        id: 'house',
        type: 'dinox-broker',
        name: 'House',
        broker: '127.0.0.1',
        port: String(port),
        protocolVersion: '5',
      },
      mqttIn('in', 'home/#', 'alert', { broker: 'house' }),
      node('dinox-alert', 'alert', {
        ...RULE,
        holdFor: '1h',
        groupWait: '1h',
        persist: false,
        wires: [['told'], [], []],
      }),
      node('dinox-alert', 'faulty', { condition: 'above', limit: 'warm', wires: [[], [], []] }),
      node('function', 'told', {
        func: 'node.warn("TOLD " + JSON.stringify(msg)); return null;',
        outputs: 0,
        wires: [],
      }),
    ],
    TYPES,
  );
}

describe('dialog of dinox-alert: routes', function () {
  this.timeout(90_000);
  let mosquitto: Mosquitto;
  let nodeRed: NodeRed;
  let publisher: MqttClient;
  const tokens: Record<string, string> = {};

  const as = (user: string, path: string, body: unknown, headers: object = {}): Promise<AdminAnswer> =>
    nodeRed.adminApi('POST', path, body, { Authorization: `Bearer ${tokens[user]}`, ...headers });
  const ask = async (body: object, id = 'alert') =>
    (await as('reader', `/dinox/alerts/${id}/preview`, { rule: RULE, sources: SOURCES, points: 60, ...body }))
      .json;

  async function until<T>(what: string, of: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = await of();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline) throw new Error(`not in time: ${what} ${nodeRed.logs().slice(-1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  before(async () => {
    mosquitto = await startMosquitto();
    const user = (username: string, permissions: string[]) => ({ username, password: HASH, permissions });
    nodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      flows: flow(mosquitto.port),
      env: { SECRET: 'sesam-4711' },
      settings: {
        adminAuth: {
          type: 'credentials',
          users: [
            user('reader', ['dinox.read']),
            user('writer', ['dinox.write']),
            user('stranger', ['flows.read']),
          ],
        },
      },
    });
    for (const username of ['reader', 'writer', 'stranger']) {
      const login = {
        client_id: 'node-red-admin',
        grant_type: 'password',
        scope: '',
        username,
        password: 'pw',
      };
      tokens[username] = (await nodeRed.adminApi('POST', '/auth/token', login)).json.access_token;
    }
    publisher = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
    const send = (topic: string, payload: string) =>
      publisher.publishAsync(`home/${topic}`, payload, { qos: 1 });
    await until('a subscription', async () => {
      await send('first', '1');
      return (await ask({})).key !== undefined;
    });
    for (const value of ['20', '26', '24.5', '27', '24', '26'])
      await send('room', `{"value":${value},"unit":"°C"}`);
    const door = { rule: { condition: 'equals', limit: 'open' }, key: 'home/door' };
    for (const state of ['open', 'ajar']) {
      await send('door', state);
      await until(state, async () => (await ask(door, 'new')).states?.at(-1)?.state === state);
    }
    await send('light', 'ON');
    await send('climate', '{"humidity":50,"inner":{"value":3}}');
    await until(
      'the last topic',
      async () =>
        (await ask({})).keys?.includes('home/climate') === false && (await ask({})).fields?.length === 2,
    );
  });

  after(async () => {
    await publisher?.endAsync(true);
    await nodeRed?.stop();
    await mosquitto?.stop();
  });

  it('refuses who may not, what is forged, and what is no JSON', async () => {
    const preview = '/dinox/alerts/alert/preview';
    const test = '/dinox/alerts/alert/test';
    assert.equal((await nodeRed.adminApi('POST', preview, {})).status, 401);
    assert.equal((await nodeRed.adminApi('POST', test, {})).status, 401);
    assert.equal((await as('stranger', preview, {})).status, 401);
    assert.equal((await as('writer', preview, {})).status, 401);
    assert.equal((await as('reader', test, {})).status, 401);
    for (const [user, path] of [
      ['reader', preview],
      ['writer', test],
    ] as const) {
      assert.equal((await as(user, path, {}, { Origin: 'http://evil.example' })).status, 403);
      assert.equal((await as(user, path, {}, { 'Content-Type': 'text/plain' })).status, 415);
    }
    assert.equal((await as('writer', '/dinox/alerts/none/test', {})).json.code, 'notDeployed');
    assert.equal((await as('writer', '/dinox/alerts/faulty/test', {})).json.code, 'faulty');
  });

  it('says where it would have fired, with the rules as they are typed', async () => {
    const day = await ask({ key: 'home/room' });
    assert.equal(day.running, true);
    assert.equal(day.key, 'home/room');
    assert.equal(day.unit, '°C');
    assert.deepEqual(day.seen, { min: 20, max: 27 });
    assert.ok(day.first >= day.from && day.first <= day.to);
    assert.equal(day.alerts, 2, 'with the hysteresis 24.5 ends nothing; the first alert ends at 24');
    assert.equal(day.spans.length, 2);
    assert.equal(day.spans[1][1], day.to, 'the second one is open');
    assert.equal(Math.max(...day.series.max.filter((one: number | null) => one !== null)), 27);
    assert.ok(
      day.to - day.from >= 120_000 && day.to - day.from < 3_600_000,
      'a young day is not shown as a whole one',
    );
    const other = await ask({
      key: 'home/room',
      points: 0,
      rule: { ...RULE, limit: '26.5', hysteresis: '' },
    });
    assert.equal(other.alerts, 1);
    assert.equal(other.series, undefined);
    const held = await ask({ key: 'home/room', rule: { ...RULE, holdFor: '1h' } });
    assert.equal(held.alerts, 0);
    const unsaved = await ask({ key: 'home/room' }, 'new');
    assert.equal(unsaved.running, false);
    assert.equal(unsaved.seen.max >= 26, true, 'a node that is not deployed asks the recorder');
    const elsewhere = await ask({ key: 'home/room', rule: { ...RULE, limit: 'x', limitType: 'flow' } });
    assert.deepEqual([elsewhere.why, elsewhere.spans], ['elsewhere', undefined]);
    const typing = await ask({ key: 'home/room', rule: { ...RULE, holdFor: '5x' } });
    assert.deepEqual([typing.why, typing.spans], ['problem', undefined]);
  });

  it('counts over all keys behind a wildcard, not over the one that is shown (one example stands for all)', async () => {
    // `home/first` says 1; `home/room` has passed 25 twice, and is above it now.
    const day = await ask({ key: 'home/first' });
    assert.deepEqual([day.key, day.alerts], ['home/first', 0]);
    const { fired, firedKeys, firing, alerts, keys } = day.total;
    assert.deepEqual([fired, firedKeys, firing, alerts], [[['home/room', 2]], 1, 1, 2]);
    assert.ok(keys >= 2);
    const one = [{ broker: 'house', filter: 'home/room' }];
    assert.equal((await ask({ sources: one }, 'new')).total, undefined, 'there is one key');
    const typing = await ask({ rule: { ...RULE, holdFor: '5x' } }, 'new');
    assert.deepEqual([typing.why, typing.total], ['problem', undefined]);
  });

  it('knows texts, numbers in JSON, and what it cannot read', async () => {
    const door = await ask({ key: 'home/door', rule: { condition: 'equals', limit: 'Open' } }, 'new');
    assert.deepEqual(
      door.states.map(({ state }: { state: string }) => state),
      ['open', 'ajar'],
    );
    assert.equal(door.alerts, 1);
    const silent = await ask({ key: 'home/door', rule: { condition: 'nodata', noDataAfter: '5m' } }, 'new');
    assert.equal(silent.why, 'changes');
    const light = await ask({ key: 'home/light', rule: { condition: 'equals', limit: 'on' } }, 'new');
    assert.deepEqual([light.states[0].state, light.alerts], ['ON', 1]);
    const climate = [{ broker: 'house', filter: 'home/climate' }];
    const none = await ask({ sources: climate }, 'new');
    assert.equal(none.empty, 'unreadable');
    assert.deepEqual(none.fields, ['humidity', 'inner.value']);
    for (const [property, max] of [
      ['payload.humidity', 50],
      ['payload.inner', 3],
    ] as const) {
      const inner = await ask({ sources: climate, rule: { ...RULE, property } }, 'new');
      assert.equal(inner.seen.max, max);
    }
    const nothing = await ask({ sources: [{ broker: 'house', filter: 'other/+' }] }, 'new');
    assert.equal(nothing.empty, 'nothing');
    assert.ok(nothing.since > 0 && nothing.since <= nothing.to);
    assert.equal((await ask({ sources: [{ broker: 'none', filter: '#' }] }, 'new')).empty, 'noBroker');
  });

  it('stays calm whatever it is asked, and reads no environment variable out', async () => {
    const hostile: unknown[] = [
      null,
      [],
      { rule: null, sources: {}, points: 'x', key: 7 },
      {
        rule: { condition: 'above', limit: { toString: 1 }, property: '__proto__.x' },
        sources: [null, { broker: {} }],
      },
      {
        rule: { condition: 'constructor', keyBy: 'x'.repeat(5_000) },
        sources: [{ broker: 'house', filter: '#/#' }],
      },
      {
        rule: { ...RULE, noDataAfter: '1ms', holdFor: '1ms', keepFor: '1ms' },
        sources: SOURCES,
        points: 1e9,
      },
    ];
    for (const body of hostile) {
      const answer = await as('reader', '/dinox/alerts/alert/preview', body);
      assert.ok(answer.status === 200 || answer.status === 400, `${answer.status} ${answer.text}`);
    }
    const { text } = await as('reader', '/dinox/alerts/alert/preview', {
      rule: { ...RULE, unit: '${SECRET}', limit: '${SECRET}' },
      sources: SOURCES,
    });
    assert.doesNotMatch(text, /sesam/);
  });

  it('sends a test alert past everything, and nobody remembers it', async () => {
    const before = (await ask({ key: 'home/room' })).series;
    const { status, json } = await as('writer', '/dinox/alerts/alert/test', { key: 'home/room' });
    assert.equal(status, 200);
    assert.match(json.text, /^Test: 🟠 home\/room: 27\.5 °C is above 25 °C/);
    assert.equal(json.wired, true);
    const line = await until('the message', async () => /TOLD (\{.*\})/.exec(nodeRed.logs())?.[1]);
    const told = JSON.parse(line);
    assert.equal(told.alertId, undefined, 'it stands for no alert');
    assert.deepEqual(
      [told.payload.test, told.payload.number, told.payload.state, told.payload.text, told.topic],
      [true, 0, 'firing', json.text, 'home/room'],
    );
    const after = await ask({ key: 'home/room' });
    assert.deepEqual(
      after.series.max.filter((one: number | null) => one !== null).sort(),
      before.max.filter((one: number | null) => one !== null).sort(),
      'nothing is written in the history',
    );
    const { json: open } = await nodeRed.adminApi('GET', '/dinox/alerts', undefined, {
      Authorization: `Bearer ${tokens.reader}`,
    });
    assert.deepEqual(open.alerts, [], 'no state is touched');
  });

  it('sends few test alerts, and says when there may be another', async () => {
    const test = () => as('writer', '/dinox/alerts/alert/test', {});
    let answer = await test();
    for (let more = 0; more < 5 && answer.status === 200; more += 1) answer = await test();
    assert.equal(answer.status, 429);
    const { code, params, error } = answer.json;
    assert.equal(code, 'often');
    assert.match(error, /\d+ s/);
    assert.ok(params.seconds >= 1 && params.seconds <= 60, answer.text);
  });
});
