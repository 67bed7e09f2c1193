import assert from 'node:assert/strict';
import { payloadFor, readActuators, readValue } from '../../../src/answers/actuators';
import { readOrder } from '../../../src/answers/orders';
import { read } from './answers-support';

const row = (name: string, more: object = {}) => ({
  ...{
    name,
    topic: 'home/light/set',
    payload: '{{value}}',
    qos: '1',
    retain: false,
    allow: 'anna@example.org',
  },
  ...more,
});
const faultsOf = (...rows: unknown[]): string[] =>
  readActuators(rows).problems.map(({ number, field, text }) => `${number} ${field}: ${read(text)}`);

describe('the table of devices', () => {
  it('names what is wrong with a row, and keeps the others', () => {
    assert.deepEqual(faultsOf(row('light')), []);
    assert.match(faultsOf(row('light', { topic: 'home/+/set' })).join(), /1 topic: .*wildcard/i);
    assert.match(faultsOf(row('light', { topic: 'home/#' })).join(), /1 topic: /);
    assert.match(faultsOf(row('light', { topic: '' })).join(), /1 topic: /);
    assert.match(faultsOf(row('!')).join(), /1 name: /);
    assert.match(
      faultsOf(row('Licht Küche'), row('kitchen light')).join(),
      /2 name: the same name as in row 1/,
    );
    assert.match(faultsOf(row('light', { payload: '' })).join(), /1 payload: /);
    assert.match(faultsOf(row('light', { payload: '{{now}}' })).join(), /only \{\{value\}\}/);
    assert.match(faultsOf(row('light', { payload: '{"a": {{value}' })).join(), /1 payload: /);
    assert.match(faultsOf(row('light', { qos: '3' })).join(), /1 qos: /);
    assert.match(faultsOf(row('light', { allow: 'anna@example.org @@' })).join(), /1 allow: /);
    assert.equal(
      readActuators([row('a', { topic: '#' }), row('b'), null, 7, { __proto__: row('c') }]).actuators.length,
      1,
    );
    assert.equal(faultsOf(...Array(200).fill(row('x'))).filter((one) => /at most 100/.test(one)).length, 1);
    assert.deepEqual(readActuators('nothing').actuators, []);
  });

  it('puts a value where it belongs, and never lets it out of its place', () => {
    const made = (payload: string, value: string | number | boolean) => payloadFor({ payload }, value);
    assert.equal(made('{{value}}', true), 'ON');
    assert.equal(made('{{value}}', 21.5), '21.5');
    assert.equal(made('{"target": {{value}}}', 21), '{"target": 21}');
    assert.equal(made('{"state": "{{value}}"}', false), '{"state": "OFF"}');
    assert.equal(made('{"on": {{value}}}', true), '{"on": true}');
    assert.equal(made('{"target": {{value}}}', 'warm'), undefined);
    assert.equal(made('{"mode": "{{value}}"}', 'a"b\\'), '{"mode": "a\\"b\\\\"}');
    assert.equal(made('OPEN', 'x'), 'OPEN');
  });

  it('reads values of both languages, and nothing that is none', () => {
    assert.deepEqual(['on', 'AUS', 'ein', '21', '21,5 °C', '-3', '40%', 'eco'].map(readValue), [
      true,
      false,
      true,
      21,
      21.5,
      -3,
      40,
      'eco',
    ]);
    for (const bad of ['', '  ', 'is nice', '"', '{}', 'a\nb', 'x'.repeat(65), '\u202e'])
      assert.equal(readValue(bad), undefined, bad);
  });
});

describe('orders', () => {
  const { actuators } = readActuators([
    row('light living room'),
    row('heating', { payload: '{"target": {{value}}}' }),
    row('Rollo Küche'),
    row('open garage', { payload: 'OPEN' }),
  ]);
  const order = (text: string) => {
    const found = readOrder(text, actuators);
    return (
      found &&
      `${found.isGuess ? '? ' : ''}${found.actuator.name}${found.value === undefined ? '' : ` = ${found.value}`}`
    );
  };

  it('are understood as people say them', () => {
    for (const text of [
      'light living room on',
      'Living room light ON',
      'Licht Wohnzimmer an',
      'turn on the light in the living room',
      'schalte das Licht im Wohnzimmer an',
      'Wohnzimmerlicht an!',
      'switch the living room light on please',
    ])
      assert.equal(order(text), 'light living room = true', text);
    for (const text of [
      'heating 21',
      'Heizung auf 21',
      'set heating to 21',
      'stelle die Heizung auf 21 °C',
      'heating 21 degrees',
    ])
      assert.equal(order(text), 'heating = 21', text);
    assert.equal(order('kitchen blinds zu'), 'Rollo Küche = CLOSE');
    assert.equal(order('open garage'), 'open garage');
    assert.equal(order('set heating eco'), 'heating = eco');
  });

  it('are asked back where it may be something else', () => {
    assert.equal(order('heatng 21'), '? heating = 21');
    assert.equal(order('heating broken'), '? heating = broken');
  });

  it('are none in what people say beside them', () => {
    for (const text of [
      '',
      'light',
      'heating',
      'light living room on?',
      'the heating is broken',
      'light kitchen on',
      'light living room and heating on',
      'on',
      '21',
      'heating\n21',
      'x '.repeat(300),
      'heating on the roof',
    ])
      assert.equal(order(text), undefined, text);
  });
});
