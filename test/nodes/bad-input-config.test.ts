/** What cannot work in a `dinox-broker`: named at deploy and in the status, with what to do; nothing hangs. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { bothWays, wire } from '../conformance/connection-flow';
import { BROKER, broker, mqttOut } from '../support/flows';
import type { RunningFlow } from '../support/runtime';
import { startMosquitto } from '../support/servers';
import { assertClear, assertRefused, assertWorks, bothVersions, workbench } from './bad-input';

/** The other account on the same tab works all the time. */
async function assertOthersWork(flow: RunningFlow, context: Parameters<typeof workbench>[0]): Promise<void> {
  await flow.shows('out', 'green');
  await assertWorks(flow, context);
}

const WRONG: [title: string, properties: object, says: RegExp[]][] = [
  ['port 0', { port: '0' }, [/port/i, /\b0\b/, /65[,. ]?535/]],
  ['port 70000', { port: '70000' }, [/port/i, /70000/, /65[,. ]?535/]],
  ['port abc', { port: 'abc' }, [/port/i, /abc/, /number|65[,. ]?535/]],
  ['port 18.5', { port: '18.5' }, [/port/i, /18\.5/]],
  ['port -1', { port: '-1' }, [/port/i, /-1/]],
  [
    'a host with a path and no scheme',
    { broker: 'example.org/mqtt' },
    [/example\.org\/mqtt/, /wss?:\/\/|scheme/],
  ],
  [
    'a host with a path and no scheme, as `host`',
    { broker: '', host: 'example.org/mqtt' },
    [/example\.org\/mqtt/, /wss?:\/\/|scheme/],
  ],
  [
    'a host with a port in it',
    { broker: 'example.org:1883' },
    [/example\.org:1883/, /port|wss?:\/\/|scheme/i],
  ],
  ['a host with blanks', { broker: 'my broker' }, [/my broker/, /host/i]],
  ['a scheme that is not MQTT', { broker: 'ftp://example.org' }, [/ftp/, /mqtts?|wss?/]],
  ['a host and nothing else in the URL', { broker: 'mqtt://' }, [/mqtt:\/\//, /host/i]],
  ['JID @', { jid: '@' }, [/@/, /JID/, /\w@\w/]],
  ['JID a@', { jid: 'a@' }, [/a@/, /JID/]],
  ['JID a@b/', { jid: 'a@b/' }, [/a@b\//, /JID/, /slash|resource/i]],
  ['JID a b@c', { jid: 'a b@c' }, [/a b@c/, /JID/]],
  ['JID @b', { jid: '@b' }, [/@b/, /JID/]],
  ['JID a@b@c', { jid: 'a@b@c' }, [/a@b@c/, /JID/]],
  ['a protocol version that does not exist', { protocolVersion: '9' }, [/version/i, /9/]],
  ['a keep-alive that no packet can hold', { keepalive: '70000' }, [/keep-?alive/i, /70000|65[,. ]?535/]],
  ['a will with wildcards', { willTopic: 'a/#', willPayload: 'x' }, [/will/i, /a\/#/]],
  ['a birth message with wildcards', { birthTopic: 'a/+', birthPayload: 'x' }, [/birth/i, /a\/\+/]],
];

bothVersions('bad input: broker config', (context, version) => {
  for (const [title, properties, says] of WRONG) {
    it(title, async () => {
      const bad = { ...broker(1, version, properties), id: 'bad' };
      const flow = await context().load([
        ...workbench(context(), version),
        bad,
        mqttOut('victim', { broker: 'bad' }),
      ]);

      const said = await flow.until('a complaint', () => {
        const entries = flow.complaints().filter((entry) => ['bad', 'victim'].includes(entry.node ?? ''));
        return entries.length > 0 && entries;
      });
      assert.equal(said.length, 1, said.map((entry) => entry.text).join(' | '));
      assertClear(said[0]?.text, says);
      await flow.shows('victim', 'red');
      assert.equal(flow.node('bad').connected, false);
      await assertOthersWork(flow, context());
    });

    it(`${title}: a message gets an error, and a corrected deploy works`, async () => {
      const right = { ...broker(context().port, version), id: 'bad' };
      const nodes = (config: ReturnType<typeof broker>) => [
        ...workbench(context(), version),
        config,
        mqttOut('victim', { broker: 'bad' }),
      ];
      const flow = await context().load(nodes({ ...broker(1, version, properties), id: 'bad' }));

      const bad = { topic: `${context().prefix}/x`, payload: 'x' };
      const completion = await flow.call('victim', bad);
      assertClear(completion.error, says.slice(0, 1));
      assert.equal(flow.completionsOf(bad).length, 1);
      await flow.deploy(context().types(nodes(right)));
      await flow.shows('victim', 'green');
      await assertWorks(flow, context(), 'victim');
    });
  }
});

bothVersions('bad input: the action connect', (context, version) => {
  for (const [title, changes, says] of [
    ['with a port that does not exist', { port: '70000' }, [/port/i, /70000/]],
    ['with a port that is no number', { port: 'abc' }, [/port/i, /abc/]],
    ['with a host with blanks', { broker: 'my broker' }, [/my broker/]],
    ['with a scheme that is not MQTT', { url: 'ftp://127.0.0.1' }, [/ftp/]],
    ['with a protocol version that does not exist', { protocolVersion: 9 }, [/version/i, /9/]],
  ] as const) {
    it(`${title}: an error, and the next connect works`, async () => {
      const flow = await context().load(workbench(context(), version, {}, { autoConnect: false }));
      const bad = { action: 'connect', broker: changes };

      await assertRefused(flow, 'out', bad, [...says]);
      const good = await flow.call('out', { action: 'connect', broker: { port: String(context().port) } });

      assert.equal(good.error, undefined);
      await assertWorks(flow, context());
    });

    it(`${title}, by force: an error, and the connection stays`, async () => {
      const flow = await context().load(workbench(context(), version));
      await flow.shows('out', 'green');

      await assertRefused(flow, 'out', { action: 'connect', broker: { ...changes, force: true } }, [...says]);

      await assertWorks(flow, context());
    });
  }

  it('with a wrong password: an error, once, and the right one works', async () => {
    const mosquitto = await startMosquitto({ users: { anna: 'geheim' } });
    context().after(() => mosquitto.stop());
    const port = String(mosquitto.port);
    const flow = await context().load(workbench(context(), version, {}, { autoConnect: false, port }));

    const wrong = { action: 'connect', broker: { username: 'anna', password: 'wrong-one' } };
    await assertRefused(flow, 'out', wrong, [/password|login|not author|refused/i]);
    assert.doesNotMatch(JSON.stringify([flow.logged, flow.statuses]), /wrong-one/);
    const right = await flow.call('out', {
      action: 'connect',
      broker: { username: 'anna', password: 'geheim' },
    });

    assert.equal(right.error, undefined);
    await assertWorks(flow, context());
  });
});

bothVersions('bad input: two brokers with one client id', (context, version) => {
  it('is recognised and named, and does not throw one another out for ever', async () => {
    const line = await wire(context());
    const clientid = `${context().prefix}/twin`;
    const one = bothWays(line.port, version, `${context().prefix}/#`, { clientid });
    const other = { ...broker(line.port, version, { clientid }), id: 'twin' };
    const settings = { mqttReconnectTime: 1_000 };
    const flow = await context().load([...one, other, mqttOut('victim', { broker: 'twin' })], {}, settings);

    const said = await flow.until(
      'a complaint',
      () => flow.complaints().find((entry) => /client id/i.test(entry.text)),
      8_000,
    );

    assertClear(said.text, [new RegExp(clientid), /client id/i]);
    assert.ok([BROKER, 'twin', 'victim', 'in', 'out'].includes(said.node ?? ''));
    const before = line.connections;
    await sleep(4_000);
    assert.ok(line.connections - before <= 8, `${line.connections - before} more connections within 4 s`);
  }).timeout(20_000);
});
