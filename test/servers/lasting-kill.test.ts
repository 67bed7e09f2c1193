/**
 * Node-RED is killed with SIGKILL while flows hand messages over and the line to the broker is cut and refused: what
 * had been handed over a turn of the event loop before arrives, after a restart at the latest.
 */
import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { BROKER, tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Proxy as Line, type Mosquitto, startMosquitto, startProxy } from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { Record, SOURCE_NODE, SOURCE_PAGE } from './lasting-kill-node';
import { figure, LONG, shake, until } from './lasting-support';
import { dinoxBroker, dinoxOut } from './nodes-support';

const KILLS = LONG ? 20 : 3;
/** Messages a second: bursts of `burst` every `every` milliseconds. */
const LOAD = { every: 10, burst: 5 };

describe(`lasting: ${KILLS} kills of Node-RED under load, queuePersist`, () => {
  let broker: Mosquitto;
  let line: Line;
  let nodeRed: NodeRed | undefined;
  let observer: mqtt.MqttClient;
  before(async function () {
    this.timeout(60_000);
    broker = await startMosquitto({ extraConfig: 'max_queued_messages 0' });
    line = await startProxy({ target: { port: broker.port } });
  });
  after(async () => {
    await observer?.endAsync(true);
    await nodeRed?.kill();
    await line?.stop();
    await broker?.stop();
  });

  it('what was handed over arrives', async function () {
    this.timeout(60_000 + KILLS * 30_000);
    let run = 0;
    /** In which runs each message arrived. */
    const arrived = new Map<string, number[]>();
    observer = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'observer' });
    observer.on('message', (_topic, payload) => {
      const id = payload.toString();
      arrived.set(id, [...(arrived.get(id) ?? []), run]);
    });
    await observer.subscribeAsync('kill/#', { qos: 1 });

    const userDir = ownFolder(tmpdir());
    mkdirSync(join(userDir, 'nodes'));
    writeFileSync(join(userDir, 'nodes', 'source.js'), SOURCE_NODE);
    writeFileSync(join(userDir, 'nodes', 'source.html'), SOURCE_PAGE);
    const record = new Record(join(userDir, 'record.txt'));
    const source = { id: 'source', type: 'lasting-source', z: 'tab', x: 1, y: 1, wires: [['out']], ...LOAD };
    const queue = join(userDir, 'dinox', 'queues', `${BROKER}.log`);
    nodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      userDir,
      env: { LASTING_RECORD: record.file },
      settings: { mqttReconnectTime: 20 },
      flows: [
        tab(),
        dinoxBroker({
          host: '127.0.0.1',
          port: String(line.port),
          usetls: false,
          serverType: 'mosquitto',
          protocolVersion: '5',
          queuePersist: true,
          queueMessages: 100_000,
        }),
        source,
        dinoxOut('out', { qos: '1' }),
      ],
    });

    /** Messages whose removal had been written before the kill, by the run in which that was. */
    const settledIn = new Map<string, number>();
    let mostQueued = 0;
    for (; run < KILLS; run++) {
      await shake(line);
      await nodeRed.kill();
      await line.refuse(false);
      for (const [id, { settled }] of record.read().fates)
        if (settled && !settledIn.has(id)) settledIn.set(id, run);
      mostQueued = Math.max(mostQueued, statSync(queue, { throwIfNoEntry: false })?.size ?? 0);
      await nodeRed.restart();
    }
    // The last run is left in peace; what it hands over is no longer counted.
    const handedBefore = [...record.read().fates];
    const missing = (): string[] =>
      handedBefore.filter(([id, { turned }]) => turned && !arrived.has(id)).map(([id]) => id);
    await until('all arrived', () => missing().length === 0, 15_000).catch(() => {});
    await nodeRed.kill();

    assert.deepEqual(missing(), [], 'handed over a turn before the kill, and lost');
    const errors = handedBefore.flatMap(([, fate]) => fate.errors);
    assert.deepEqual(errors, [], 'nothing was too much, so nothing was refused');
    assert.deepEqual(
      handedBefore.filter(([, { done }]) => done > 1).map(([id]) => id),
      [],
      'done twice',
    );
    // What the process knew to be confirmed, and had written so, is not sent by the next one.
    const again = [...settledIn].filter(([id, when]) => arrived.get(id)?.some((which) => which > when));
    assert.deepEqual(again, [], 'sent again although it was settled');
    assert.ok(handedBefore.length > KILLS * 50, `${handedBefore.length} messages were handed over`);

    const lastTurn = handedBefore.filter(([, { turned }]) => !turned);
    const twice = handedBefore.filter(([id]) => (arrived.get(id)?.length ?? 0) > 1);
    const after = handedBefore.filter(([id]) => {
      const runs = arrived.get(id);
      return runs && settledIn.get(id) === undefined && runs.length > 0;
    });
    figure(`${KILLS} kills`, {
      'handed over': handedBefore.length,
      lost: 0,
      'without a done before the kill, and arrived': after.length,
      twice: twice.length,
      'handed over in the last turn': lastTurn.length,
      'of these lost': lastTurn.filter(([id]) => !arrived.has(id)).length,
      'largest file': mostQueued,
    });
    assert.ok(after.length > 0, 'the journal had nothing to do: this run proves nothing');
  });
});
