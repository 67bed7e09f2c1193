/**
 * `dinox-alert` in a whole Node-RED with a real broker: what a broker had kept is no sign of life, what is merely
 * published retained is one, a deploy gives no silence a new beginning, and a process that was stopped reads what waits
 * in its socket before it misses anybody.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { Flow } from '../support/flows';
import { tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { dinoxBroker, dinoxIn, dinoxOut } from './nodes-support';

const AFTER_MS = 2_000;

describe('dinox-alert: silences with a real broker, in a whole Node-RED', function () {
  this.timeout(120_000);
  let broker: Mosquitto;
  let nodeRed: NodeRed | undefined;
  let sensors: mqtt.MqttClient | undefined;
  let stopSensors = (): void => undefined;

  after(async () => {
    stopSensors();
    await sensors?.endAsync(true);
    await nodeRed?.kill();
    await broker?.stop();
  });

  it('retained, deploys, a process that is stopped', async () => {
    broker = await startMosquitto({});
    sensors = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 });
    const client = sensors;
    const told: string[] = [];
    client.on('message', (_topic, payload) => {
      const { key, state } = JSON.parse(payload.toString()) as { key: string; state: string };
      told.push(`${key} ${state}`);
    });
    await client.subscribeAsync('told');
    await client.publishAsync('sensors/dead', '20', { retain: true });
    const living = setInterval(() => {
      // As Zigbee2MQTT does with `retain`: to whoever wants to see the flag, it is set on live ones too.
      client.publish('sensors/retained', '20', { retain: true });
      client.publish('sensors/plain', '20');
    }, 250);
    stopSensors = () => clearInterval(living);

    const flows = (name: string): Flow => [
      tab(),
      dinoxBroker({
        host: '127.0.0.1',
        port: String(broker.port),
        usetls: false,
        serverType: 'mosquitto',
        protocolVersion: '5',
      }),
      dinoxIn('in', 'sensors/#', { rap: true, wires: [['alert']] }),
      {
        id: 'alert',
        type: 'dinox-alert',
        z: 'tab',
        x: 1,
        y: 1,
        name,
        condition: 'above',
        limit: '25',
        noDataAfter: `${AFTER_MS}ms`,
        wires: [['out'], [], []],
      },
      dinoxOut('out', { topic: 'told', qos: '1' }),
    ];
    nodeRed = await startNodeRed({ version: '4', linkPackage: true, flows: flows('first') });
    const { pid } = nodeRed;
    await nodeRed.until('the dead one is missed', () => told.length > 0, 20_000);
    assert.deepEqual(told, ['sensors/dead nodata']);

    await nodeRed.deploy(flows('second'));
    await sleep(1_000);
    assert.deepEqual(told, ['sensors/dead nodata'], 'what the broker had kept ends nothing');

    process.kill(pid, 'SIGSTOP');
    await sleep(AFTER_MS + 2_500);
    process.kill(pid, 'SIGCONT');
    await sleep(AFTER_MS);
    assert.deepEqual(told, ['sensors/dead nodata'], 'our own pause is nobody else’s silence');

    stopSensors();
    await nodeRed.until('the others are missed', () => told.length > 2, 20_000);
    await client.publishAsync('sensors/dead', '21', { retain: true });
    await nodeRed.until('the dead one is back', () => told.length > 3, 20_000);
    assert.deepEqual(told.slice(1).sort(), [
      'sensors/dead normal',
      'sensors/plain nodata',
      'sensors/retained nodata',
    ]);
  });
});
