/**
 * Two whole Node-REDs that show alerts in one Home Assistant. The second runs a copy of the first one's flow, with the
 * same ids and names.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Flow, node, tab } from '../support/flows';
import type { HomeAssistant } from '../support/homeassistant/home-assistant';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { dinoxBroker } from './nodes-support';

interface Neighbours {
  readonly hass: HomeAssistant;
  readonly nodeRed: NodeRed;
  readonly port: number;
}

const WITHIN_MS = 45_000;

/** @param alarms the alert of the first Node-RED fires and ends, and Home Assistant shows that */
export function haNeighbourSuite(all: () => Neighbours, alarms: () => Promise<void>): void {
  describe('with another Node-RED on the same broker', function () {
    this.timeout(120_000);
    let other: NodeRed;
    let observer: MqttClient;
    let mark = 0;
    /** Announcements that the server keeps, by topic. */
    const kept = new Map<string, string>();

    const alert = (id: string, name: string, broker: string): Flow => [
      node('inject', `${id}-warm`, {
        props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
        ...{ payload: '30', payloadType: 'num', topic: 'k/freezer' },
        ...{ repeat: '', once: false, wires: [[id]] },
      }),
      node('dinox-alert', id, {
        ...{ name, condition: 'above', limit: '25', unit: '°C', broker },
        ...{ showInHomeAssistant: true, wires: [[], [], []] },
      }),
    ];
    const connection = (id: string) =>
      dinoxBroker({ host: '127.0.0.1', port: String(all().port), usetls: false }, id);
    /** As the first one has it, and more of its own. */
    const copied = (...more: Flow): Flow => [
      tab(),
      connection('broker'),
      connection('second'),
      ...alert('alert', 'Freezer', 'broker'),
      ...more,
    ];

    before(async () => {
      // It has the first names.
      await alarms();
      mark = all().hass.logs().length;
      observer = await connectAsync(`mqtt://127.0.0.1:${all().port}`);
      observer.on('message', (topic, payload) => kept.set(topic, payload.toString()));
      await observer.subscribeAsync('homeassistant/device/#', { qos: 1 });
      const flows = copied(...alert('cellar', 'Cellar', 'broker'), ...alert('shed', 'Shed', 'second'));
      other = await startNodeRed({ version: '5', linkPackage: true, flows });
    });

    after(async () => {
      await other?.stop();
      await observer?.endAsync(true);
    });

    const eventually = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
      const end = Date.now() + WITHIN_MS;
      for (;;) {
        const found = await look();
        if (found !== undefined && found !== false) return found;
        if (Date.now() > end) throw new Error(`not in Home Assistant: ${what}`);
        await sleep(200);
      }
    };
    const there = (entityId: string, ...states: readonly string[]) =>
      eventually(`${entityId}: ${states.join(' or ')}`, async () =>
        (await all().hass.states()).find(
          ({ entity_id, state }) => entity_id === entityId && states.includes(state),
        ),
      );
    /** Names of the entities of ours in its registry, for which that is so. */
    const registered = async (isMeant: (entityId: string) => boolean): Promise<string[]> => {
      const entities = await all().hass.ask<{ entity_id: string; unique_id: string }[]>(
        'config/entity_registry/list',
      );
      const ours = entities.filter(({ unique_id: id }) => /^[0-9a-f]{32}_/.test(id));
      return ours.map(({ entity_id }) => entity_id).filter(isMeant);
    };
    const devices = async (): Promise<number> => {
      const found = await all().hass.ask<{ manufacturer: string }[]>('config/device_registry/list');
      return found.filter(({ manufacturer }) => manufacturer === 'DinoX').length;
    };
    const complaints = (): string[] =>
      all()
        .hass.logs()
        .slice(mark)
        .split('\n')
        .filter((line) => / (?:WARNING|ERROR) .*mqtt/i.test(line));

    it('each has devices of its own, and an alert there is none here', async () => {
      await other.inject('alert-warm');
      await there('binary_sensor.freezer_k_freezer_alarm_2', 'on');
      await there('binary_sensor.freezer_k_freezer_alarm', 'off');
      await alarms();
      await there('binary_sensor.freezer_k_freezer_alarm_2', 'on');
      assert.equal(await devices(), 3);
      assert.deepEqual(complaints(), []);
    });

    it('a command reaches the one that it is for', async () => {
      const { hass } = all();
      await hass.call('number.set_value', { entity_id: 'number.freezer_limit_2', value: 27 });
      await there('number.freezer_limit_2', '27', '27.0');
      await there('number.freezer_limit', '25', '25.0');
      await hass.call('button.press', { entity_id: 'button.freezer_k_freezer_ack_2' });
      await eventually('acknowledged', async () => {
        const one = (await hass.states()).find(
          ({ entity_id }) => entity_id === 'binary_sensor.freezer_k_freezer_alarm_2',
        );
        return one?.attributes.acknowledged_by === 'Home Assistant';
      });
    });

    it('when one dies, its entities are unavailable, and none of the other', async () => {
      await other.kill();
      await there('binary_sensor.freezer_k_freezer_alarm_2', 'unavailable');
      await alarms();
      await other.restart();
      await there('binary_sensor.freezer_k_freezer_alarm_2', 'on');
    });

    it('what leaves one while Home Assistant is away, goes there, though Node-RED starts anew meanwhile', async () => {
      const { hass } = all();
      await other.inject('cellar-warm');
      await other.inject('shed-warm');
      await there('binary_sensor.cellar_k_freezer_alarm', 'on');
      await there('binary_sensor.shed_k_freezer_alarm', 'on');
      await hass.stop();
      await other.deploy(copied());
      await other.restart();
      await eventually('an announcement without it', async () =>
        [...kept.values()].every((payload) => !/Cellar|Shed/.test(payload)),
      );
      mark = hass.logs().length;
      await hass.restart();
      await there('binary_sensor.freezer_k_freezer_alarm_2', 'on');
      await eventually('only what is left', async () => {
        const left = await registered((id) => /cellar|shed/.test(id));
        return left.length === 0 && (await devices()) === 2;
      });
      await alarms();
      assert.deepEqual(complaints(), []);
    });

    it('the end of one takes nothing from the other', async () => {
      await other.deploy([tab()]);
      await eventually('one device', async () => (await devices()) === 1);
      assert.deepEqual(await registered((id) => id.endsWith('_2')), []);
      await alarms();
      assert.deepEqual(complaints(), []);
    });
  });
}
