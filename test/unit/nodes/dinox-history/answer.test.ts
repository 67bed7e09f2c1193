import assert from 'node:assert/strict';
import type { ValueZone } from '../../../../src/alert/value-zones';
import { CodedError } from '../../../../src/base/coded-error';
import type { HistoryRow } from '../../../../src/history/formats/rows';
import { History } from '../../../../src/history/history';
import { Entities } from '../../../../src/homeassistant/entities';
import { HomeNames } from '../../../../src/homeassistant/names';
import { type AskingMessage, answer, type FullAnswer } from '../../../../src/nodes/dinox-history/answer';
import { historySettings } from '../../../../src/nodes/dinox-history/config';
import {
  AlertSource,
  ConnectionSource,
  type HistorySource,
} from '../../../../src/nodes/dinox-history/sources';
import { Recorder } from '../../../../src/recorder/recorder';
import type { AlertRecordings } from '../../../../src/runtime/alert-recordings';
import type { DiscoveryReader } from '../../../../src/runtime/homeassistant/discovery-reader';
import { EntityFinder, type FoundEntity } from '../../../../src/runtime/homeassistant/entity-finder';
import { FakeClock } from '../../transport/fake-clock';

const HOUR = 3_600_000;

function clockOf(year: number): FakeClock {
  const clock = new FakeClock();
  clock.advance(Date.UTC(year, 2, 2) - clock.now());
  return clock;
}

class House {
  readonly clock = clockOf(2026);
  readonly recorder = new Recorder(this.clock);
  readonly names = new HomeNames(0);
  pauses = 0;
  readonly entities = new Entities();
  record: ((topic: string) => void) | undefined;
  zonesAbout = async (_topic: string, _field: string | undefined): Promise<ValueZone[]> => [];
  private changed: () => void = () => {};
  readonly finder = {
    find: (name: string): Promise<FoundEntity[]> => {
      const asked = this.reading.find(name);
      // The server has handed out what is announced.
      this.clock.advance(2_000);
      return asked;
    },
  };
  private readonly reading = new EntityFinder(
    {
      ...{ entities: this.entities, isIdle: false },
      listen: ({ changed }: { changed(): void }) => {
        this.changed = changed;
        return () => {};
      },
    } as unknown as DiscoveryReader,
    this.clock,
  );

  announce(id: string, config: object): void {
    this.entities.take(`homeassistant/sensor/${id}/config`, Buffer.from(JSON.stringify(config)));
    this.changed();
  }

  hear(topic: string, payload: unknown): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const message = { topic, payload: Buffer.from(text), qos: 0, retain: false, dup: false };
    this.recorder.take(message as never, false);
    this.clock.advance(1_000);
  }

  ask(fields: object, msg: AskingMessage = {}, source?: HistorySource): Promise<FullAnswer> {
    return answer(
      historySettings(fields as never),
      msg,
      source ?? new ConnectionSource(this.recorder, this.names, this.finder, this.zonesAbout, this.record),
      () => this.clock.now(),
      async () => {
        this.pauses += 1;
      },
    );
  }
}

const rejectsWith = (code: string, asked: Promise<unknown>): Promise<void> =>
  assert.rejects(asked, (error: Error) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.equal(error.code, code);
    assert.doesNotMatch(error.message, /__\w+__|undefined/);
    return true;
  });

