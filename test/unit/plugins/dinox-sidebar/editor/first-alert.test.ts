import assert from 'node:assert/strict';
import { alertFields } from '../../../../../src/plugins/dinox-sidebar/editor/first-alert/rule';
import {
  endSentence,
  planSentence,
} from '../../../../../src/plugins/dinox-sidebar/editor/first-alert/sentence';
import type { GuideState, StepHost } from '../../../../../src/plugins/dinox-sidebar/editor/first-alert/state';
import {
  presentValues,
  typedTopic,
} from '../../../../../src/plugins/dinox-sidebar/editor/first-alert/wildcard';
import type { Row } from '../../../../../src/plugins/dinox-sidebar/editor/rows';
import german from '../../../../../src/plugins/dinox-sidebar/locales/de.json';
import english from '../../../../../src/plugins/dinox-sidebar/locales/en-US.json';

const row = (topic: string, more: Partial<Row>): Row => ({
  ...{ topic, kind: 'json', text: '', retained: false, qos: 0, at: 1, count: 9, rate: 1, every: 60_000 },
  ...{ steady: true, bytes: 1 },
  ...more,
});

const state = (more: Partial<GuideState>): GuideState => ({
  ...{ broker: 'b', account: '', topic: { topic: 'home/freezer' }, field: undefined, condition: 'above' },
  ...{ limit: '-15', holdFor: '5m', hysteresis: '1', noDataAfter: '', called: '', unit: '°C' },
  ...{ recipient: { jid: 'anna@example.org', isRoom: false }, placed: { mqttIn: '', alert: '' } },
  ...more,
});

function hostOf(catalogue: typeof english, more: Partial<GuideState>): StepHost {
  const translate = (key: string, values: Record<string, unknown> = {}): string => {
    const found = key
      .split('.')
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], catalogue['dinox-sidebar']);
    assert.equal(typeof found, 'string', key);
    return String(found).replace(/__(\w+?)__/g, (_, name) => String(values[name]));
  };
  return { translate, state: state(more) } as StepHost;
}

describe('first alert', () => {
  it('a filter with wildcards has the fields of its topics', () => {
    const rows = [
      row('z/hall', { fields: { battery: 80, temperature: 20 } }),
      row('z/bath', { fields: { battery: 11, humidity: 70 }, every: 3_600_000 }),
      row('z/bath/deep', { fields: { other: 1 } }),
      row('z/lamp', { kind: 'text', text: 'on' }),
      row('z/gone', { kind: 'empty' }),
    ];
    const found = typedTopic('z/+', rows);
    assert.deepEqual(Object.keys(found.fields ?? {}), ['battery', 'temperature', 'humidity']);
    assert.deepEqual([found.topic, found.kind, found.every], ['z/+', 'json', 3_600_000]);
    assert.deepEqual(presentValues(found, 'battery'), [80, 11]);
    assert.deepEqual(presentValues(found, 'toString'), []);
    assert.deepEqual(typedTopic('z/hall', rows), { topic: 'z/hall' }, 'what was typed is no row');
    for (const filter of ['z/#/x', 'other/+', '+'])
      assert.deepEqual(typedTopic(filter, rows), { topic: filter });
    const temperatures = ['a', 'b'].map((name) =>
      row(`t/${name}`, { kind: 'number', number: 20, unit: '°C' }),
    );
    assert.deepEqual(
      [typedTopic('t/#', temperatures)].map(({ kind, unit, number }) => [kind, unit, number]),
      [['number', '°C', 20]],
    );
    const mixed = temperatures.map((one, i) => (i === 0 ? { ...one, unit: '°F' } : one));
    assert.equal(typedTopic('t/#', mixed).unit, undefined, 'a unit of one is none of the other');
  });

  it('the fields of the alert', () => {
    const common = { property: 'payload', propertyType: 'msg' };
    assert.deepEqual(alertFields(state({ limit: ' -15,5 ' })), {
      ...{ condition: 'above', limit: '-15.5', limitType: 'num', hysteresis: '1', holdFor: '5m' },
      ...common,
    });
    assert.deepEqual(alertFields(state({ condition: 'equals', limit: 'offen, weit', holdFor: '10m' })), {
      ...{ condition: 'equals', limit: 'offen, weit', limitType: 'str', holdFor: '10m' },
      ...common,
    });
    assert.deepEqual(alertFields(state({ condition: 'nodata', noDataAfter: '1h', field: 'a b' })), {
      ...{ condition: 'nodata', noDataAfter: '1h', property: 'payload["a b"]', propertyType: 'msg' },
    });
  });

  it('the rule as a sentence, in both languages', () => {
    const said = (catalogue: typeof english, more: Partial<GuideState> = {}): string => {
      const host = hostOf(catalogue, more);
      return `${planSentence(host)} ${endSentence(host)}`.replace(/\u00a0/g, ' ').trim();
    };
    assert.equal(
      said(english),
      'When home/freezer is above -15 °C for 5 min, anna@example.org gets a message. It resolves at -16 °C or less.',
    );
    assert.equal(
      said(german as typeof english),
      'Wenn home/freezer mindestens 5 min lang über -15 °C liegt, bekommt anna@example.org eine Nachricht. Der Alarm endet bei -16 °C oder weniger.',
    );
    assert.equal(
      said(english, { holdFor: '', hysteresis: '' }),
      'When home/freezer is above -15 °C, anna@example.org gets a message.',
    );
    assert.equal(
      said(english, { condition: 'below', limit: '20', unit: '%', hysteresis: '5', field: 'battery' }),
      'When home/freezer (battery) is below 20 % for 5 min, anna@example.org gets a message. It resolves at 25 % or more.',
    );
    const door = { condition: 'equals', limit: 'open', holdFor: '10m' } as const;
    assert.equal(
      said(english, door),
      'When home/freezer is “open” for 10 min, anna@example.org gets a message.',
    );
    const contact = { ...door, limit: 'false', field: 'contact' };
    assert.equal(
      said(english, contact),
      'When home/freezer (contact) is open for 10 min, anna@example.org gets a message.',
    );
    assert.equal(
      said(german as typeof english, door),
      'Wenn home/freezer mindestens 10 min lang „open“ ist, bekommt anna@example.org eine Nachricht.',
    );
    assert.equal(
      said(english, { condition: 'nodata', noDataAfter: '1h30m' }),
      'When nothing arrives from home/freezer for 1 h 30 min, anna@example.org gets a message.',
    );
  });
});
