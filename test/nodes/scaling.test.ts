/** Two Node-REDs that share the load by a shared subscription (MQTT 5 §4.8.2): each message is handled by one of them. */
import assert from 'node:assert/strict';
import mqtt, { type MqttClient } from 'mqtt';
import { broker, mqttIn, mqttOut, tab, withTypes } from '../support/flows';
import { NodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers';

const MESSAGES = 600;
const TYPES = { 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out', 'mqtt-broker': 'dinox-broker' };

describe('several Node-REDs on one broker', () => {
  let server: Mosquitto;
  let client: MqttClient;
  let nodes: NodeRed[] = [];
  /** Which Node-RED handled which message, in the order of arrival. */
  const handled: { by: string; number: number }[] = [];

  const start = (name: string) =>
    NodeRed.start({
      version: '4',
      linkPackage: true,
      flows: withTypes(
        [
          tab(),
          broker(server.port, 5),
          mqttIn('in', '$share/workers/work/#', 'out', { qos: '1' }),
          mqttOut('out', { topic: `done/${name}`, qos: '1' }),
        ],
        TYPES,
      ),
    });

  before(async function () {
    this.timeout(60_000);
    server = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
    client = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.port}`, { protocolVersion: 5 });
    await client.subscribeAsync('done/#', { qos: 1 });
    client.on('message', (topic, payload) => {
      handled.push({ by: topic.slice('done/'.length), number: Number(payload) });
    });
    nodes = await Promise.all([start('one'), start('two')]);
    for (const node of nodes) {
      await node.until('green', () => node.statusesOf('in').at(-1)?.fill === 'green');
    }
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await client.endAsync(true);
    await server.stop();
  });

  const publish = async (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      await client.publishAsync('work/x', String(number), { qos: 1 });
    }
  };
  const settled = async () => {
    for (let last = -1; handled.length !== last; ) {
      last = handled.length;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  };

  it('every message is handled by exactly one of two while both live', async function () {
    this.timeout(60_000);
    await publish(0, MESSAGES);
    await settled();

    const numbers = handled.map(({ number }) => number).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: MESSAGES }, (_, index) => index),
    );
    for (const name of ['one', 'two']) {
      const share = handled.filter(({ by }) => by === name).length;
      assert.ok(share > MESSAGES / 10, `${name} handled ${share}`);
    }
  });

  it('when one is killed the other takes all that comes; what is lost or doubled around the kill is told', async function () {
    this.timeout(60_000);
    handled.length = 0;
    const numbersOf = (name: string) => handled.filter(({ by }) => by === name).map(({ number }) => number);
    const sending = publish(0, MESSAGES);
    // In the middle of its work.
    while (numbersOf('one').length < 20) await new Promise((resolve) => setTimeout(resolve, 1));
    await nodes[0]?.kill();
    await sending;
    await publish(MESSAGES, MESSAGES + 500);
    await settled();

    const counts = new Map<number, number>();
    for (const { number } of handled) counts.set(number, (counts.get(number) ?? 0) + 1);
    const lost = Array.from({ length: MESSAGES }, (_, index) => index).filter(
      (number) => !counts.has(number),
    );
    const doubled = [...counts.values()].filter((count) => count > 1).length;
    const [killed, survivor] = [numbersOf('one'), numbersOf('two')];
    console.log(
      `      around a kill, of ${MESSAGES} messages: ${lost.length} lost, ${doubled} doubled; the killed one handled ${killed.length}`,
    );
    const after = handled.filter(({ number }) => number >= MESSAGES);
    assert.deepEqual([...new Set(after.map(({ by }) => by))], ['two']);
    assert.equal(after.length, 500);
    assert.ok(killed.length < MESSAGES / 2, 'it was killed before the end');
    for (const numbers of [killed, survivor])
      assert.equal(new Set(numbers).size, numbers.length, 'nobody handled one twice');
    // Lost is what the killed one had and did not get to: nothing before the last that it handled.
    const last = Math.max(...killed);
    assert.deepEqual(
      lost.filter((number) => number < last),
      [],
      `of those up to ${last}, which the killed one handled last`,
    );
  });
});