describe('dinox-history', () => {
  it('a topic by the name that Home Assistant has for it, or by the entity id, with its field', async () => {
    const house = new House();
    for (const [id, name, field] of [
      ['t', 'Temperature', 'temperature'],
      ['h', 'Humidity', 'humidity'],
    ])
      house.announce(String(id), {
        ...{ name, unique_id: id, state_topic: 'z2m/bath', value_template: `{{ value_json.${field} }}` },
        device: { identifiers: ['b'], name: 'Bath' },
      });
    house.hear('z2m/bath', { temperature: 21, humidity: 60 });
    for (const name of ['Bath Temperature', ' bath temperature', 'sensor.bath_temperature', 'sensor.t']) {
      const { payload, history } = await house.ask({ format: 'table' }, { topic: name });
      assert.equal(history.topic, 'z2m/bath');
      assert.deepEqual(
        (payload as HistoryRow[])
          .filter(({ last }) => last !== undefined && last !== null)
          .map(({ last }) => last),
        [21],
        name,
      );
    }
    await rejectsWith('unknown-topic', house.ask({ topic: 'Bath Pressure' }));
    await rejectsWith('unknown-topic', house.ask({ topic: 'Bath/+' }));
  });

  it('a name whose topic is not recorded yet: what to do, or that it is from now on', async () => {
    const house = new House();
    house.announce('n', { name: 'Sensor #1', unique_id: 'n', state_topic: 'dev/1' });
    await rejectsWith('unrecorded-entity', house.ask({}, { topic: 'sensor.sensor_1' }));
    const recorded: string[] = [];
    house.record = (topic) => recorded.push(topic);
    await rejectsWith('recording-entity', house.ask({ topic: 'sensor #1' }));
    assert.deepEqual(recorded, ['dev/1']);
    house.hear('dev/1', '5');
    assert.equal((await house.ask({ topic: 'sensor #1' })).history.topic, 'dev/1');
    house.announce('m', { name: 'Sensor #1', unique_id: 'm', state_topic: 'dev/2' });
    await rejectsWith('several-entities', house.ask({ topic: 'Sensor #1' }));
  });

  it('answers with the values of a topic, and says what they are', async () => {
    const house = new House();
    house.hear('home/a', { value: 21, unit: '°C' });
    house.hear('home/a', { value: 23, unit: '°C' });
    const { payload, history } = await house.ask({
      topic: 'home/a',
      format: 'table',
      from: '1h',
      points: '1',
    });
    assert.equal((payload as HistoryRow[]).length, 1);
    const { min, max, last, count } = (payload as HistoryRow[])[0] as HistoryRow;
    assert.deepEqual({ min, max, last, count }, { min: 21, max: 23, last: 23, count: 2 });
    const now = house.clock.now();
    assert.deepEqual(history, {
      ...{ topic: 'home/a', points: 1, unit: '°C' },
      from: new Date(now - HOUR).toISOString(),
      to: new Date(now).toISOString(),
    });
  });

  it('takes from the message what the node leaves open, and nothing else', async () => {
    const house = new House();
    for (const topic of ['a', 'b']) house.hear(topic, '1');
    const asked = { topic: 'a', history: { format: 'array', from: '2h', to: '0s', points: 7 } };
    // Somebody who is spoken to, and an answer of another node, say nothing about the question.
    const chat = { ...asked, to: 'anna@example.org', from: 'bob@example.org', format: 'x', payload: 'chart' };
    const { history: answered } = await house.ask({}, chat as AskingMessage);
    assert.equal(answered.points, 7);
    assert.equal((await house.ask({}, { topic: 'a', history: answered })).history.points, 288);
    const { history } = await house.ask({ topic: 'b', points: '3', format: 'line' }, asked);
    assert.deepEqual([history.topic, history.points], ['b', 3]);
    const stamp = house.clock.now() - HOUR;
    for (const from of [stamp, String(stamp), new Date(stamp), new Date(stamp).toISOString(), '1h'])
      assert.equal(
        (await house.ask({ topic: 'a' }, { history: { from } })).history.from,
        new Date(stamp).toISOString(),
      );
  });

  it('a topic with JSON: each number of it, or one field; a filter: each topic', async () => {
    const house = new House();
    house.hear('z2m/bath', { temperature: 21, humidity: 60 });
    house.hear('z2m/cellar', { temperature: 12, humidity: 80 });
    house.hear('z2m/door', 'open');
    const sources = async (fields: object): Promise<string[]> => {
      const { payload } = await house.ask({ format: 'table', ...fields });
      const rows = payload as unknown as { topic?: string; field?: string }[];
      return rows.map(({ topic, field }) => `${topic} ${field}`);
    };
    assert.deepEqual(await sources({ topic: 'z2m/bath' }), ['z2m/bath humidity', 'z2m/bath temperature']);
    assert.deepEqual(await sources({ topic: 'z2m/bath', field: 'temperature' }), ['undefined undefined']);
    assert.deepEqual(await sources({ topic: 'z2m/+', field: 'temperature' }), [
      'z2m/bath temperature',
      'z2m/cellar temperature',
    ]);
    assert.equal((await sources({ topic: '#' })).length, 5);
    await rejectsWith('unknown-field', house.ask({ topic: 'z2m/bath', field: 'pressure' }));
  });

  it('an answer is bounded, and says what found no room in it', async () => {
    const house = new House();
    for (let room = 0; room < 70; room++) house.hear(`home/${String(room).padStart(2, '0')}`, '1');
    const csv = await house.ask({ topic: 'home/+', format: 'csv', points: '10000' });
    assert.equal(csv.history.leftOut, 20);
    assert.ok(csv.history.points <= 400, String(csv.history.points));
    assert.equal((await house.ask({ topic: 'home/+', format: 'svg' })).history.leftOut, 62);
    assert.ok(house.pauses > 4, 'others had their turn');
    house.hear('home/door', 'open');
    assert.equal((await house.ask({ topic: 'home/+', format: 'chart', points: '1' })).history.leftOut, 21);
    assert.equal((await house.ask({ topic: 'home/00' })).history.leftOut, undefined);
  });

  it('a week, in every form, where the connection keeps one; else it says since when there are values', async () => {
    const house = new House();
    house.recorder.history.keepWeek(true);
    for (let hour = 0; hour < 160; hour++) {
      house.hear('home/a', String(hour));
      house.clock.advance(HOUR - 1_000);
    }
    const asked = { topic: 'home/a', from: '7d' };
    const { payload, history } = await house.ask({ ...asked, format: 'table', points: '7' });
    const rows = payload as HistoryRow[];
    assert.deepEqual(
      [rows.length, rows[0]?.min, rows.at(-1)?.max, history.keptSince],
      [7, 0, 159, undefined],
    );
    assert.equal(Date.parse(history.to) - Date.parse(history.from), 168 * HOUR);
    const count = async (format: string, line: RegExp): Promise<number> =>
      (String((await house.ask({ ...asked, format })).payload).match(line) ?? []).length;
    assert.equal(await count('influx', /^dinox_history,topic=home\/a min=/gm), 160);
    assert.equal(await count('openmetrics', /^dinox_history_max\{/gm), 160);
    // Without a beginning it is all that is kept.
    const all = await house.ask({ topic: 'home/a', format: 'array' });
    assert.equal(Date.parse(all.history.to) - Date.parse(all.history.from), 168 * HOUR);
    house.recorder.history.keepWeek(false);
    const day = await house.ask({ ...asked, format: 'table' });
    assert.equal(day.history.keptSince, new Date(house.clock.now() - 24 * HOUR).toISOString());
    assert.ok(((day.payload as HistoryRow[])[0]?.min ?? 0) >= 134);
    assert.equal((await house.ask({ topic: 'home/a', from: '24h' })).history.keptSince, undefined);
  });

  it('names and units of Home Assistant, where there are any', async () => {
    const house = new House();
    const config = { name: 'T', state_topic: 'x', unit_of_measurement: '°F', unique_id: 'x' };
    house.names.take('homeassistant/sensor/x/config', Buffer.from(JSON.stringify(config)));
    house.hear('x', '70');
    assert.equal((await house.ask({ topic: 'x' })).history.unit, '°F');
    house.hear('y', { value: 1, unit: 'W' });
    assert.equal((await house.ask({ topic: 'y' })).history.unit, 'W');
    assert.equal((await house.ask({ topic: '+' })).history.unit, '', 'not the same');
  });

  it('bad input: an error that says what to do, and nothing of it is guessed', async () => {
    const house = new House();
    house.hear('a', '1');
    const wrong: [string, object, AskingMessage?][] = [
      ['topic', {}],
      ['topic', {}, { topic: '' }],
      ['topic', {}, { topic: 7 }],
      ['topic', { topic: 'a' }, { history: { field: {} } }],
      ['asked', { topic: 'a' }, { history: { form: '6h' } }],
      ['asked', { topic: 'a' }, { history: '6h' }],
      ['unknown-topic', { topic: 'nobody' }],
      ['unknown-topic', { topic: 'nobody/#' }],
      ['unknown-topic', { topic: 'constructor' }],
      ['filter-plus', { topic: 'a+' }],
      ['filter-hash', {}, { topic: 'a/#/b' }],
      ['time', { topic: 'a', from: 'tomorrow-ish' }],
      ['time', { topic: 'a' }, { history: { from: {} } }],
      ['order', { topic: 'a', from: '1h', to: '2h' }],
      ['points', { topic: 'a', points: '0' }],
      ['points', { topic: 'a' }, { history: { points: 1e6 } }],
      ['format', { topic: 'a', format: 'jpeg' }],
      ['format', { topic: 'a' }, { history: { format: 'toString' } }],
      ['what', { topic: 'a', what: 'both' }],
      ['alerts-source', { what: 'alerts', format: 'table' }],
    ];
    for (const [code, fields, msg] of wrong) await rejectsWith(code, house.ask(fields, msg));
  });

  it('a gauge: the last value, even a kept one, and the limits of alerts about that number', async () => {
    const house = new House();
    const asked: unknown[] = [];
    house.zonesAbout = async (...about) => {
      asked.push(about);
      return [
        { from: Number.NEGATIVE_INFINITY, level: 'normal' },
        { from: -15, level: 'warning' },
      ];
    };
    const gauge = (topic: string, more = {}) => house.ask({ topic, format: 'gauge', ...more });
    assert.deepEqual((await gauge('a')).payload, null, 'nothing came yet');
    await rejectsWith('unknown-topic', house.ask({ format: 'gauge' }, { topic: 'a' }));
    house.recorder.take({ topic: 'a', payload: Buffer.from('-10'), qos: 0, retain: true } as never, true);
    assert.equal((await gauge('a')).payload, -10, 'the server had kept it, and nothing is recorded');
    house.hear('a', { value: -18.5, unit: '°C' });
    const { payload, history, ui_update: update } = await gauge('a');
    assert.deepEqual([payload, history.topic, history.unit], [-18.5, 'a', '°C']);
    assert.deepEqual(
      update?.segments?.map(({ from }) => from),
      [Number.MIN_SAFE_INTEGER, -15],
    );
    assert.notEqual(update?.segments?.[0]?.color, update?.segments?.[1]?.color);
    assert.equal(update?.units, '°C');
    assert.deepEqual(JSON.parse(JSON.stringify(update)), update, 'it survives the way to the browser');
    house.hear('a', 'unavailable');
    assert.equal((await gauge('a')).payload, null, 'an old value is none');
    house.hear('z', { battery: 80, temperature: 4 });
    assert.equal((await gauge('z', { field: 'temperature' })).payload, 4);
    assert.equal((await gauge('z')).history.leftOut, 1);
    assert.deepEqual(asked.at(-2), ['z', 'temperature']);
    await rejectsWith('unknown-field', gauge('z', { field: 'constructor' }));
  });

  it('a chart of a topic that the node names is empty until something comes', async () => {
    const house = new House();
    assert.deepEqual((await house.ask({ topic: 'home/+', format: 'chart' })).payload, []);
    await rejectsWith('unknown-topic', house.ask({ format: 'chart' }, { topic: 'home/+' }));
    await rejectsWith('unknown-topic', house.ask({ topic: 'home/+', format: 'svg' }));
  });

  it('waits for what is being read from the disk', async () => {
    const house = new House();
    let loaded = (): void => {};
    house.recorder.loading = new Promise((resolve) => {
      loaded = resolve;
    });
    const asked = house.ask({ topic: 'a' });
    house.hear('a', '1');
    loaded();
    assert.equal((await asked).history.topic, 'a');
  });

  describe('of an alert', () => {
    const row = (key: string, since: number) => ({
      ...{ id: key, number: 1, key, state: 'normal' as const, severity: 'warning' as const },
      since: new Date(since).toISOString(),
      ...{
        until: null,
        acked: { by: 'anna', at: new Date(since).toISOString(), until: null, note: 'so' },
        text: `=${key}, "x"`,
      },
    });
    const recordings = (history: History | undefined, keys: string[]): AlertRecordings => ({
      loading: undefined,
      history,
      keys: () => keys,
      about: (key) => ({ key: key || '*', topic: key || 'Freezer', looks: { unit: '°C' } }),
      alerts: () => [row('b/1', 2_000), row('a', 1_000)],
      past: () => [],
      current: (key) => (key === '*' ? 6 : 7),
      field: undefined,
      facts: () => undefined,
      watched: () => ({ count: 0, keys: [] }),
      zones: () => [
        { from: Number.NEGATIVE_INFINITY, level: 'normal' },
        { from: 8, level: 'critical' },
      ],
    });

    it('all of its topics, or those that are asked for', async () => {
      const house = new House();
      const history = new History();
      for (const key of ['a', 'b/1', 'b/2']) history.record(key, house.clock.now() - 1, 5);
      const source = new AlertSource(() => recordings(history, ['a', 'b/1', 'b/2']));
      const topics = async (msg: AskingMessage): Promise<unknown[]> => {
        const { payload } = await house.ask({ format: 'table', points: '1' }, msg, source);
        return (payload as { topic?: string }[]).map(({ topic }) => topic);
      };
      assert.deepEqual(await topics({}), ['a', 'b/1', 'b/2']);
      assert.deepEqual(await topics({ topic: 'b/+' }), ['b/1', 'b/2']);
      assert.deepEqual(await topics({ topic: 'a' }), [undefined], 'one: its rows need no name');
      await rejectsWith('unknown-key', house.ask({}, { topic: 'c' }, source));
    });

    it('the only key of an alert for all messages has the name of the node', async () => {
      const house = new House();
      const history = new History();
      history.record('*', house.clock.now() - 1, 5);
      const source = new AlertSource(() => recordings(history, ['']));
      const { history: about } = await house.ask({ format: 'chart' }, {}, source);
      assert.deepEqual([about.topic, about.unit], ['Freezer', '°C']);
      const gauge = await house.ask({ format: 'gauge' }, {}, source);
      assert.deepEqual([gauge.payload, gauge.ui_update?.segments?.length], [6, 2]);
    });

    it('its alerts, as rows or as CSV', async () => {
      const house = new House();
      const source = new AlertSource(() => recordings(undefined, []));
      const fields = { what: 'alerts', format: 'table' };
      const { payload, history } = await house.ask(fields, {}, source);
      assert.deepEqual(payload, [row('b/1', 2_000), row('a', 1_000)]);
      assert.equal(history.points, 2);
      assert.equal(((await house.ask(fields, { topic: 'b/#' }, source)).payload as object[]).length, 1);
      assert.equal(
        ((await house.ask(fields, { history: { points: 1 } }, source)).payload as object[]).length,
        1,
      );
      const csv = String((await house.ask({ ...fields, format: 'csv' }, {}, source)).payload);
      assert.match(
        csv,
        /^id,number,key,state,severity,since,until,ackedBy,ackedAt,text,ackedUntil,note\r\nb\/1,1,b\/1,normal/,
      );
      assert.match(csv, /,anna,1970-01-01T00:00:02\.000Z,"'=b\/1, ""x""",,so\r\n/);
      await rejectsWith('alerts-format', house.ask({ ...fields, format: 'svg' }, {}, source));
    });

    it('one that is gone, or keeps no history, is named', async () => {
      const house = new House();
      await rejectsWith('alert-missing', house.ask({}, {}, new AlertSource(() => undefined)));
      const off = new AlertSource(() => recordings(undefined, []));
      await rejectsWith('alert-off', house.ask({}, {}, off));
    });
  });
});
